package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.INCOMPLETE;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.RefusalCounts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Decisions: endings, resuming, parents, and ENDED in a stream. */
interface DecidingContract extends StoreContract {

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"COMPLETED", "FAILED", "CANCELLED"})
  default void pendingBatchMayEndAnyWay(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Decided decided = driver.decide(key, ending);

    assertThat(decided.changed()).isTrue();
    assertThat(decided.batch().state().status()).isEqualTo(ending);
    assertThat(decided.batch().state().startedAt()).isNull();
    assertThat(decided.batch().state().verdict().startedAt()).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"COMPLETED", "FAILED", "CANCELLED"})
  default void verdictSaysWhyWhenAndByWhom(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1), Lines.completed("b", 1));
    BatchRecord before = driver.find(key);

    BatchRecord after = driver.decide(key, ending).batch();

    BatchState state = after.state();
    Verdict verdict = state.verdict();
    assertThat(verdict.status()).isEqualTo(ending);
    assertThat(verdict.requested()).isEqualTo(ending);
    assertThat(verdict.reason()).isEqualTo(VerdictReason.REQUESTED);
    assertThat(verdict.limit()).isNull();
    assertThat(verdict.run()).isEqualTo(1);
    assertThat(verdict.seq()).isEqualTo(2);
    assertThat(verdict.openedAt()).isEqualTo(before.openedAt());
    assertThat(verdict.startedAt()).isEqualTo(before.state().startedAt());
    assertThat(verdict.lastActivityAt()).isEqualTo(before.state().lastActivityAt());
    assertThat(verdict.lastProgressAt()).isEqualTo(before.state().lastProgressAt());
    assertThat(verdict.decidedAt()).isBetween(before.now(), after.now());
    assertThat(verdict.node()).isEqualTo(StoreDriver.NODE);
    assertThat(verdict.by()).isEqualTo(StoreDriver.BY);
    assertThat(verdict.message()).isEqualTo("because");
    assertThat(state.endedAt()).isEqualTo(verdict.decidedAt());
    assertThat(state.version()).isGreaterThan(before.state().version());
    assertThat(state.nextSeq()).isEqualTo(3);
    assertThat(state.events()).as("a decision is no event").isEqualTo(2);
    assertThat(state.tally()).isEqualTo(before.state().tally());
    assertThat(driver.verdicts(key)).containsExactly(verdict);
    assertThat(driver.find(key).state()).isEqualTo(state);
    driver.checkAccount(key);
  }

  @Test
  default void decisionIsARowOfTheLedger() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));
    driver.decide(key, COMPLETED);
    driver.decide(key, RUNNING);

    List<String> ledger = driver.ledger(key);

    LedgerBodies.check(key, ledger);
    Map<String, Object> ending = Lines.parse(ledger.get(1));
    assertThat(ending)
        .containsEntry("run", 1)
        .containsEntry("producer", null)
        .containsKey("verdict");
    assertThat(StoreDriver.eventOf(ending))
        .containsEntry("type", "ENDED")
        .containsEntry("status", "COMPLETED");
    assertThat((Map<?, ?>) ending.get("verdict"))
        .extracting("status", "requested", "reason", "seq")
        .containsExactly("INCOMPLETE", "COMPLETED", "REQUESTED", 1);
    Map<String, Object> resuming = Lines.parse(ledger.get(2));
    assertThat(resuming).containsEntry("run", 2).containsKey("verdict");
    assertThat((Map<?, ?>) resuming.get("verdict"))
        .extracting("status", "reason")
        .containsExactly("RUNNING", "RESUMED");
    assertThat(Lines.parse(ledger.get(0))).doesNotContainKey("verdict");
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"COMPLETED", "FAILED", "CANCELLED"})
  default void askingAgainForTheEndingAnswersIt(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Decided first = driver.decide(key, ending);
    List<Object> before = driver.everything(key);

    Decided again = driver.decide(key, ending);

    assertThat(again.changed()).isFalse();
    assertThat(again.batch().state()).isEqualTo(first.batch().state());
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void askingAgainForCompletedAnswersIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));
    Decided first = driver.decide(key, COMPLETED);

    Decided again = driver.decide(key, COMPLETED);

    assertThat(first.batch().state().status()).isEqualTo(INCOMPLETE);
    assertThat(again.changed()).isFalse();
    assertThat(again.batch().state()).isEqualTo(first.batch().state());
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"COMPLETED", "FAILED", "CANCELLED"})
  default void otherEndingOfAnEndedRunIsRefusedWithItsVerdict(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Verdict verdict = driver.decide(key, ending).batch().state().verdict();
    List<Object> before = driver.everything(key);

    for (BatchStatus other : List.of(COMPLETED, FAILED, CANCELLED)) {
      if (other != ending) {
        AuditException error =
            driver.refusal(
                ProblemType.BATCH_ENDED, driver.store.decide(driver.wish(key, 1, other)));
        assertThat(error.verdict()).isEqualTo(verdict);
        assertThat(error.detail()).contains(ending.name(), other.name());
      }
    }

    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"PENDING", "INCOMPLETE", "TIMED_OUT"})
  default void whatOnlyTheServiceDecidesCannotBeAskedFor(BatchStatus wanted) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    List<Object> before = driver.everything(key);

    AuditException error =
        driver.refusal(
            ProblemType.INVALID_REQUEST, driver.store.decide(driver.wish(key, 1, wanted)));

    assertThat(error.detail()).contains(wanted.name(), "COMPLETED");
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void decisionAboutAnotherRunIsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.refusal(ProblemType.STALE_RUN, driver.store.decide(driver.wish(key, 2, FAILED)));
    driver.decide(key, FAILED);
    driver.decide(key, RUNNING);

    driver.refusal(ProblemType.STALE_RUN, driver.store.decide(driver.wish(key, 1, COMPLETED)));
    driver.refusal(ProblemType.STALE_RUN, driver.store.decide(driver.wish(key, 1, FAILED)));

    assertThat(driver.status(key)).isEqualTo(RUNNING);
    assertThat(driver.decide(key, 2, COMPLETED).changed()).isTrue();
    driver.refusal(ProblemType.STALE_RUN, driver.store.decide(driver.wish(key, 1, RUNNING)));
  }

  @Test
  default void batchThatIsNotThereCannotBeDecided() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    BatchKey foreign = new BatchKey(new StoreDriver(store()).namespace, key.id());

    driver.refusal(
        ProblemType.NOT_FOUND, driver.store.decide(driver.wish(driver.key(), 1, FAILED)));
    driver.refusal(ProblemType.NOT_FOUND, driver.store.decide(driver.wish(foreign, 1, FAILED)));

    assertThat(driver.status(key)).isEqualTo(PENDING);
  }

  @Test
  default void resumedRunHasFreshClocksAndTheLedgerGoesOn() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 5));
    BatchState ended = driver.decide(key, CANCELLED).batch().state();

    BatchState resumed = driver.decide(key, RUNNING).batch().state();

    assertThat(resumed.run()).isEqualTo(2);
    assertThat(resumed.nextSeq()).isEqualTo(3);
    assertThat(resumed.version()).isGreaterThan(ended.version());
    assertThat(resumed.runOpenedAt()).isAfterOrEqualTo(ended.endedAt());
    assertThat(resumed.startedAt()).isNull();
    assertThat(resumed.endedAt()).isNull();
    assertThat(resumed.lastActivityAt()).isNull();
    assertThat(resumed.lastProgressAt()).isNull();
    assertThat(resumed.tally()).isEqualTo(ended.tally());

    Ack ack = driver.send(key, 2, null, Lines.completed("b", 6));

    assertThat(ack.firstSeq()).isEqualTo(3);
    assertThat(driver.find(key).state().startedAt()).isAfterOrEqualTo(resumed.runOpenedAt());
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(11);
    LedgerBodies.check(key, driver.ledger(key));
    driver.checkAccount(key);
  }

  @Test
  default void askingAgainToResumeChangesNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.decide(key, FAILED);
    driver.decide(key, RUNNING);
    List<Object> before = driver.everything(key);

    assertThat(driver.decide(key, 1, RUNNING).changed()).as("the answer was lost").isFalse();
    assertThat(driver.decide(key, 2, RUNNING).changed()).isFalse();

    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void everyRunHasOneEndingAndOneVerdict() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    for (int run = 1; run <= 4; run++) {
      driver.send(key, run, null, Lines.progress("a", run));
      driver.decide(key, run, run % 2 == 0 ? FAILED : CANCELLED);
      driver.decide(key, run, RUNNING);
    }

    List<Verdict> verdicts = driver.verdicts(key);

    assertThat(verdicts)
        .extracting(Verdict::status)
        .containsExactly(CANCELLED, RUNNING, FAILED, RUNNING, CANCELLED, RUNNING, FAILED, RUNNING);
    assertThat(verdicts).extracting(Verdict::run).containsExactly(1, 2, 2, 3, 3, 4, 4, 5);
    assertThat(verdicts).extracting(Verdict::seq).containsExactly(1L, 2L, 4L, 5L, 7L, 8L, 10L, 11L);
    assertThat(driver.find(key).state().events()).isEqualTo(4);
    LedgerBodies.check(key, driver.ledger(key));
    driver.checkAccount(key);
  }

  @Test
  default void batchWithOpenSubBatchesIsNotCompleted() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    BatchKey pending = driver.openBelow(parent);
    BatchKey running = driver.openBelow(parent);
    driver.send(running, Lines.started("a"));

    AuditException error =
        driver.refusal(
            ProblemType.SUB_BATCHES_OPEN, driver.store.decide(driver.wish(parent, 1, COMPLETED)));

    assertThat(error.detail()).contains("2");
    assertThat(driver.status(parent)).isEqualTo(PENDING);
    assertThat(driver.status(pending)).isEqualTo(PENDING);
    assertThat(driver.status(running)).isEqualTo(RUNNING);
  }

  @Test
  default void batchIsCompletedWithItsSubBatches() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    BatchKey child = driver.openBelow(parent);
    driver.send(child, Lines.completed("a", 1));
    driver.decide(child, COMPLETED);

    BatchState state = driver.decide(parent, COMPLETED).batch().state();

    assertThat(state.status()).isEqualTo(COMPLETED);
    assertThat(state.verdict().findings().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"FAILED", "CANCELLED"})
  default void endingAParentCancelsItsOpenSubBatches(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    BatchKey open = driver.openBelow(parent);
    BatchKey running = driver.openBelow(parent);
    driver.send(running, Lines.completed("a", 3));
    BatchKey done = driver.openBelow(parent);
    Verdict doneVerdict = driver.decide(done, COMPLETED).batch().state().verdict();
    BatchKey stranger = driver.open();

    Verdict verdict = driver.decide(parent, ending).batch().state().verdict();

    for (BatchKey child : List.of(open, running)) {
      BatchState state = driver.find(child).state();
      assertThat(state.status()).isEqualTo(CANCELLED);
      assertThat(state.verdict().reason()).isEqualTo(VerdictReason.PARENT_ENDED);
      assertThat(state.verdict().requested()).isNull();
      assertThat(state.verdict().node()).isEqualTo(StoreDriver.NODE);
      assertThat(state.verdict().run()).isEqualTo(1);
      assertThat(state.endedAt()).isAfterOrEqualTo(verdict.decidedAt());
      assertThat(driver.verdicts(child)).containsExactly(state.verdict());
      LedgerBodies.check(child, driver.ledger(child));
      driver.checkAccount(child);
    }
    assertThat(driver.find(running).state().nextSeq()).isEqualTo(2);
    assertThat(driver.find(done).state().verdict()).isEqualTo(doneVerdict);
    assertThat(driver.status(stranger)).isEqualTo(PENDING);
    assertThat(driver.send(running, Lines.completed("b", 1)).refusals())
        .extracting("type")
        .containsExactly("batch-ended");
  }

  @Test
  default void endedEventIsARowWithItsPosition() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.completed("a", 1, "position", 1));
    Decide ended =
        driver.ended(key, 1, "p", COMPLETED, "position", 2, "id", "the-end", "message", "done");

    Decided decided = driver.answer(driver.store.decide(ended));

    assertThat(decided.changed()).isTrue();
    assertThat(decided.batch().state().status()).isEqualTo(COMPLETED);
    Map<String, Object> row = Lines.parse(driver.ledger(key).get(1));
    assertThat(row)
        .containsEntry("producer", "p")
        .containsEntry("position", 2)
        .containsEntry("id", "the-end")
        .containsEntry(
            "event",
            Lines.map(
                "type",
                "ENDED",
                "status",
                "COMPLETED",
                "position",
                2,
                "id",
                "the-end",
                "message",
                "done"));
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 2L));
    LedgerBodies.check(key, driver.ledger(key));
    driver.checkAccount(key);
  }

  @Test
  default void endedEventThatWasTakenIsARepeatForEver() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Decide ended = driver.ended(key, 1, "p", FAILED, "position", 2);
    Decide named = driver.ended(key, 2, null, CANCELLED, "id", "x");
    assertThat(driver.answer(driver.store.decide(ended)).changed()).isTrue();
    assertThat(driver.answer(driver.store.decide(ended)).changed()).isFalse();
    driver.decide(key, RUNNING);

    assertThat(driver.answer(driver.store.decide(ended)).changed())
        .as("the ending of run 1 does not end run 2")
        .isFalse();
    assertThat(driver.status(key)).isEqualTo(RUNNING);

    assertThat(driver.answer(driver.store.decide(named)).changed()).isTrue();
    driver.decide(key, 2, RUNNING);
    assertThat(driver.answer(driver.store.decide(named)).changed()).isFalse();
    assertThat(driver.find(key).state().run()).isEqualTo(3);
    assertThat(driver.verdicts(key)).hasSize(4);
  }

  @Test
  default void endedEventUnderAnUsedKeyIsAConflict() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.completed("a", 1, "position", 2, "id", "x"));

    driver.refusal(
        ProblemType.KEY_CONFLICT,
        driver.store.decide(driver.ended(key, 1, "p", COMPLETED, "position", 2)));
    driver.refusal(
        ProblemType.KEY_CONFLICT,
        driver.store.decide(driver.ended(key, 1, null, COMPLETED, "id", "x")));

    assertThat(driver.status(key)).isEqualTo(RUNNING);
  }

  @Test
  default void eventUnderTheKeyOfTheEndingIsAConflict() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.answer(driver.store.decide(driver.ended(key, 1, "p", FAILED, "position", 2, "id", "x")));

    Ack ack =
        driver.send(key, 1, "p", Lines.started("a", "position", 2), Lines.started("a", "id", "x"));

    assertThat(ack.refusals()).extracting("type").containsExactly("key-conflict", "key-conflict");
  }

  @Test
  default void endedEventOfAnOlderRunIsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.decide(key, FAILED);
    driver.decide(key, RUNNING);

    driver.refusal(
        ProblemType.STALE_RUN,
        driver.store.decide(driver.ended(key, 1, "p", FAILED, "position", 1)));

    assertThat(driver.marks(key)).as("a refused event uses up no position").isEmpty();
    assertThat(driver.status(key)).isEqualTo(RUNNING);
  }

  @Test
  default void ofDecisionsAtOneTimeOneIsMade() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1));

    List<Boolean> changed =
        driver.all(
            Flux.range(0, 12)
                .flatMap(
                    i ->
                        driver
                            .store
                            .decide(
                                driver.wish(
                                    key, 1, List.of(COMPLETED, FAILED, CANCELLED).get(i % 3)))
                            .map(Decided::changed)
                            .onErrorReturn(
                                error ->
                                    error instanceof AuditException audit
                                        && audit.type() == ProblemType.BATCH_ENDED,
                                false)
                            .subscribeOn(Schedulers.boundedElastic()),
                    12));

    assertThat(changed).hasSize(12).containsOnlyOnce(true);
    assertThat(driver.verdicts(key)).hasSize(1);
    assertThat(driver.ledger(key)).hasSize(2);
  }

  @Test
  default void nothingIsAcceptedAfterTheEndingHoweverCloseItComes() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Flux<Long> commits =
        Flux.range(0, 40)
            .flatMap(
                i ->
                    driver
                        .store
                        .commit(
                            List.of(driver.chunk(key, 1, null, Lines.completed("f" + i, 1))), false)
                        .map(outcomes -> StoreDriver.committed(outcomes.get(0)).accepted())
                        .subscribeOn(Schedulers.boundedElastic()),
                4);
    Mono<Long> ending =
        driver
            .store
            .decide(driver.wish(key, 1, CANCELLED))
            .thenReturn(0L)
            .subscribeOn(Schedulers.boundedElastic());

    long accepted =
        driver.all(Flux.merge(commits, ending)).stream().mapToLong(Long::longValue).sum();

    List<String> ledger = driver.ledger(key);
    assertThat(ledger).hasSize((int) accepted + 1);
    assertThat(Lines.parse(ledger.get(ledger.size() - 1))).containsKey("verdict");
    assertThat(driver.snapshot(key).totals().files().completed()).isEqualTo(accepted);
    driver.checkAccount(key);
  }

  @Test
  default void subBatchOpenedWhileItsParentEndsIsNeverLeftOpen() {
    StoreDriver driver = driver();
    for (int round = 0; round < 10; round++) {
      BatchKey parent = driver.open();
      List<BatchKey> children = Stream.generate(driver::key).limit(4).toList();
      Flux<Boolean> openings =
          Flux.fromIterable(children)
              .flatMap(
                  child ->
                      driver
                          .store
                          .open(
                              driver.opening(
                                  child,
                                  io.fileaudit.api.batch.BatchSpec.builder()
                                      .parent(parent.id())
                                      .build()))
                          .map(OpenedBatch::created)
                          .onErrorReturn(AuditException.class, false)
                          .subscribeOn(Schedulers.boundedElastic()));
      Mono<Boolean> ending =
          driver
              .store
              .decide(driver.wish(parent, 1, FAILED))
              .map(Decided::changed)
              .subscribeOn(Schedulers.boundedElastic());

      assertThat(driver.all(Flux.merge(openings, ending))).hasSize(5);

      for (BatchKey child : children) {
        driver
            .store
            .find(child)
            .blockOptional(StoreDriver.PATIENCE)
            .ifPresent(there -> assertThat(there.state().status()).isEqualTo(CANCELLED));
      }
    }
  }

  @Test
  default void decisionDoesNothingUntilSubscribed() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Mono<Decided> call = driver.store.decide(driver.wish(key, 1, FAILED));

    assertThat(driver.status(key)).isEqualTo(PENDING);
    assertThat(driver.verdicts(key)).isEmpty();
    assertThat(driver.answer(call).changed()).isTrue();
    assertThat(driver.answer(call).changed()).isFalse();
  }

  @Test
  default void correctedEndedResolvesItsOwnRefusal() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.completed("a", 1, "position", 1));
    driver.send(
        key, 1, "p", "{\"type\":\"ENDED\",\"status\":\"COMPLTED\",\"position\":2,\"id\":\"e\"}");

    BatchRecord after =
        driver
            .answer(driver.store.decide(driver.ended(key, 1, "p", COMPLETED, "position", 2)))
            .batch();

    assertThat(after.state().status()).isEqualTo(COMPLETED);
    assertThat(driver.rejected(key)).extracting(Rejected::resolution).containsExactly("replayed");
    assertThat(driver.find(key).refusals()).isEqualTo(RefusalCounts.NONE);
  }

  @Test
  default void endedThatChangesNothingResolvesNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", "{\"type\":\"ENDED\",\"status\":\"LOST\",\"position\":2}");
    driver.decide(key, CANCELLED);
    List<Object> before = driver.everything(key);

    driver.answer(driver.store.decide(driver.ended(key, 1, "p", CANCELLED, "position", 2)));
    driver.refusal(
        ProblemType.BATCH_ENDED,
        driver.store.decide(driver.ended(key, 1, "p", FAILED, "position", 2)));

    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void endedFarAheadOfTheClockIsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String tomorrow = driver.find(key).now().plus(Duration.ofDays(1)).toString();

    AuditException refusal =
        driver.refusal(
            ProblemType.INVALID_EVENT,
            driver.store.decide(driver.ended(key, 1, null, COMPLETED, "at", tomorrow)));

    assertThat(refusal.detail()).contains("at is " + tomorrow);
    assertThat(driver.status(key)).isEqualTo(PENDING);
  }
}
