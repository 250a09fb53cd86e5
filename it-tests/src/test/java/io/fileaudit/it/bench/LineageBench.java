package io.fileaudit.it.bench;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many events of OpenLineage become durable, and how long each takes, where 1, 8 and 32 clients
 * post the START and COMPLETE of one run after another, each waiting for its answer: client,
 * service and database share the machine. Run it by {@code .ci/bench LineageBench}; {@code
 * -Daudit.bench.rounds} and {@code -Daudit.bench.seconds} change it.
 */
class LineageBench {
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 3);
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("audit.bench.seconds", 15));
  private static final List<Integer> CLIENTS = List.of(1, 8, 32);
  private static final Path RESULT = Path.of("target", "bench", "lineage.json");

  private static final String EVENT =
      """
      {"eventType":"%s","eventTime":"2026-11-01T10:00:00Z","producer":"https://example.org/loader",
       "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
       "run":{"runId":"%s","facets":{"nominalTime":{"nominalStartTime":"2025-02-01T00:00:00Z"}}},
       "job":{"namespace":"airflow","name":"load_empresa"},
       "inputs":[{"namespace":"s3://landing","name":"2025-02/EMPRECSV",
         "inputFacets":{"inputStatistics":{"rowCount":4494860,"size":96211345}}}],
       "outputs":[{"namespace":"postgres://db","name":"public.empresa",
         "outputFacets":{"outputStatistics":{"rowCount":4494860,"size":96211345}}}]}""";

  @TempDir Path folder;

  @Test
  void lineage() throws Exception {
    Measured measured = new Measured(RESULT);
    try (AuditHome home = AuditHome.asLaunched(Files.createDirectories(folder.resolve("home")))) {
      ServiceProcess service = home.serve();
      URI uri = URI.create(service.url() + "/api/v1/lineage");
      post(uri, home.key(), 8, LENGTH);
      Map<Integer, Histogram> latencies = new LinkedHashMap<>();
      for (int round = 1; round <= ROUNDS; round++) {
        for (int clients : CLIENTS) {
          long begun = System.nanoTime();
          Histogram latency = post(uri, home.key(), clients, LENGTH);
          double seconds = (System.nanoTime() - begun) / 1e9;
          measured.round(
              clients + " clients",
              latency.getTotalCount() / seconds,
              "events/s " + shown(latency));
          latencies.computeIfAbsent(clients, key -> new Histogram(3)).add(latency);
        }
      }
      latencies.forEach(
          (clients, latency) -> measured.note("latency, " + clients + " clients", shown(latency)));
      measured.write();
    }
  }

  private static Histogram post(URI uri, String key, int clients, Duration length)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long until = System.nanoTime() + length.toNanos();
      List<Future<Histogram>> posting = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        posting.add(threads.submit(() -> post(uri, key, until)));
      }
      Histogram all = new Histogram(3);
      for (Future<Histogram> one : posting) {
        all.add(one.get());
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Histogram post(URI uri, String key, long until) throws Exception {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    Histogram latency = new Histogram(3);
    while (System.nanoTime() < until) {
      String run = UUID.randomUUID().toString();
      for (String state : List.of("START", "COMPLETE")) {
        HttpRequest request =
            HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(EVENT.formatted(state, run)))
                .build();
        long begun = System.nanoTime();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        latency.recordValue(System.nanoTime() - begun);
        if (answer.statusCode() != 201) {
          throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
      }
    }
    return latency;
  }

  private static Map<String, Object> shown(Histogram latency) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("p50_ms", millis(latency.getValueAtPercentile(50)));
    shown.put("p99_ms", millis(latency.getValueAtPercentile(99)));
    return shown;
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e4) / 100.0;
  }
}
