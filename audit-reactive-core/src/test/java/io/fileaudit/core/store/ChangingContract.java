package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.RefusalCounts;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What may be changed of a batch that is there, and what its sub-batches add to it. */
interface ChangingContract extends StoreContract {

  private static BatchChange limit(LimitName name, Limit limit) {
    return new BatchChange(Map.of(name, Optional.ofNullable(limit)), Map.of());
  }

  private static ChangeBatch change(BatchKey key, int run, BatchChange change) {
    return new ChangeBatch(key, run, change, LimitRules.DEFAULTS);
  }

  @Test
  default void limitIsMovedWhileTheBatchIsOpen() {
    StoreDriver driver = driver();
    BatchSpec spec =
        BatchSpec.builder().limit(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(10))).build();
    BatchKey key = driver.open(spec);
    BatchRecord before = driver.find(key);

    BatchRecord after =
        driver.answer(
            driver.store.change(
                change(key, 1, limit(LimitName.IDLE, new Limit(Duration.ofMinutes(20), null)))));

    assertThat(after.limits().idle()).isEqualTo(Limit.endAfter(Duration.ofMinutes(20)));
    assertThat(after.limits().operation()).isEqualTo(before.limits().operation());
    assertThat(after.state().version()).isEqualTo(before.state().version() + 1);
    assertThat(after.state().nextSeq()).isEqualTo(before.state().nextSeq());
    assertThat(after)
        .usingRecursiveComparison()
        .ignoringFields("now", "outages")
        .isEqualTo(driver.find(key));
    assertThat(driver.open(key, spec).created()).as("the same opening is still known").isFalse();
  }

  @Test
  default void changesAddUpAndContradictionsAreRefusedByName() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.answer(
        driver.store.change(
            change(key, 1, limit(LimitName.OPERATION, new Limit(null, LimitAction.FLAG)))));
    driver.answer(
        driver.store.change(
            change(key, 1, limit(LimitName.IDLE, Limit.endAfter(Duration.ofHours(3))))));
    BatchRecord before = driver.find(key);

    AuditException refusal =
        driver.refusal(
            ProblemType.INVALID_REQUEST,
            driver.store.change(
                change(key, 1, limit(LimitName.OPERATION, new Limit(Duration.ofHours(2), null)))));
    BatchRecord inherited =
        driver.answer(driver.store.change(change(key, 1, limit(LimitName.IDLE, null))));

    assertThat(refusal.detail()).contains("limits.idle", "PT3H", "limits.operation", "PT2H");
    assertThat(before.limits().operation()).isEqualTo(Limit.flagAfter(Duration.ofHours(3)));
    assertThat(inherited.limits().idle()).isEqualTo(LimitRules.DEFAULTS.idle());
    assertThat(inherited.limits().operation()).isEqualTo(Limit.flagAfter(Duration.ofHours(1)));
  }

  @Test
  default void labelsAreSetAndTakenAwayAndFoundByTheirNewValue() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(BatchSpec.builder().label("team", "a").label("tier", "1").build());

    BatchRecord after =
        driver.answer(
            driver.store.change(
                change(
                    key,
                    1,
                    new BatchChange(
                        Map.of(), Map.of("team", Optional.of("b"), "tier", Optional.empty())))));

    assertThat(after.labels()).isEqualTo(Map.of("team", "b"));
    assertThat(driver.snapshot(key).labels()).isEqualTo(Map.of("team", "b"));
    assertThat(labelled(driver, "b")).containsExactly(key);
    assertThat(labelled(driver, "a")).isEmpty();
  }

  private static List<BatchKey> labelled(StoreDriver driver, String team) {
    BatchQuery query =
        new BatchQuery(
            driver.namespace, Set.of(), null, null, Map.of("team", team), null, null, null, 10);
    return driver.all(driver.store.list(query)).stream().map(BatchRecord::key).toList();
  }

  @Test
  default void changeThatChangesNothingLeavesTheVersion() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(BatchSpec.builder().label("team", "a").build());
    List<Object> before = driver.everything(key);

    driver.answer(
        driver.store.change(
            change(key, 1, new BatchChange(Map.of(), Map.of("team", Optional.of("a"))))));

    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void onlyAnOpenBatchOfThatRunIsChanged() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    BatchChange change = limit(LimitName.IDLE, Limit.off());

    driver.refusal(ProblemType.STALE_RUN, driver.store.change(change(key, 2, change)));
    driver.refusal(ProblemType.NOT_FOUND, driver.store.change(change(driver.key(), 1, change)));
    driver.decide(key, CANCELLED);
    AuditException ended =
        driver.refusal(ProblemType.BATCH_ENDED, driver.store.change(change(key, 1, change)));

    assertThat(ended.verdict()).isEqualTo(driver.find(key).state().verdict());
  }

  @Test
  default void dismissedIsKeptAndNoLongerHeldAgainstTheBatch() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1), "bad 1", "bad 2");
    long version = driver.find(key).state().version();

    assertThat(driver.answer(driver.store.dismiss(key, Set.of(1L, 99L)))).isEqualTo(1);
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(1, 1));
    assertThat(driver.answer(driver.store.dismiss(key, Set.of()))).isEqualTo(1);
    assertThat(driver.answer(driver.store.dismiss(key, Set.of()))).isZero();

    assertThat(driver.rejected(key))
        .extracting(Rejected::resolution)
        .containsExactly("dismissed", "dismissed");
    assertThat(driver.find(key).state().version()).isEqualTo(version + 2);
    driver.send(key, "bad 1");
    assertThat(driver.find(key).refusals())
        .as("the same text again is the one that was dismissed")
        .isEqualTo(RefusalCounts.NONE);
    assertThat(driver.decide(key, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
    driver.refusal(ProblemType.NOT_FOUND, driver.store.dismiss(driver.key(), Set.of()));
  }

  @Test
  default void whatIsOnlyCountedCountsAnewAfterItWasDismissed() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        IntStream.range(0, RejectedRules.MOST_KEPT + 5)
            .mapToObj(i -> "bad " + i)
            .toArray(String[]::new));
    assertThat(driver.answer(driver.store.dismiss(key, Set.of())))
        .isEqualTo(RejectedRules.MOST_KEPT + 5L);

    driver.send(key, "worse", "worst");

    Rejected counted = driver.rejected(key).get(RejectedRules.MOST_KEPT);
    assertThat(counted.onlyCounted()).isTrue();
    assertThat(counted.times()).isEqualTo(2);
    assertThat(counted.resolution()).isNull();
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(2, 2));
  }

  private static Ack replay(StoreDriver driver, BatchKey key, int run, int number, String text) {
    Line one = driver.chunk(key, run, null, text).lines().get(0);
    Line numbered =
        one instanceof Line.Readable line
            ? new Line.Readable(number, line.event(), line.canonical())
            : new Line.Unreadable(
                number, one.text(), ((Line.Unreadable) one).refusal(), null, null);
    return driver.commit(
        new Chunk(UUID.randomUUID(), key, run, null, List.of(numbered), Chunk.Kind.REPLAY));
  }

  @Test
  default void replayedIsMarkedInTheCommitThatTakesIt() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.decide(key, FAILED);
    driver.send(key, Lines.completed("late", 3), Lines.completed("later", 4));
    driver.decide(key, RUNNING);

    Ack taken = replay(driver, key, 2, 1, driver.rejected(key).get(0).text());
    Ack refused = replay(driver, key, 1, 2, driver.rejected(key).get(1).text());

    assertThat(taken.accepted()).isEqualTo(1);
    assertThat(refused.refused()).isEqualTo(1);
    assertThat(driver.rejected(key)).hasSize(2);
    assertThat(driver.rejected(key))
        .extracting(Rejected::resolution)
        .containsExactly("replayed", null);
    assertThat(driver.rejected(key)).extracting(Rejected::times).containsExactly(1L, 1L);
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(1, 0));
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(3);
    driver.checkAccount(key);
  }

  @Test
  default void whatWasReplayedOnceIsNotReplayedAgain() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.decide(key, FAILED);
    driver.send(key, Lines.completed("late", 3));
    driver.decide(key, RUNNING);
    String text = driver.rejected(key).get(0).text();
    replay(driver, key, 2, 1, text);
    List<Rejected> kept = driver.rejected(key);

    Ack again = replay(driver, key, 2, 1, text);

    assertThat(again.accepted()).as("two replays at one time read the same list").isZero();
    assertThat(again.duplicates()).isEqualTo(1);
    assertThat(driver.ledger(key)).hasSize(3);
    assertThat(driver.rejected(key)).isEqualTo(kept);
  }

  @Test
  default void figuresOfSubBatchesAddUpInTheirParent() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open(BatchSpec.builder().expectedFiles(2).build());
    BatchKey one = driver.open(BatchSpec.builder().parent(parent.id()).expectedFiles(5).build());
    BatchKey other = driver.openBelow(parent);
    driver.send(parent, Lines.completed("p", 1, "bytes", 10));
    driver.send(one, Lines.completed("a", 20), Lines.failed("b"), Lines.progress("c", 7));
    BatchRecord before = driver.find(parent);
    driver.send(other, Lines.completed("d", 300), "bad");
    driver.decide(other, FAILED);

    Totals totals = driver.snapshot(parent).totals();

    assertThat(totals.rows()).isEqualTo(321);
    assertThat(totals.rowsInFlight()).isEqualTo(7);
    assertThat(totals.bytes()).isEqualTo(10);
    assertThat(totals.events()).isEqualTo(5);
    assertThat(totals.refused()).isEqualTo(1);
    assertThat(totals.files().expected()).isEqualTo(7);
    assertThat(totals.files().completed()).isEqualTo(3);
    assertThat(totals.files().failed()).isEqualTo(1);
    assertThat(totals.files().running()).isEqualTo(1);
    BatchRecord after = driver.find(parent);
    assertThat(after.below().versions()).isGreaterThan(before.below().versions());
    assertThat(after.state().version()).isEqualTo(before.state().version());
    assertThat(driver.snapshot(one).totals().rows()).isEqualTo(20);
    assertThat(driver.find(one).below().versions()).isZero();
    driver.checkAccount(parent);
  }
}
