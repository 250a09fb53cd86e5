package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.INCOMPLETE;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static io.fileaudit.api.batch.BatchStatus.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.store.OutboxStore.Backlog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * What every outbox does. An implementation's test gives a store that keeps changes of status, and
 * lets its time pass.
 */
public abstract class OutboxContract implements StoreContract {
  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final int PAGE = 100;

  private StoreDriver driver;

  /** The outbox of the store under test. */
  protected abstract OutboxStore outbox();

  /** The part of the store under test that ends batches. */
  protected abstract WatchStore watch();

  /** Lets that much time pass by the store's clock. */
  protected abstract void pass(Duration time);

  @BeforeEach
  void begin() {
    driver = driver();
    sent();
  }

  /** Sends all that waits. */
  private List<StatusChange> sent() {
    List<StatusChange> all = new ArrayList<>();
    int last = send(PAGE, all);
    while (last > 0) {
      last = send(PAGE, all);
    }
    return all;
  }

  private int send(int limit, List<StatusChange> to) {
    return driver.answer(outbox().send(limit, into(to)));
  }

  private static Function<List<StatusChange>, Mono<Void>> into(Collection<StatusChange> to) {
    return changes -> Mono.fromRunnable(() -> to.addAll(changes));
  }

  @Test
  void eachChangeOfStatusIsSentInTheOrderOfVersions() {
    BatchKey key = driver.open(BatchSpec.builder().table("t").label("team", "rfb").build());
    driver.send(key, Lines.completed("a", 7));
    long begun = driver.find(key).state().version();
    driver.send(key, Lines.failed("b"));
    long failed = driver.decide(key, COMPLETED).batch().state().version();
    BatchRecord incomplete = driver.find(key);
    long resumed = driver.decide(key, 1, RUNNING).batch().state().version();
    driver.send(key, 2, null, Lines.completed("b", 8));
    long ended = driver.decide(key, 2, COMPLETED).batch().state().version();

    List<StatusChange> sent = sent();

    assertThat(sent)
        .extracting(StatusChange::run, StatusChange::status, StatusChange::version)
        .containsExactly(
            tuple(1, PENDING, 1L),
            tuple(1, RUNNING, begun),
            tuple(1, INCOMPLETE, failed),
            tuple(2, RUNNING, resumed),
            tuple(2, COMPLETED, ended));
    assertThat(sent).allMatch(change -> change.key().equals(key));
    assertThat(sent).allMatch(change -> "t".equals(change.spec().table()));
    assertThat(sent).allMatch(change -> change.labels().equals(Map.of("team", "rfb")));
    assertThat(sent).extracting(StatusChange::at).isSorted();
    assertThat(sent.get(0).verdict()).isNull();
    assertThat(sent.get(1).tally().get(Tally.Figure.ROWS)).isEqualTo(7);
    isAs(sent.get(2), incomplete);
    assertThat(sent.get(3).verdict().reason()).isEqualTo(VerdictReason.RESUMED);
    isAs(sent.get(4), driver.find(key));
    assertThat(sent()).as("once").isEmpty();
  }

  private static void isAs(StatusChange change, BatchRecord batch) {
    assertThat(change.verdict()).isEqualTo(batch.state().verdict());
    assertThat(change.tally()).isEqualTo(batch.state().tally());
    assertThat(change.events()).isEqualTo(batch.state().events());
    assertThat(change.refused()).isEqualTo(batch.refusals().all());
  }

  @Test
  void openingTellsWhatIsExpected() {
    List<ExpectedFile> files =
        List.of(new ExpectedFile("a", 1L, null, null), new ExpectedFile("b", null, null, null));
    BatchKey key =
        driver.open(BatchSpec.builder().expected(new Expected(null, null, files)).build());

    List<StatusChange> sent = sent();

    assertThat(sent).extracting(StatusChange::status).containsExactly(PENDING);
    assertThat(sent.get(0).tally().get(Tally.Figure.EXPECTED)).isEqualTo(2);
    isAs(sent.get(0), driver.find(key));
  }

  @Test
  void refusedEventsAreCounted() {
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"), "{\"type\":\"COMPLETED\"}");

    assertThat(sent())
        .extracting(StatusChange::status, StatusChange::events, StatusChange::refused)
        .containsExactly(tuple(PENDING, 0L, 0L), tuple(RUNNING, 1L, 1L));
  }

