package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static io.fileaudit.api.batch.BatchStatus.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.Outage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What every store must do for those who watch batches. An implementation's test gives the store
 * and lets its time pass.
 */
public abstract class WatchStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofMillis(1_000);
  private static final Duration PART = Duration.ofMillis(625);
  private static final int RACES = 20;

  protected abstract AuditStore store();

  protected abstract WatchStore watch();

  /** Lets that much time pass by the store's clock. */
  protected abstract void pass(Duration time);

  /** A node gives its sign, as it does all the time. */
  private void nodeLives() {
    watch().signOfLife("kit", Duration.ofDays(1)).block(PATIENCE);
  }

  private final class Loader {
    private final StoreDriver driver = new StoreDriver(store());

    BatchKey open(LimitName name, Limit limit) {
      return driver.open(BatchSpec.builder().limit(name, limit).build());
    }

    boolean expire(BatchKey key) {
      nodeLives();
      return watch().expire(key, "judge").block(PATIENCE).changed();
    }
  }

  @Test
  void openBatchesAreCountedByStatus() {
    Loader loader = new Loader();
    WatchStore.OpenCount before = open();
    loader.driver.open();
    BatchKey begun = loader.driver.open();
    loader.driver.send(begun, Lines.started("a"));
    assertThat(open())
        .isEqualTo(new WatchStore.OpenCount(before.pending() + 1, before.running() + 1));

    loader.driver.decide(begun, FAILED);

    assertThat(open()).isEqualTo(new WatchStore.OpenCount(before.pending() + 1, before.running()));
  }

  private WatchStore.OpenCount open() {
    return watch().countOpen().block(PATIENCE);
  }

  @Test
  void silentBatchEndsAndTheVerdictSaysWhy() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    assertThat(isDue(key)).isFalse();
    assertThat(loader.expire(key)).isFalse();
    pass(LIMIT);
    assertThat(isDue(key)).isTrue();

    assertThat(loader.expire(key)).isTrue();

    BatchRecord ended = loader.driver.find(key);
    Verdict verdict = ended.state().verdict();
    assertThat(ended.state().status()).isEqualTo(TIMED_OUT);
    assertThat(verdict.reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(verdict.limit()).isEqualTo(LimitName.IDLE);
    assertThat(verdict.after()).isEqualTo(LIMIT);
    assertThat(verdict.node()).isEqualTo("judge");
    assertThat(verdict.decidedAt()).isAfterOrEqualTo(verdict.lastActivityAt().plus(LIMIT));
    assertThat(loader.driver.verdicts(key)).containsExactly(verdict);
    assertThat(loader.driver.ledger(key)).hasSize(2);
    assertThat(isDue(key)).isFalse();
    assertThat(loader.expire(key)).isFalse();
    assertThat(loader.driver.send(key, Lines.started("b")).refusals())
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.type()).isEqualTo("batch-ended"));
  }

  @Test
  void heartbeatKeepsItAliveAndLeavesNoRow() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    pass(PART);
    BatchRecord heard = beat(key, 1);
    pass(PART);

    assertThat(loader.expire(key)).isFalse();

    assertThat(heard.state().lastActivityAt()).isAfter(heard.state().startedAt());
    assertThat(loader.driver.ledger(key)).hasSize(1);
    pass(LIMIT);
    assertThat(loader.expire(key)).isTrue();
  }

  @Test
  void heartbeatOfAnotherRunOrAfterTheEndNotesNothing() {
    Loader loader = new Loader();
    BatchKey key = loader.driver.open();
    loader.driver.send(key, Lines.started("a"));
    BatchRecord before = loader.driver.find(key);

    assertThat(beat(key, 2).state()).isEqualTo(before.state());
    loader.driver.decide(key, CANCELLED);
    BatchRecord ended = loader.driver.find(key);

    assertThat(beat(key, 1).state()).isEqualTo(ended.state());
    BatchKey missing = loader.driver.key();
    assertThat(watch().heartbeat(List.of(new Heartbeat(missing, 1))).block(PATIENCE).batches())
        .isEmpty();
  }

  @Test
  void batchWithoutAnEventIsNeverStarted() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.START, Limit.endAfter(LIMIT));
    pass(PART);
    beat(key, 1);
    pass(PART);

    assertThat(loader.expire(key)).isTrue();

    assertThat(loader.driver.find(key).state().verdict().reason())
        .isEqualTo(VerdictReason.NEVER_STARTED);
  }

  @Test
  void deadlineEndsABatchHoweverBusyItIs() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.OPERATION, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    pass(PART);
    loader.driver.send(key, Lines.progress("a", 1));
    pass(PART);

    assertThat(loader.expire(key)).isTrue();

    assertThat(loader.driver.find(key).state().verdict().reason())
        .isEqualTo(VerdictReason.DEADLINE);
  }

  @Test
  void limitThatFlagsOrIsOffEndsNothing() {
    Loader loader = new Loader();
    BatchKey flagged = loader.open(LimitName.IDLE, Limit.flagAfter(LIMIT));
    BatchKey off = loader.open(LimitName.IDLE, Limit.off());
    loader.driver.send(flagged, Lines.started("a"));
    loader.driver.send(off, Lines.started("a"));
    pass(LIMIT);

    assertThat(loader.expire(flagged)).isFalse();
    assertThat(loader.expire(off)).isFalse();
    assertThat(loader.driver.status(flagged)).isEqualTo(RUNNING);
  }

  @Test
  void parentLivesWhileItsSubBatchWorksAndTakesItAlongWhenItEnds() {
    Loader loader = new Loader();
    BatchKey parent = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    loader.driver.send(parent, Lines.started("a"));
    pass(PART);
    loader.driver.send(child, Lines.started("b"));
    pass(PART);
    assertThat(loader.expire(parent)).isFalse();
    pass(LIMIT);

    assertThat(loader.expire(parent)).isTrue();

    assertThat(loader.driver.status(child)).isEqualTo(CANCELLED);
    assertThat(loader.driver.find(child).state().verdict().reason())
        .isEqualTo(VerdictReason.PARENT_ENDED);
  }

  @Test
  void parentWithoutEventsOfItsOwnHasStartedWithItsSubBatch() {
    Loader loader = new Loader();
    BatchKey parent = loader.open(LimitName.START, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    loader.driver.send(child, Lines.started("b"));
    pass(LIMIT);

    assertThat(loader.expire(parent)).isFalse();
  }

  @Test
  void resumedBatchHasFreshClocks() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    pass(LIMIT);
    loader.expire(key);
    loader.driver.decide(key, 1, RUNNING);
    loader.driver.send(key, 2, null, Lines.started("b"));

    assertThat(loader.expire(key)).isFalse();
    pass(LIMIT);
    assertThat(loader.expire(key)).isTrue();
    assertThat(loader.driver.verdicts(key))
        .extracting(Verdict::status)
        .containsExactly(TIMED_OUT, RUNNING, TIMED_OUT);
  }

  @Test
  void timeWithoutALivingNodeIsTakenOff() {
    Loader loader = new Loader();
    Duration gap = Duration.ofMillis(100);
    watch().signOfLife("other", gap).block(PATIENCE);
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    pass(LIMIT.plus(PART));
    watch().signOfLife("other", gap).block(PATIENCE);

    assertThat(loader.expire(key)).isFalse();
    pass(LIMIT);
    assertThat(loader.expire(key)).isTrue();
  }

  @Test
  void endedBatchesLeaveNothingToLookAt() {
    Loader loader = new Loader();
    for (int i = 0; i < 50; i++) {
      BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
      loader.driver.send(key, Lines.completed("a", 1));
      loader.driver.decide(key, COMPLETED);
      assertThat(loader.driver.status(key)).isEqualTo(COMPLETED);
    }
    pass(LIMIT);

    List<BatchKey> due = watch().due(1_000).collectList().block(PATIENCE);

    assertThat(due).noneMatch(key -> key.namespace().equals(loader.driver.key().namespace()));
  }

  @Test
  void ofACompletionAndAnExpiryAtOneTimeOneIsMade() {
    for (int i = 0; i < RACES; i++) {
      Loader loader = new Loader();
      BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(Duration.ofMillis(10)));
      loader.driver.send(key, Lines.completed("a", 1));
      pass(Duration.ofMillis(10));
      Mono<Boolean> expiry =
          watch()
              .expire(key, "judge")
              .map(Decided::changed)
              .subscribeOn(Schedulers.boundedElastic());
      Mono<Boolean> completion =
          store()
              .decide(loader.driver.wish(key, 1, FAILED))
              .map(Decided::changed)
              .onErrorReturn(false)
              .subscribeOn(Schedulers.boundedElastic());

      List<Boolean> made = Mono.zip(expiry, completion, List::of).block(PATIENCE);

      assertThat(made).containsExactlyInAnyOrder(true, false);
      assertThat(loader.driver.verdicts(key)).hasSize(1);
      BatchStatus status = loader.driver.status(key);
      assertThat(status).isEqualTo(made.get(0) ? TIMED_OUT : FAILED);
    }
  }

  private BatchRecord beat(BatchKey key, int run) {
    return watch().heartbeat(List.of(new Heartbeat(key, run))).block(PATIENCE).batches().get(key);
  }

  private boolean isDue(BatchKey key) {
    return Boolean.TRUE.equals(watch().due(1_000).any(key::equals).block(PATIENCE));
  }

  private void move(Loader loader, BatchKey key, LimitName name, Duration after) {
    BatchChange change =
        new BatchChange(Map.of(name, Optional.of(new Limit(after, null))), Map.of());
    loader.driver.answer(
        loader.driver.store.change(new ChangeBatch(key, 1, change, LimitRules.DEFAULTS)));
  }

  @Test
  void parentThatItsSubBatchBeganIsLookedAtInTime() {
    Loader loader = new Loader();
    BatchKey parent = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    loader.driver.send(child, Lines.started("a"));
    pass(LIMIT);

    assertThat(isDue(parent)).isTrue();
    assertThat(loader.expire(parent)).isTrue();
  }

  @Test
  void parentIsHeldToADeadlineThatItsSubBatchBegan() {
    Loader loader = new Loader();
    BatchKey parent = loader.open(LimitName.OPERATION, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    loader.driver.send(child, Lines.started("a"));
    pass(PART);
    loader.driver.send(parent, Lines.started("own"));
    pass(PART);

    assertThat(isDue(parent)).isTrue();
    assertThat(loader.expire(parent)).isTrue();
  }

  @Test
  void batchThatHasNotBegunIsLookedAtNowAndThen() {
    Loader loader = new Loader();
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    pass(LIMIT);
    assertThat(isDue(key)).isTrue();

    assertThat(loader.expire(key)).isFalse();

    assertThat(isDue(key)).isFalse();
    pass(LIMIT);
    assertThat(isDue(key)).isTrue();
  }

  @Test
  void limitThatWasMovedIsTheOneThatCounts() {
    Loader loader = new Loader();
    BatchKey longer = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey shorter = loader.driver.open();
    loader.driver.send(longer, Lines.started("a"));
    loader.driver.send(shorter, Lines.started("a"));

    move(loader, longer, LimitName.IDLE, LIMIT.multipliedBy(10));
    move(loader, shorter, LimitName.IDLE, LIMIT);
    pass(LIMIT);

    assertThat(isDue(longer)).isFalse();
    assertThat(loader.expire(longer)).isFalse();
    assertThat(isDue(shorter)).isTrue();
    assertThat(loader.expire(shorter)).isTrue();
    assertThat(loader.driver.find(shorter).state().verdict().after()).isEqualTo(LIMIT);
  }

  @Test
  void subBatchesThatEndWithTheirParentAreTold() {
    Loader loader = new Loader();
    BatchKey parent = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    loader.driver.send(child, Lines.started("a"));
    pass(LIMIT);

    nodeLives();
    Decided decided = watch().expire(parent, "judge").block(PATIENCE);

    assertThat(decided.along()).extracting(BatchRecord::key).containsExactly(child);
    assertThat(decided.along().get(0).state()).isEqualTo(loader.driver.find(child).state());
  }

  @Test
  void timeWithoutALivingNodeIsNoTimeLeftEither() {
    Loader loader = new Loader();
    Duration limit = Duration.ofSeconds(100);
    watch().signOfLife("n", Duration.ofHours(1)).block(PATIENCE);
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(limit));
    loader.driver.send(key, Lines.started("a"));
    pass(LIMIT);
    watch().signOfLife("n", PART).block(PATIENCE);

    double left = loader.driver.snapshot(key).limits().get("idle").leftSeconds();

    assertThat(left).isGreaterThan(limit.minus(PART).toMillis() / 1000.0);
  }

  @Test
  void manyAreJudgedAtOnceAndParentsAreLeft() {
    Loader loader = new Loader();
    BatchKey over = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey other = loader.open(LimitName.OPERATION, Limit.endAfter(LIMIT));
    BatchKey alive = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT.multipliedBy(100)));
    BatchKey parent = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey child = loader.driver.openBelow(parent);
    List.of(over, other, alive, child).forEach(key -> loader.driver.send(key, Lines.started("a")));
    BatchKey missing = loader.driver.key();
    pass(LIMIT);

    nodeLives();
    WatchStore.Judged judged =
        watch().expireAll(List.of(over, alive, parent, other, missing), "judge").block(PATIENCE);

    assertThat(judged.left()).containsExactlyInAnyOrder(parent, missing);
    assertThat(judged.decided())
        .extracting(decided -> decided.batch().key(), Decided::changed)
        .containsExactlyInAnyOrder(tuple(over, true), tuple(other, true), tuple(alive, false));
    for (Decided decided : judged.decided()) {
      BatchKey key = decided.batch().key();
      assertThat(decided.batch().state()).isEqualTo(loader.driver.find(key).state());
      assertThat(isDue(key)).isFalse();
      assertThat(loader.driver.verdicts(key)).hasSize(decided.changed() ? 1 : 0);
      assertThat(loader.driver.ledger(key)).hasSize(decided.changed() ? 2 : 1);
      loader.driver.checkAccount(key);
    }
    assertThat(loader.driver.find(over).state().verdict().reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(loader.driver.status(parent)).isEqualTo(BatchStatus.PENDING);
    assertThat(watch().expireAll(List.of(over, other), "judge").block(PATIENCE).decided())
        .noneMatch(Decided::changed);
  }

  /** Whoever is told that an event was accepted is not called silent before it. */
  @Test
  void ofACommitAndAnExpiryAtOneTimeNoneHidesTheOther() {
    Loader loader = new Loader();
    for (int race = 0; race < RACES; race++) {
      BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
      loader.driver.send(key, Lines.started("a"));
      pass(LIMIT);

      nodeLives();
      var both =
          Mono.zip(
                  Mono.fromCallable(() -> loader.driver.send(key, Lines.started("b")))
                      .subscribeOn(Schedulers.boundedElastic()),
                  watch().expireAll(List.of(key), "judge").subscribeOn(Schedulers.parallel()))
              .block(PATIENCE);

      boolean accepted = both.getT1().accepted() == 1;
      boolean ended = both.getT2().decided().stream().anyMatch(Decided::changed);
      assertThat(accepted).isNotEqualTo(ended);
      assertThat(loader.driver.status(key)).isEqualTo(ended ? TIMED_OUT : RUNNING);
      loader.driver.checkAccount(key);
    }
  }

  @Test
  void pauseThatNobodyHasNotedYetIsTakenOffToo() {
    Loader loader = new Loader();
    nodeLives();
    BatchKey key = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    BatchKey other = loader.open(LimitName.IDLE, Limit.endAfter(LIMIT));
    loader.driver.send(key, Lines.started("a"));
    loader.driver.send(other, Lines.started("a"));
    pass(Outage.GAP.plus(LIMIT));

    Decided judged = watch().expire(key, "judge").block(PATIENCE);
    WatchStore.Judged together = watch().expireAll(List.of(other), "judge").block(PATIENCE);

    assertThat(judged.changed()).as("nobody could have written it down").isFalse();
    assertThat(together.decided()).noneMatch(Decided::changed);
    watch().signOfLife("kit", Outage.GAP).block(PATIENCE);
    assertThat(loader.expire(key)).isFalse();
    pass(LIMIT);
    assertThat(loader.expire(key)).isTrue();
    assertThat(loader.expire(other)).isTrue();
  }
}
