package io.fileaudit.it.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** What a webhook has to tell outlives the service, and comes signed and in order. */
@Timeout(180)
class WebhookIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a receiver got. */
  private record Told(String id, String time, String signature, byte[] body) {
    JsonNode event() {
      return AuditJson.lenient().readTree(body);
    }
  }

  @TempDir Path folder;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private AuditHome home;
  private HttpServer receiver;

  @BeforeEach
  void make() throws Exception {
    home = new AuditHome(folder);
  }

  @AfterEach
  void end() {
    if (receiver != null) {
      receiver.stop(0);
    }
    home.close();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private ServiceProcess serve() throws Exception {
    return home.serve(Map.of("AUDIT_WEBHOOKS_ALLOW", "127.0.0.1"));
  }

  private void receive(int port) throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    receiver.createContext("/", this::take);
    receiver.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    told.add(
        new Told(
            exchange.getRequestHeaders().getFirst("webhook-id"),
            exchange.getRequestHeaders().getFirst("webhook-timestamp"),
            exchange.getRequestHeaders().getFirst("webhook-signature"),
            exchange.getRequestBody().readAllBytes()));
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  private JsonNode put(ServiceProcess service, int port) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/webhooks/pager"))
                .header("Authorization", "Bearer " + home.key())
                .header("Content-Type", "application/json")
                .PUT(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"url\":\"http://127.0.0.1:%d/\",\"events\":[\"running\",\"failed\"]}"
                            .formatted(port)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return AuditJson.lenient().readTree(answer.body());
  }

  private static String signature(String secret, Told of) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((of.id() + "." + of.time() + ".").getBytes(StandardCharsets.UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(of.body()));
  }

  @Test
  void whatHappenedBeforeTheServiceDiedIsToldWhenItLivesAgain() throws Exception {
    int port = freePort();
    ServiceProcess service = serve();
    String secret = put(service, port).get("secret").asString();
    UUID batch;
    try (AuditCalls calls = home.client()) {
      batch = Objects.requireNonNull(calls.open(BatchSpec.builder().build()).block(PATIENCE)).id();
      calls
          .send(batch, 1, null, Flux.just(FileEvent.of(EventType.STARTED, "a").build()))
          .blockLast(PATIENCE);
      calls.status(batch, 1, BatchStatus.FAILED, "disk full").block(PATIENCE);
    }
    service.kill();
    assertThat(told).as("nobody listens yet").isEmpty();

    receive(port);
    serve();
    Awaitility.await().atMost(PATIENCE).until(() -> told.size() >= 2);

    assertThat(told)
        .extracting(one -> one.event().get("type").asString())
        .containsSubsequence("io.fileaudit.batch.running", "io.fileaudit.batch.failed");
    Told last = told.get(told.size() - 1);
    assertThat(last.event().get("subject").asString()).isEqualTo(batch.toString());
    assertThat(last.event().at("/data/verdict/message").asString()).isEqualTo("disk full");
    for (Told one : told) {
      assertThat(one.signature()).isEqualTo(signature(secret, one));
    }
  }
}
