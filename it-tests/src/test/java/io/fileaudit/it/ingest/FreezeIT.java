package io.fileaudit.it.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.Heap;
import io.fileaudit.it.process.ServiceProcess;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A database that stands still for 20 seconds under a client that sends as fast as it can: the
 * client comes to a stand, the heap stays flat, nothing is lost, and it is soon as fast again.
 */
@Timeout(240)
class FreezeIT {
  private static final Duration FROZEN = Duration.ofSeconds(20);
  private static final Duration STALLED = Duration.ofSeconds(3);
  private static final Duration RECOVERY = Duration.ofSeconds(10);
  private static final Duration WINDOW = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final long WARM = 60_000;
  private static final long MIB = 1L << 20;
  private static final int LIVING = 30;

  @TempDir Path folder;

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicBoolean enough = new AtomicBoolean();
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
    acknowledged.addAndGet(ack.accepted());
  }

  /** As many as are taken, until it is enough. */
  private Flux<Event> events() {
    return Flux.<Event, Long>generate(
        () -> 0L,
        (position, sink) -> {
          if (enough.get()) {
            sink.complete();
          } else {
            sink.next(event(position));
          }
          return position + 1;
        });
  }

  @Test
  void frozenDatabaseSlowsTheClientAndLosesNothing() throws Exception {
    try (AuditHome home = new AuditHome(folder)) {
      ServiceProcess service =
          home.serve(Map.of("JAVA_TOOL_OPTIONS", "-Xmx192m -XX:+ExitOnOutOfMemoryError"));
      try (AuditCalls client = home.client()) {
        UUID batch = Objects.requireNonNull(client.open(BatchSpec.builder().build()).block()).id();
        Disposable sending =
            client
                .send(batch, 1, "freeze", events())
                .doFinally(signal -> ended.countDown())
                .subscribe(this::acknowledge, errors::add);
        awaitAcknowledged(WARM);
        long before = acknowledgedWithin(WINDOW);
        assertThat(before).as("acknowledged within %s", WINDOW).isPositive();
        long living = service.heap().livingBytes();

        freeze(home, service.heap(), living);

        awaitAcknowledgedWithinAWindow(before / 2);
        enough.set(true);
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        sending.dispose();
        assertThat(errors).isEmpty();
        assertThat(acknowledged).hasValue(sent.get());
        Snapshot snapshot = Objects.requireNonNull(client.snapshot(batch).block());
        assertThat(snapshot.totals().events()).isEqualTo(sent.get());
        assertThat(snapshot.totals().files().running()).isEqualTo(1_000);
        assertThat(snapshot.totals().rowsInFlight()).isEqualTo(greatestRows(sent.get()));
      }
    }
  }

  /** What the last thousand events say: each of them is the last one of its file. */
  private static long greatestRows(long events) {
    return LongStream.range(events - 1_000, events).sum();
  }

  private long acknowledgedWithin(Duration window) {
    long before = acknowledged.get();
    Mono.delay(window).block();
    return acknowledged.get() - before;
  }

  /** Waits until so many are acknowledged within some window that began in the time to recover. */
  private void awaitAcknowledgedWithinAWindow(long atLeast) {
    long looks = WINDOW.dividedBy(LOOK_EVERY);
    Boolean recovered =
        Flux.interval(Duration.ZERO, LOOK_EVERY)
            .map(tick -> acknowledged.get())
            .take(RECOVERY.plus(WINDOW))
            .buffer((int) looks + 1, 1)
            .any(window -> window.get(window.size() - 1) - window.get(0) >= atLeast)
            .block();
    assertThat(recovered)
        .as("%s within %s again, within %s, which was half before", atLeast, WINDOW, RECOVERY)
        .isTrue();
  }

  /** Loaders that go on are not called silent because nobody could write down that they did. */
  @Test
  void frozenDatabaseEndsNoBatchThatIsAlive() throws Exception {
    Duration idle = Duration.ofSeconds(2);
    try (AuditHome home = new AuditHome(folder)) {
      home.serve();
      try (AuditCalls client = home.client()) {
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

  /**
   * Stops the database's processes for a while, in which nothing is acknowledged, the client comes
   * to a stand, and the service's heap stays what it was.
   */
  private void freeze(AuditHome home, Heap heap, long living) throws Exception {
    long sentBefore = sent.get();
    List<ProcessHandle> database = home.cluster().processes();
    signal("STOP", database);
    try {
      Mono.delay(STALLED).block();
      long stalledAt = sent.get();
      long acknowledgedBefore = acknowledged.get();
      long first = heap.livingBytes();
      List<Long> later = new ArrayList<>();
      long over = System.nanoTime() + FROZEN.minus(STALLED).toNanos();
      while (System.nanoTime() < over) {
        Mono.delay(Duration.ofSeconds(2)).block();
        later.add(heap.livingBytes());
      }
      System.out.printf(
          "frozen: %d sent until it stood, heap %d MiB before, then %d and %s MiB%n",
          stalledAt - sentBefore,
          living / MIB,
          first / MIB,
          later.stream().map(bytes -> bytes / MIB).toList());
      assertThat(stalledAt - sentBefore).as("sent until it stood").isLessThan(60_000);
      assertThat(sent).as("sent while it stood").hasValue(stalledAt);
      assertThat(acknowledged).as("nothing is acknowledged meanwhile").hasValue(acknowledgedBefore);
      assertThat(first - living).as("what the stand itself holds").isLessThan(48 * MIB);
      assertThat(later).as("no growth while it stands").allMatch(now -> now < first + 8 * MIB);
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
