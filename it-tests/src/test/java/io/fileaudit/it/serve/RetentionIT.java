package io.fileaudit.it.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that keeps ended batches for a second takes them away, and says that they were there.
 */
@Timeout(120)
class RetentionIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private ServiceProcess service;
  private String key;

  private HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1" + path))
            .timeout(LIMIT)
            .header("Authorization", "Bearer " + key)
            .header(
                "Content-Type",
                path.endsWith("/events") ? "application/x-ndjson" : "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void outdatedBatchIsGoneAndNoOtherTakesItsId(@TempDir Path folder) throws Exception {
    try (AuditHome home = new AuditHome(folder)) {
      service =
          home.serve(Map.of("AUDIT_RETENTION", "PT1S", "AUDIT_RETENTION_NAMESPACES", "hr=off"));
      key = home.key();
      String batch = "/batches/" + UUID.randomUUID();
      String open = "/batches/" + UUID.randomUUID();
      String event = "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1}\n";
      for (String one : new String[] {batch, open}) {
        assertThat(call("PUT", one, "{}").statusCode()).isEqualTo(201);
        assertThat(call("POST", one + "/events", event).statusCode()).isEqualTo(200);
      }
      assertThat(call("PUT", batch + "/status", "{\"status\":\"COMPLETED\"}").statusCode())
          .isEqualTo(200);

      long end = System.nanoTime() + LIMIT.toNanos();
      while (call("GET", batch, "").statusCode() == 200 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }

      for (String below : new String[] {"", "/files", "/ledger", "/reconciliation"}) {
        HttpResponse<String> gone = call("GET", batch + below, "");
        assertThat(gone.statusCode()).as(below).isEqualTo(410);
        assertThat(AuditJson.lenient().readTree(gone.body()).path("type").asString())
            .isEqualTo("/problems/purged");
      }
      assertThat(call("PUT", batch, "{}").statusCode()).isEqualTo(410);
      assertThat(call("POST", batch + "/events", event).statusCode()).isEqualTo(410);
      assertThat(call("PUT", batch + "/status", "{\"status\":\"RUNNING\"}").statusCode())
          .isEqualTo(410);
      assertThat(call("GET", open, "").statusCode()).isEqualTo(200);
      assertThat(call("GET", "/batches/" + UUID.randomUUID(), "").statusCode()).isEqualTo(404);
      assertThat(call("GET", "/batches", "").body())
          .doesNotContain(batch.substring(9))
          .contains(open.substring(9));
    }
  }
}
