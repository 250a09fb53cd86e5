package io.fileaudit.it.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A database that stands still for 20 seconds under a client that sends as fast as it can: the
 * client is slowed down, nothing is lost, and it goes on.
 */
@Timeout(240)
class FreezeIT {
  private static final Duration FROZEN = Duration.ofSeconds(20);
  private static final long EVENTS = 400_000;
  private static final long BEFORE = 40_000;
  private static final int LIVING = 30;

  @TempDir Path folder;

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final List<Throwable> errors = new CopyOnWriteArrayList<>();

  private Event event(long position) {
    sent.incrementAndGet();
    return FileEvent.of(EventType.PROGRESS, "file-" + position % 1_000)
        .rows(position)
        .position(position)
        .build();
  }

  private void acknowledge(Ack ack) {
    if (acknowledged.addAndGet(ack.accepted()) >= BEFORE) {
      begun.countDown();
    }
  }

  @Test
  void frozenDatabaseSlowsTheClientAndLosesNothing() throws Exception {
    try (AuditHome home = new AuditHome(folder)) {
      home.serve(Map.of("JAVA_TOOL_OPTIONS", "-Xmx192m -XX:+ExitOnOutOfMemoryError"));
      try (AuditClient client = home.client()) {
        UUID batch = Objects.requireNonNull(client.open(BatchSpec.builder().build()).block()).id();
        Disposable sending =
            client
                .send(batch, 1, "freeze", Flux.range(0, (int) EVENTS).map(i -> event(i)))
                .doFinally(signal -> ended.countDown())
                .subscribe(this::acknowledge, errors::add);
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        long sentWhileFrozen = freeze(home);

        assertThat(sentWhileFrozen).as("sent while nothing was committed").isLessThan(60_000);
        assertThat(ended.await(120, TimeUnit.SECONDS)).isTrue();
        sending.dispose();
        assertThat(errors).isEmpty();
        assertThat(acknowledged).hasValue(EVENTS);
        Snapshot snapshot = Objects.requireNonNull(client.snapshot(batch).block());
        assertThat(snapshot.totals().events()).isEqualTo(EVENTS);
        assertThat(snapshot.totals().files().running()).isEqualTo(1_000);
      }
    }
  }

  /** Loaders that go on are not called silent because nobody could write down that they did. */
  @Test
  void frozenDatabaseEndsNoBatchThatIsAlive() throws Exception {
    Duration idle = Duration.ofSeconds(2);
    try (AuditHome home = new AuditHome(folder)) {
      home.serve();
      try (AuditClient client = home.client()) {
        BatchSpec spec = BatchSpec.builder().limit(LimitName.IDLE, Limit.endAfter(idle)).build();
        List<UUID> batches =
            Objects.requireNonNull(
                Flux.range(0, LIVING)
                    .concatMap(i -> client.open(spec).map(Snapshot::id))
                    .collectList()
                    .block());
        Disposable sending =
            Flux.fromIterable(batches)
                .flatMap(
                    batch ->
                        client.send(
                            batch,
                            1,
                            "living",
                            Flux.interval(Duration.ofMillis(400))
                                .onBackpressureDrop()
                                .map(this::event)),
                    LIVING)
                .subscribe(this::acknowledge, errors::add);
        awaitAcknowledged(2L * LIVING);
        List<ProcessHandle> database = home.cluster().processes();
        signal("STOP", database);
        try {
          Mono.delay(idle.multipliedBy(3)).block();
        } finally {
          signal("CONT", database);
        }
        awaitAcknowledged(acknowledged.get() + 10L * LIVING);

        assertThat(errors).isEmpty();
        for (UUID batch : batches) {
          assertThat(Objects.requireNonNull(client.snapshot(batch).block()).status())
              .isEqualTo(BatchStatus.RUNNING);
        }
        sending.dispose();
      }
    }
  }

  private void awaitAcknowledged(long atLeast) {
    Mono.fromSupplier(() -> acknowledged.get() >= atLeast || !errors.isEmpty())
        .filter(Boolean.TRUE::equals)
        .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50)))
        .block(Duration.ofSeconds(60));
  }

  /** Stops the database's processes for a while and gives how much the client sent meanwhile. */
  private long freeze(AuditHome home) throws IOException, InterruptedException {
    List<ProcessHandle> database = home.cluster().processes();
    signal("STOP", database);
    try {
      Mono.delay(Duration.ofSeconds(3)).block();
      long acknowledgedBefore = acknowledged.get();
      long before = sent.get();
      Mono.delay(FROZEN.minusSeconds(3)).block();
      assertThat(acknowledged).as("nothing is acknowledged meanwhile").hasValue(acknowledgedBefore);
      return sent.get() - before;
    } finally {
      signal("CONT", database);
    }
  }

  private static void signal(String name, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    Process kill = new ProcessBuilder(command).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
