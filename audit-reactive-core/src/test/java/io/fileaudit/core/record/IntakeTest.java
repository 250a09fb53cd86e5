package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.ingest.RecordLoads;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Commit first, then the dead letters, then the acknowledgement; and what happens when one fails.
 */
class IntakeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String IN = "events";
  private static final String DEAD = "dead";
  private static final Duration STALL = Duration.ofMinutes(1);

  private final MemoryRecordLog log = new MemoryRecordLog(IN);
  private final RecordLoads loads = new RecordLoads();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ConcurrentLinkedQueue<Throwable> troubles = new ConcurrentLinkedQueue<>();
  private Disposable running = Disposables.disposed();

  @AfterEach
  void end() {
    running.dispose();
  }

  private Intake intake(RecordLog of, Scheduler scheduler) {
    Intake intake =
        new Intake(
            of,
            loads.ingest(troubles::add),
            new Intake.Settings(DEAD, STALL),
            scheduler,
            registry,
            troubles::add);
    running = intake.start();
    return intake;
  }

  private Intake intake() {
    log.topics().make(IN, 1);
    return intake(log, Schedulers.parallel());
  }

  private static Outgoing outgoing(UUID key, String value) {
    return new Outgoing(
        key.toString().getBytes(StandardCharsets.UTF_8),
        value.getBytes(StandardCharsets.UTF_8),
        java.util.Map.of());
  }

  private void put(UUID batch, String... fields) {
    for (String each : fields) {
      log.topics().put(IN, 0, outgoing(batch, "{\"batch\":\"" + batch + "\"," + each + "}"));
    }
  }

  private static String completed(String file) {
    return "\"type\":\"COMPLETED\",\"file\":\"" + file + "\"";
  }

  private long behind() {
    return log.standing().block(PATIENCE).behind();
  }

  private static void await(String what, BooleanSupplier condition) {
    StepVerifier.create(
            Flux.interval(Duration.ofMillis(10), Schedulers.boundedElastic())
                .takeUntil(tick -> condition.getAsBoolean())
                .then())
        .expectComplete()
        .verify(PATIENCE);
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }

  @Test
  void isAcknowledgedOnceItIsCommitted() {
    UUID batch = loads.open();
    loads.hold();
    intake();
    put(batch, completed("a"), completed("b"));
    await("a commit is under way", () -> loads.commitsBegun() > 0);
    assertThat(behind()).isEqualTo(2);

    loads.release();

    await("all is acknowledged", () -> behind() == 0);
    assertThat(loads.files(batch)).containsExactly("a", "b");
    assertThat(registry.get("audit.kafka.records").counter().count()).isEqualTo(2);
  }

  @Test
  void whatIsNotAcceptedIsWrittenToTheDeadLettersWithItsReason() {
    UUID batch = loads.open();
    intake();
    UUID nobodys = UUID.randomUUID();
    put(batch, completed("a"), "\"type\":\"NONE\"");
    put(nobodys, completed("x"));
    put(batch, completed("b"));

    await("all is acknowledged", () -> behind() == 0 && loads.files(batch).size() == 2);

    List<Outgoing> dead = log.topics().records(DEAD);
    assertThat(dead).hasSize(2);
    assertThat(new String(dead.get(0).value(), StandardCharsets.UTF_8)).contains("NONE");
    assertThat(dead)
        .extracting(letter -> letter.headers().get("audit-offset"))
        .containsExactlyInAnyOrder("1", "2");
    assertThat(dead)
        .extracting(letter -> letter.headers().get("audit-type"))
        .containsExactlyInAnyOrder("invalid-event", "not-found");
    assertThat(
            registry.get("audit.kafka.dead.letters").tag("reason", "not-found").counter().count())
        .isEqualTo(1);
  }

  @Test
  void isNotAcknowledgedBeforeItsDeadLettersAreWritten() {
    log.failSending(new IllegalStateException("no such topic"));
    Intake intake = intake();
    put(UUID.randomUUID(), completed("x"));
    await("writing was tried", () -> !troubles.isEmpty());
    assertThat(behind()).isEqualTo(1);

    log.failSending(null);

    await("all is acknowledged", () -> behind() == 0);
    assertThat(log.topics().records(DEAD)).hasSize(1);
    assertThat(intake.state().deadLetters()).isEqualTo(1);
  }

  @Test
  void readsOnePollAheadAndNoMore() {
    UUID batch = loads.open();
    loads.hold();
    AtomicInteger polled = new AtomicInteger();
    RecordLog endless =
        new StubLog(
            Flux.range(0, Integer.MAX_VALUE)
                .map(i -> new Polled(List.of(received(batch, i)), () -> {}))
                .doOnNext(poll -> polled.incrementAndGet())
                .publishOn(Schedulers.parallel(), 1),
            Mono.just(new Standing(1, 9, 9)));
    intake(endless, Schedulers.parallel());

    await("a commit is under way", () -> loads.commitsBegun() > 0);
    await("some are read ahead", () -> polled.get() >= 2);

    assertThat(polled.get()).isLessThanOrEqualTo(4);
    assertThat(loads.commitsBegun()).isEqualTo(1);
    loads.release();
    await("the others follow", () -> polled.get() > 50);
  }

  private static Received received(UUID batch, int offset) {
    Outgoing record =
        outgoing(batch, "{\"batch\":\"" + batch + "\"," + completed("f" + offset) + "}");
    return new Received("kafka:t/0", IN, 0, offset, record.key(), record.value());
  }

  @Test
  void joinsAnewWhenTheMembershipBreaks() {
    UUID batch = loads.open();
    intake();
    put(batch, completed("a"));
    await("the first came", () -> loads.files(batch).size() == 1);

    log.failReceiving(new IllegalStateException("fenced"));
    await("it is told", () -> !troubles.isEmpty());
    put(batch, completed("b"));
    log.failReceiving(null);

    await("the second came", () -> loads.files(batch).size() == 2);
    assertThat(registry.get("audit.kafka.rejoined").counter().count()).isPositive();
  }

  @Test
  void joinsAnewWhereRecordsWaitAndNoneComes() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    AtomicInteger memberships = new AtomicInteger();
    intake(
        new StubLog(
            Flux.<Polled>never().doOnSubscribe(joined -> memberships.incrementAndGet()),
            Mono.just(new Standing(1, 7, 7))),
        time);

    time.advanceTimeBy(STALL.minusSeconds(1));
    assertThat(memberships).hasValue(1);
    time.advanceTimeBy(Duration.ofSeconds(20));

    assertThat(memberships).hasValue(2);
    assertThat(troubles).singleElement().isInstanceOf(StalledException.class);
    assertThat(((StalledException) troubles.peek()).waiting()).isEqualTo(7);
  }

  @Test
  void waitsForEverWhereNoRecordWaitsForThisNode() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    AtomicInteger memberships = new AtomicInteger();
    intake(
        new StubLog(
            Flux.<Polled>never().doOnSubscribe(joined -> memberships.incrementAndGet()),
            Mono.just(new Standing(1, 7, 0))),
        time);

    time.advanceTimeBy(STALL.multipliedBy(100));

    assertThat(memberships).hasValue(1);
  }

  @Test
  void longCommitIsNoStall() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    UUID batch = loads.open();
    loads.hold();
    AtomicInteger memberships = new AtomicInteger();
    intake(
        new StubLog(
            Flux.just(new Polled(List.of(received(batch, 0)), () -> {}))
                .concatWith(Mono.never())
                .doOnSubscribe(joined -> memberships.incrementAndGet()),
            Mono.just(new Standing(1, 1, 1))),
        time);

    time.advanceTimeBy(STALL.multipliedBy(10));

    assertThat(memberships).hasValue(1);
    loads.release();
  }

  @Test
  void saysWhetherTheLogIsReachedAndHowFarBehindTheGroupIs() {
    AtomicBoolean away = new AtomicBoolean();
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Intake intake =
        intake(
            new StubLog(
                Flux.never(),
                Mono.defer(
                    () ->
                        away.get()
                            ? Mono.error(new IllegalStateException("away"))
                            : Mono.just(new Standing(3, 40, 4)))),
            time);
    assertThat(intake.state()).isEqualTo(new Intake.State(true, 3, 40, 0));

    assertThat(troubles).isEmpty();

    away.set(true);
    time.advanceTimeBy(Duration.ofSeconds(60));

    assertThat(troubles).as("told once, not each time").hasSize(1);

    assertThat(intake.state()).isEqualTo(new Intake.State(false, 3, 40, 0));
    assertThat(registry.get("audit.kafka.lag").gauge().value()).isEqualTo(40);
    assertThat(registry.get("audit.kafka.up").gauge().value()).isZero();
  }

  @Test
  void stoppingFinishesWhatIsInHandAndTakesNothingMore() {
    UUID batch = loads.open();
    loads.hold();
    Intake intake = intake();
    put(batch, completed("a"));
    await("a commit is under way", () -> loads.commitsBegun() > 0);
    ConcurrentLinkedQueue<String> stopped = new ConcurrentLinkedQueue<>();
    intake.stop().subscribe(nothing -> {}, error -> {}, () -> stopped.add("over"));
    put(batch, completed("b"));
    assertThat(stopped).isEmpty();

    loads.release();

    await("it is over", () -> !stopped.isEmpty());
    assertThat(loads.files(batch)).containsExactly("a");
    assertThat(behind()).isEqualTo(1);
    assertThat(log.standing().block(PATIENCE).partitions()).isZero();
  }

  @Test
  void stoppingAnIdleIntakeLeavesAtOnce() {
    Intake intake = intake();

    StepVerifier.create(intake.stop()).expectComplete().verify(PATIENCE);

    assertThat(running.isDisposed()).isTrue();
  }

  @Test
  void stoppingDoesNotWaitForEverForAStoreThatIsAway() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    UUID batch = loads.open();
    loads.hold();
    AtomicInteger acknowledged = new AtomicInteger();
    Intake intake =
        intake(
            new StubLog(
                Flux.just(new Polled(List.of(received(batch, 0)), acknowledged::incrementAndGet))
                    .concatWith(Mono.never()),
                Mono.just(new Standing(1, 1, 1))),
            time);

    StepVerifier.create(intake.stop())
        .then(() -> time.advanceTimeBy(Duration.ofSeconds(10)))
        .expectComplete()
        .verify(PATIENCE);

    assertThat(acknowledged).hasValue(0);
  }

  /** A log that gives what it is told to. */
  private record StubLog(Flux<Polled> polls, Mono<Standing> says) implements RecordLog {
    @Override
    public Flux<Polled> receive() {
      return polls;
    }

    @Override
    public Mono<Void> send(String topic, List<Outgoing> records) {
      return Mono.empty();
    }

    @Override
    public Mono<Standing> standing() {
      return says;
    }

    @Override
    public Mono<Void> close() {
      return Mono.empty();
    }
  }
}
