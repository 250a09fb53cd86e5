package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * What the client costs beside one plain request: the same events, by {@link AuditCalls#send} in
 * one request that is not tried again, by a stream of the client, and by calls of one and of eight
 * threads. Client, service and PostgreSQL share the machine.
 */
class ClientBench {
  private static final int EVENTS = Integer.getInteger("audit.bench.events", 200_000);
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 5);
  private static final int THREADS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Instant BEGINNING = Instant.parse("2026-11-23T14:00:00.0005Z");
  private static final String CHECKSUM = "sha256:" + "9f86d081884c7d65".repeat(4);

  @TempDir private Path folder;

  private interface Load {
    long run() throws Exception;
  }

  @Test
  void measure() throws Exception {
    Measured measured = new Measured(Path.of("target", "bench", "client.json"));
    try (AuditHome home = AuditHome.asLaunched(folder)) {
      String url = home.serve().url();
      try (AuditClient client = AuditClient.builder().url(url).key(home.key()).build()) {
        for (int round = -1; round < ROUNDS; round++) {
          measure(measured, round, "plain", () -> plain(client.calls()));
          measure(measured, round, "stream", () -> stream(client));
          measure(measured, round, "one thread", () -> threads(client, 1));
          measure(measured, round, "eight threads", () -> threads(client, THREADS));
        }
      }
    }
    measured.ratio("stream over plain", "stream", "plain");
    measured.ratio("one thread over plain", "one thread", "plain");
    measured.ratio("eight threads over plain", "eight threads", "plain");
    measured.write();
  }

  private static void measure(Measured measured, int round, String name, Load load)
      throws Exception {
    long begun = System.nanoTime();
    long acknowledged = load.run();
    double seconds = (System.nanoTime() - begun) / 1e9;
    assertThat(acknowledged).isEqualTo(EVENTS);
    if (round >= 0) {
      measured.round(name, EVENTS / seconds, "events/s");
    }
  }

  private static FileEvent.Builder event(int n) {
    return FileEvent.of(EventType.COMPLETED, Workload.file(n))
        .at(BEGINNING.plusMillis(n))
        .attempt(1)
        .rows(675_000L)
        .bytes(14_175_000L)
        .checksum(CHECKSUM);
  }

  private static long plain(AuditCalls calls) {
    Snapshot batch =
        Objects.requireNonNull(calls.open(BatchSpec.builder().build()).block(PATIENCE));
    Flux<Event> events = Flux.range(0, EVENTS).map(n -> event(n).position(n + 1L).build());
    Ack all = calls.send(batch.id(), batch.run(), "plain", events).reduce(Ack::and).block(PATIENCE);
    return Objects.requireNonNull(all).accepted();
  }

  private static long stream(AuditClient client) {
    Flux<FileEvent> events = Flux.range(0, EVENTS).map(n -> event(n).build());
    Ack all =
        client
            .open(BatchSpec.builder().build())
            .flatMapMany(batch -> batch.send(events))
            .reduce(Ack::and)
            .block(PATIENCE);
    return Objects.requireNonNull(all).accepted();
  }

  private static long threads(AuditClient client, int count) throws Exception {
    BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
    ExecutorService threads = Executors.newFixedThreadPool(count);
    List<Future<?>> loads = new ArrayList<>();
    for (int thread = 0; thread < count; thread++) {
      int first = thread;
      loads.add(
          threads.submit(
              () -> {
                for (int n = first; n < EVENTS; n += count) {
                  batch.report(event(n).build());
                }
              }));
    }
    for (Future<?> load : loads) {
      load.get();
    }
    threads.shutdown();
    batch.flush();
    DeliveryReport report = batch.report();
    return report.acknowledged();
  }
}
