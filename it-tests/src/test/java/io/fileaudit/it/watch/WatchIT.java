package io.fileaudit.it.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What limits do by the store's times, seen by a loader. */
@Timeout(120)
class WatchIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration IDLE = Duration.ofSeconds(3);

  /** How late a verdict may be: a sweep and as much again for a machine that is busy. */
  private static final Duration LATE = Duration.ofMillis(1500);

  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;
  private static AuditCalls client;

  @BeforeAll
  static void serve() throws Exception {
    home = new AuditHome(folder);
    service = home.serve();
    client = home.client();
  }

  @AfterAll
  static void end() {
    client.close();
    home.close();
  }

  private static BatchSpec idle(Duration after) {
    return BatchSpec.builder().limit(LimitName.IDLE, Limit.endAfter(after)).build();
  }

  private static UUID open(BatchSpec spec) {
    return now(client.open(spec)).id();
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static Event started(String file) {
    return FileEvent.of(EventType.STARTED, file).build();
  }

  private static void send(UUID batch, String file) {
    now(client.send(batch, 1, null, Flux.just(started(file))).last());
  }

  private static Snapshot snapshot(UUID batch) {
    return now(client.snapshot(batch));
  }

  /** Looks until the batch has ended. */
  private static Verdict ending(UUID batch) {
    return now(
        Mono.defer(() -> client.snapshot(batch))
            .filter(snapshot -> !snapshot.status().isOpen())
            .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50)))
            .map(snapshot -> Objects.requireNonNull(snapshot.verdict())));
  }

  private static Disposable beating(UUID batch) {
    return client
        .heartbeat(batch, 1)
        .repeatWhen(again -> again.delayElements(Duration.ofMillis(500)))
        .onErrorComplete()
        .subscribe();
  }

  @Test
  void silentBatchEndsWhenItsLimitIsOver() {
    UUID batch = open(idle(IDLE));
    send(batch, "a");
    send(batch, "b");

    Verdict verdict = ending(batch);

    assertThat(verdict.status()).isEqualTo(BatchStatus.TIMED_OUT);
    assertThat(verdict.reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(verdict.limit()).isEqualTo(LimitName.IDLE);
    assertThat(verdict.after()).isEqualTo(IDLE);
    Instant last = Objects.requireNonNull(verdict.lastActivityAt());
    assertThat(verdict.decidedAt()).isBetween(last.plus(IDLE), last.plus(IDLE).plus(LATE));
  }

  @Test
  void neverStartedAndDeadlineAreToldApart() {
    UUID start = open(BatchSpec.builder().limit(LimitName.START, Limit.endAfter(IDLE)).build());
    UUID deadline =
        open(BatchSpec.builder().limit(LimitName.OPERATION, Limit.endAfter(IDLE)).build());
    send(deadline, "a");
    Disposable beats = beating(deadline);

    Verdict never = ending(start);
    Verdict over = ending(deadline);

    beats.dispose();
    assertThat(never.reason()).isEqualTo(VerdictReason.NEVER_STARTED);
    assertThat(never.startedAt()).isNull();
    assertThat(never.decidedAt())
        .isBetween(never.openedAt().plus(IDLE), never.openedAt().plus(IDLE).plus(LATE));
    assertThat(over.reason()).isEqualTo(VerdictReason.DEADLINE);
    Instant begun = Objects.requireNonNull(over.startedAt());
    assertThat(over.decidedAt()).isBetween(begun.plus(IDLE), begun.plus(IDLE).plus(LATE));
  }

  @Test
  void heartbeatsKeepABatchAliveAndHideNoHang() {
    UUID batch =
        open(
            BatchSpec.builder()
                .limit(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(2)))
                .limit(LimitName.PROGRESS, Limit.flagAfter(Duration.ofSeconds(1)))
                .build());
    send(batch, "a");
    Disposable beats = beating(batch);

    Snapshot later =
        now(
            Mono.defer(() -> client.snapshot(batch))
                .filter(snapshot -> snapshot.elapsedSeconds() > 5)
                .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(100))));

    assertThat(later.status()).isEqualTo(BatchStatus.RUNNING);
    assertThat(later.flags()).containsExactly(Flag.STALLED);
    assertThat(later.totals().events()).as("heartbeats are no events").isEqualTo(1);
    send(batch, "b");
    assertThat(snapshot(batch).flags()).as("flags go away by themselves").isEmpty();
    beats.dispose();
    assertThat(ending(batch).reason()).isEqualTo(VerdictReason.IDLE);
  }

  @Test
  void parentLivesWhileItsSubBatchWorks() {
    UUID parent = open(idle(Duration.ofSeconds(2)));
    UUID child = open(BatchSpec.builder().parent(parent).build());
    Disposable work =
        Flux.interval(Duration.ofMillis(400))
            .concatMap(n -> client.send(child, 1, null, Flux.just(started("f" + n))), 1)
            .subscribe();

    now(
        Mono.defer(() -> client.snapshot(parent))
            .filter(snapshot -> snapshot.elapsedSeconds() > 5)
            .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(100))));
    Snapshot alive = snapshot(parent);
    work.dispose();
    Verdict over = ending(parent);

    assertThat(alive.status()).isEqualTo(BatchStatus.PENDING);
    assertThat(alive.totals().files().running()).isGreaterThan(5);
    assertThat(over.reason()).isEqualTo(VerdictReason.IDLE);
    Verdict along = ending(child);
    assertThat(along.reason()).isEqualTo(VerdictReason.PARENT_ENDED);
    assertThat(along.decidedAt()).isEqualTo(over.decidedAt());
  }

  @Test
  void streamThatIsOpenEndsWithTheVerdict() {
    UUID batch = open(idle(Duration.ofSeconds(1)));
    Sinks.Many<Event> events = Sinks.many().unicast().onBackpressureBuffer();
    events.tryEmitNext(started("a"));
    Queue<Ack> acks = new ConcurrentLinkedQueue<>();

    AuditException ended =
        catchThrowableOfType(
            AuditException.class,
            () ->
                client
                    .send(batch, 1, null, events.asFlux())
                    .doOnNext(acks::add)
                    .blockLast(PATIENCE));

    assertThat(ended.type()).isEqualTo(ProblemType.BATCH_ENDED);
    assertThat(Objects.requireNonNull(ended.verdict()).reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(events.currentSubscriberCount()).as("the source is cancelled").isZero();
    Ack last = acks.stream().reduce((one, other) -> other).orElseThrow();
    assertThat(last.verdict()).isEqualTo(ended.verdict());
    assertThat(last.version()).isEqualTo(snapshot(batch).version());
    assertThat(
            catchThrowableOfType(AuditException.class, () -> client.heartbeat(batch, 1).block())
                .verdict())
        .isEqualTo(ended.verdict());
  }

  /** Of a completion and an expiry one stands, and whoever came second is told of it. */
  @Test
  void completionAndExpiryAtOneTimeMakeOneEnding() {
    Duration limit = Duration.ofSeconds(6);
    Queue<UUID> batches = new ConcurrentLinkedQueue<>();
    List<BatchStatus> told =
        now(
            Flux.range(0, 60)
                .flatMap(
                    i -> begun(limit).doOnNext(batches::add).flatMap(batch -> completing(batch, i)),
                    60)
                .collectList());

    assertThat(told).hasSize(batches.size());
    for (UUID batch : batches) {
      List<Verdict> verdicts = now(client.verdicts(batch));
      assertThat(verdicts).hasSize(1);
      assertThat(snapshot(batch).status()).isEqualTo(verdicts.get(0).status());
    }
  }

  /** A batch with a completed file; its limit runs on while others are begun. */
  private static Mono<UUID> begun(Duration limit) {
    Event completed = FileEvent.of(EventType.COMPLETED, "a").rows(1L).build();
    return client
        .open(idle(limit))
        .map(Snapshot::id)
        .delayUntil(batch -> client.send(batch, 1, null, Flux.just(completed)).last());
  }

  /** Asks for COMPLETED near the moment at which the batch would expire. */
  private static Mono<BatchStatus> completing(UUID batch, int index) {
    return client
        .snapshot(batch)
        .flatMap(
            snapshot -> {
              double left =
                  Objects.requireNonNull(
                      Objects.requireNonNull(snapshot.limits().get("idle")).leftSeconds());
              long wait = Math.max(0, Math.round(left * 1000) - 60 + 4L * index);
              return Mono.delay(Duration.ofMillis(wait));
            })
        .then(client.status(batch, 1, BatchStatus.COMPLETED, null))
        .map(Snapshot::status)
        .onErrorResume(
            AuditException.class,
            ended -> {
              assertThat(ended.type()).isEqualTo(ProblemType.BATCH_ENDED);
              return Mono.just(Objects.requireNonNull(ended.verdict()).status());
            });
  }
}