  @Test
  void subBatchesThatEndWithTheirParentAreSent() {
    BatchKey parent = driver.open();
    BatchKey child = driver.openBelow(parent);
    driver.decide(parent, FAILED);

    List<StatusChange> sent = sent();

    assertThat(of(parent, sent)).containsExactly(PENDING, FAILED);
    assertThat(of(child, sent)).containsExactly(PENDING, CANCELLED);
    assertThat(sent)
        .filteredOn(change -> change.status() == CANCELLED)
        .allMatch(change -> change.verdict().reason() == VerdictReason.PARENT_ENDED)
        .allMatch(change -> parent.id().equals(change.spec().parent()));
  }

  private static List<BatchStatus> of(BatchKey key, List<StatusChange> sent) {
    return sent.stream()
        .filter(change -> change.key().equals(key))
        .map(StatusChange::status)
        .toList();
  }

  @Test
  void endingsByLimitsAreSent() {
    BatchSpec silent = BatchSpec.builder().limit(LimitName.START, Limit.endAfter(LIMIT)).build();
    BatchKey alone = driver.open(silent);
    BatchKey parent = driver.open(silent);
    BatchKey child = driver.openBelow(parent);
    sent();
    pass(LIMIT);

    driver.answer(watch().signOfLife("kit", Duration.ofDays(1)).thenReturn(true));
    driver.answer(watch().expireAll(List.of(alone), "judge"));
    driver.answer(watch().expire(parent, "judge"));

    List<StatusChange> sent = sent();
    assertThat(of(alone, sent)).containsExactly(TIMED_OUT);
    assertThat(of(parent, sent)).containsExactly(TIMED_OUT);
    assertThat(of(child, sent)).containsExactly(CANCELLED);
    StatusChange first = sent.get(0);
    assertThat(first.key()).isEqualTo(alone);
    isAs(first, driver.find(alone));
    assertThat(first.version()).isEqualTo(driver.find(alone).state().version());
  }

