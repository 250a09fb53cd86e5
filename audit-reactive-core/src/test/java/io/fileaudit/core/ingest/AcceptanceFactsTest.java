package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.event.Ack;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What the service that this one takes over from was accepted by, on the pipeline. */
class AcceptanceFactsTest {
  private final AuditStore store = new MemoryAuditStore(InstantSource.system());
  private final Ingest ingest = Loads.ingest(store, WriteSettings.DEFAULTS);

  private Ack send(BatchKey key, String... lines) {
    return ingest
        .lines(Loads.source(key), Flux.fromArray(lines).map(Loads::buffer))
        .reduce(Ack::and)
        .blockOptional(Loads.PATIENCE)
        .orElseThrow();
  }

  private static String failed(String file) {
    return "{\"type\":\"FAILED\",\"file\":\""
        + file
        + "\",\"rows\":100,\"bytes\":1024,\"error\":{\"code\":\"x\"}}";
  }

  @Test
  void fourThreadsOfFiftyEventsAreAllCounted() throws Exception {
    BatchKey key = Loads.open(store);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Ack>> loaders =
          IntStream.range(0, 4)
              .<Callable<Ack>>mapToObj(
                  thread ->
                      () ->
                          send(
                              key,
                              IntStream.range(0, 50)
                                  .mapToObj(
                                      i ->
                                          i % 2 == 0
                                              ? Loads.completed(thread + "-" + i)
                                              : failed(thread + "-" + i))
                                  .toArray(String[]::new)))
              .toList();
      for (Future<Ack> loader : threads.invokeAll(loaders, 30, TimeUnit.SECONDS)) {
        assertThat(loader.get().accepted()).isEqualTo(50);
      }
    } finally {
      threads.shutdownNow();
    }

    Snapshot snapshot = Loads.snapshot(store, key);
    assertThat(snapshot.totals().files().completed()).isEqualTo(100);
    assertThat(snapshot.totals().files().failed()).isEqualTo(100);
    assertThat(snapshot.totals().rows()).isEqualTo(10_000);
    assertThat(snapshot.totals().bytes()).isEqualTo(102_400);
    assertThat(snapshot.totals().events()).isEqualTo(200);
    assertThat(snapshot.successRate()).isEqualTo(0.5);
  }

  @Test
  void failedFileAddsNoRowsAndNoBytes() {
    BatchKey key = Loads.open(store);

    send(key, "{\"type\":\"PROGRESS\",\"file\":\"a\",\"rows\":50,\"bytes\":500}", failed("a"));

    Snapshot snapshot = Loads.snapshot(store, key);
    assertThat(snapshot.totals().rows()).isZero();
    assertThat(snapshot.totals().bytes()).isZero();
    assertThat(snapshot.totals().rowsInFlight()).isZero();
    assertThat(snapshot.totals().files().failed()).isEqualTo(1);
  }

  @Test
  void oneCompletedAndOneFailedShowOneHundredRowsAnd1024Bytes() {
    BatchKey key = Loads.open(store);

    send(key, Loads.completed("good"), failed("bad"));

    Snapshot snapshot = Loads.snapshot(store, key);
    assertThat(snapshot.totals().rows()).isEqualTo(100);
    assertThat(snapshot.totals().bytes()).isEqualTo(1_024);
    assertThat(snapshot.totals().files().completed()).isEqualTo(1);
    assertThat(snapshot.totals().files().failed()).isEqualTo(1);
    assertThat(snapshot.successRate()).isEqualTo(0.5);
  }

  @Test
  void eventAfterCancellationChangesNothing() {
    BatchKey key = Loads.open(store);
    send(key, Loads.completed("a"));
    Batches batches = Loads.batches(store);
    Objects.requireNonNull(
        batches.decide(key, 1, BatchStatus.CANCELLED, null, "tester").block(Loads.PATIENCE));
    Snapshot before = Loads.snapshot(store, key);

    Ack ack = send(key, Loads.completed("b"));

    assertThat(ack.accepted()).isZero();
    assertThat(ack.refusals()).extracting("type").containsExactly("batch-ended");
    Snapshot after = Loads.snapshot(store, key);
    assertThat(after.status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(after.totals().files()).isEqualTo(before.totals().files());
    assertThat(after.totals().rows()).isEqualTo(before.totals().rows());
    assertThat(after.totals().events()).isEqualTo(before.totals().events());
    assertThat(after.endedAt()).isEqualTo(before.endedAt());
    assertThat(after.elapsedSeconds()).isEqualTo(before.elapsedSeconds());
  }

  @Test
  void subBatchShowsItsParent() {
    BatchKey parent = Loads.open(store);
    BatchKey child = Loads.open(store, BatchSpec.builder().parent(parent.id()).build());

    assertThat(Loads.snapshot(store, child).parent()).isEqualTo(parent.id());
    assertThat(Loads.snapshot(store, parent).parent()).isNull();
  }
}