  @Test
  void whatChangesNoStatusIsNotSent() {
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));
    sent();

    driver.send(key, Lines.progress("a", 5), "{\"type\":\"COMPLETED\"}");
    driver.answer(watch().heartbeat(List.of(new Heartbeat(key, 1))));
    driver.answer(driver.store.dismiss(key, Set.of()));
    driver.answer(
        driver.store.change(
            new ChangeBatch(
                key,
                1,
                new BatchChange(Map.of(LimitName.IDLE, Optional.of(Limit.off())), Map.of()),
                LimitRules.DEFAULTS)));
    driver.answer(watch().expire(key, "judge"));
    assertThat(sent()).isEmpty();

    driver.decide(key, FAILED);
    driver.decide(key, FAILED);
    assertThat(sent()).as("asked for twice").hasSize(1);
  }

  @Test
  void whatWasRefusedIsNotSent() {
    BatchKey parent = driver.open();
    BatchKey child = driver.openBelow(parent);
    sent();

    driver.refusal(
        ProblemType.SUB_BATCHES_OPEN, driver.store.decide(driver.wish(parent, 1, COMPLETED)));
    driver.refusal(ProblemType.STALE_RUN, driver.store.decide(driver.wish(child, 7, FAILED)));

    assertThat(sent()).isEmpty();
  }

  @Test
  void failedSendingTakesNothingAwayAndItsErrorComesOut() {
    driver.decide(driver.open(), FAILED);
    IOException away = new IOException("the log is away");
    RuntimeException broken = new IllegalStateException("broken");

    assertThatThrownBy(() -> driver.answer(outbox().send(PAGE, changes -> Mono.error(away))))
        .isNotInstanceOf(AuditException.class)
        .hasRootCause(away);
    assertThatThrownBy(
            () ->
                driver.answer(
                    outbox()
                        .send(
                            PAGE,
                            changes -> {
                              throw broken;
                            })))
        .isSameAs(broken);

    assertThat(sent()).extracting(StatusChange::status).containsExactly(PENDING, FAILED);
  }

  @Test
  void oldestAreSentFirstAndNoMoreThanAskedFor() {
    List<BatchKey> keys = List.of(driver.open(), driver.open(), driver.open());
    List<StatusChange> to = new ArrayList<>();

    assertThat(send(2, to)).isEqualTo(2);
    assertThat(to).extracting(StatusChange::key).isEqualTo(keys.subList(0, 2));
    assertThat(send(2, to)).isEqualTo(1);
    assertThat(send(2, to)).isZero();
    assertThat(to).extracting(StatusChange::key).isEqualTo(keys);
  }

  @Test
  void nothingIsDoneBeforeSubscribing() {
    driver.open();
    List<StatusChange> to = new ArrayList<>();
    Mono<Integer> sending =
        outbox()
            .send(
                PAGE,
                changes -> {
                  to.addAll(changes);
                  return Mono.empty();
                });
    assertThat(to).isEmpty();
    assertThat(driver.answer(sending)).isEqualTo(1);
  }

  @Test
  void whileOneSendsNobodyElseDoes() throws Exception {
    BatchKey key = driver.open();
    List<StatusChange> first = new ArrayList<>();
    List<StatusChange> second = new ArrayList<>();
    Sinks.Empty<Void> durable = Sinks.empty();
    CompletableFuture<Integer> held =
        outbox()
            .send(PAGE, changes -> into(first).apply(changes).then(durable.asMono()))
            .toFuture();
    driver.await(() -> Mono.fromSupplier(() -> !first.isEmpty()));
    driver.decide(key, FAILED);

    assertThat(send(PAGE, second)).isZero();
    assertThat(second).isEmpty();
    durable.tryEmitEmpty().orThrow();

    assertThat(held.get(StoreDriver.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(first).extracting(StatusChange::status).containsExactly(PENDING);
    driver.await(() -> outbox().send(PAGE, into(second)).map(sent -> sent > 0));
    assertThat(second).extracting(StatusChange::status).containsExactly(FAILED);
  }

  @Test
  void sendingIsFinishedThoughNobodyWaitsForIt() {
    driver.open();
    List<StatusChange> to = new ArrayList<>();
    Sinks.Empty<Void> durable = Sinks.empty();
    Disposable waiting =
        outbox().send(PAGE, changes -> into(to).apply(changes).then(durable.asMono())).subscribe();
    driver.await(() -> Mono.fromSupplier(() -> !to.isEmpty()));

    waiting.dispose();
    durable.tryEmitEmpty().orThrow();

    driver.await(() -> outbox().backlog().map(Backlog.NONE::equals));
  }

  @Test
  void severalSendersSendEachChangeOnceAndThoseOfABatchInOrder() {
    int batches = 25;
    ConcurrentLinkedQueue<StatusChange> told = new ConcurrentLinkedQueue<>();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Flux<Decided> changing =
        Flux.range(0, batches).flatMap(n -> lives().subscribeOn(Schedulers.parallel()), 8);
    Mono<Integer> sending =
        outbox()
            .send(
                7,
                changes ->
                    Mono.fromRunnable(
                            () -> most.accumulateAndGet(atOnce.incrementAndGet(), Math::max))
                        .then(Mono.delay(Duration.ofMillis(1)))
                        .doOnNext(late -> told.addAll(changes))
                        .doOnNext(late -> atOnce.decrementAndGet())
                        .then());
    Mono<Long> senders =
        Mono.defer(() -> Flux.merge(sending, sending, sending).then(Mono.just(told.size())))
            .filter(size -> size >= batches * 4)
            .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(5)))
            .map(Integer::longValue);

    driver.answer(changing.then().thenReturn(1L).zipWith(senders));

    assertThat(most.get()).as("one at a time").isEqualTo(1);
    assertThat(told).hasSize(batches * 4);
    assertThat(sent()).isEmpty();
    told.stream()
        .map(StatusChange::key)
        .distinct()
        .forEach(
            key ->
                assertThat(of(key, List.copyOf(told)))
                    .containsExactly(PENDING, FAILED, RUNNING, CANCELLED));
  }

  private Mono<Decided> lives() {
    BatchKey key = new BatchKey(driver.namespace, UUID.randomUUID());
    return driver
        .store
        .open(driver.opening(key, BatchSpec.builder().build()))
        .then(Mono.defer(() -> driver.store.decide(driver.wish(key, 1, FAILED))))
        .then(Mono.defer(() -> driver.store.decide(driver.wish(key, 1, RUNNING))))
        .then(Mono.defer(() -> driver.store.decide(driver.wish(key, 2, CANCELLED))));
  }

  @Test
  void backlogIsWhatWaitsAndHowLongTheOldestDoes() {
    assertThat(driver.answer(outbox().backlog())).isEqualTo(Backlog.NONE);
    BatchKey key = driver.open();
    pass(LIMIT);
    driver.decide(key, FAILED);

    Backlog backlog = driver.answer(outbox().backlog());

    assertThat(backlog.waiting()).isEqualTo(2);
    assertThat(Objects.requireNonNull(backlog.age())).isBetween(LIMIT, LIMIT.plusSeconds(60));
    sent();
    assertThat(driver.answer(outbox().backlog())).isEqualTo(Backlog.NONE);
  }
}
