package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When time is up, by values alone: opened at 0, begun at 10, last heard at 40, progress at 20. */
class ExpiryTest {
  private static final Instant ZERO = Instant.parse("2026-11-23T14:00:00Z");
  private static final Limits LIMITS =
      new Limits(
          Limit.endAfter(Duration.ofSeconds(1000)),
          Limit.endAfter(Duration.ofSeconds(100)),
          Limit.endAfter(Duration.ofSeconds(50)),
          Limit.endAfter(Duration.ofSeconds(200)));

  private static final BatchState RUNNING =
      new BatchState(
          BatchStatus.RUNNING,
          1,
          Trees.of(3),
          4,
          ZERO,
          at(10),
          null,
          at(40),
          at(20),
          Tally.ZERO,
          null);

  private static Instant at(long seconds) {
    return ZERO.plusSeconds(seconds);
  }

  private static Expiry judge(Limits limits, BatchState state, long now, Outage... outages) {
    return Expiry.judge(new Expiry.Evidence(limits, state, List.of(outages), null, at(now)));
  }

  private static Expiry judge(@Nullable Instant silentUntil, Limits limits, long now) {
    return Expiry.judge(new Expiry.Evidence(limits, RUNNING, List.of(), silentUntil, at(now)));
  }

  private static Outage outage(long from, long to) {
    return new Outage(at(from), at(to));
  }

  private static Limits only(LimitName name, Limit limit) {
    Limits none = Limits.INHERITED;
    for (LimitName each : LimitName.values()) {
      none = none.with(each, Limit.off());
    }
    return none.with(name, limit);
  }

  @ParameterizedTest
  @CsvSource({
    "OPERATION, 300, 310",
    "IDLE, 30, 70",
    "PROGRESS, 30, 50",
  })
  void eachLimitCountsFromItsOwnTime(LimitName name, long after, long due) {
    Limits limits = only(name, Limit.endAfter(Duration.ofSeconds(after)));

    assertThat(judge(limits, RUNNING, due - 1)).isEqualTo(new Expiry(null, null, at(due)));
    assertThat(judge(limits, RUNNING, due).over()).isEqualTo(name);
  }

  @Test
  void startCountsFromOpeningUntilTheFirstEvent() {
    Limits limits = only(LimitName.START, Limit.endAfter(Duration.ofSeconds(30)));

    assertThat(judge(limits, BatchState.opened(ZERO), 29).over()).isNull();
    assertThat(judge(limits, BatchState.opened(ZERO), 30).over()).isEqualTo(LimitName.START);
    assertThat(judge(limits, RUNNING, 10_000)).isEqualTo(new Expiry(null, null, null));
  }

  @Test
  void ofSeveralTheOneThatWasOverFirstIsNamed() {
    assertThat(judge(LIMITS, RUNNING, 5_000).over()).isEqualTo(LimitName.IDLE);
    assertThat(judge(LIMITS, RUNNING, 5_000).after()).isEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void flaggedAndEndedBatchesAreNeverOver() {
    Limits flagged = only(LimitName.IDLE, Limit.flagAfter(Duration.ofSeconds(1)));
    Verdict ending = judge(LIMITS, RUNNING, 500).end(RUNNING, at(500), "n").verdict();

    assertThat(judge(flagged, RUNNING, 5_000)).isEqualTo(new Expiry(null, null, null));
    assertThat(judge(LIMITS, RUNNING.ended(ending), 5_000)).isEqualTo(new Expiry(null, null, null));
  }

  @Test
  void verdictCarriesTheEvidence() {
    DecisionPlan plan = judge(LIMITS, RUNNING, 500).end(RUNNING, at(500), "node-7");

    Verdict verdict = plan.verdict();
    assertThat(verdict.status()).isEqualTo(BatchStatus.TIMED_OUT);
    assertThat(verdict.reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(verdict.requested()).isNull();
    assertThat(verdict.seq()).isEqualTo(3);
    assertThat(verdict.openedAt()).isEqualTo(ZERO);
    assertThat(verdict.startedAt()).isEqualTo(at(10));
    assertThat(verdict.lastActivityAt()).isEqualTo(at(40));
    assertThat(verdict.lastProgressAt()).isEqualTo(at(20));
    assertThat(verdict.decidedAt()).isEqualTo(at(500));
    assertThat(verdict.node()).isEqualTo("node-7");
    assertThat(plan.state().status()).isEqualTo(BatchStatus.TIMED_OUT);
    assertThat(plan.state().nextSeq()).isEqualTo(3);
    assertThat(plan.state().withRow(new byte[1]).nextSeq()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "60, 90, 170", // within
    "0, 60, 160", // begun before the last activity: only what came after it counts
    "120, 500, 520", // begun before the limit was over
    "140, 500, 140", // begun when the limit was over
    "0, 40, 140", // over when it was last heard
  })
  void timeWithoutALivingNodeIsLeftOut(long from, long to, long due) {
    assertThat(judge(LIMITS, RUNNING, 139, outage(from, to)).checkAt()).isEqualTo(at(due));
  }

  @Test
  void outagesAddUp() {
    assertThat(judge(LIMITS, RUNNING, 139, outage(50, 60), outage(145, 165)).checkAt())
        .isEqualTo(at(170));
  }

  @Test
  void loadersOfASilentNodeHaveTimeToFindAnother() {
    assertThat(judge(at(180), LIMITS, 150))
        .as("it may be heard again at any moment")
        .isEqualTo(new Expiry(null, null, at(151)));
    assertThat(judge(at(180), LIMITS, 180).over()).isEqualTo(LimitName.IDLE);
    assertThat(judge(at(100), LIMITS, 140).over()).isEqualTo(LimitName.IDLE);
  }

  @Test
  void deadlineWaitsForNobody() {
    Limits deadline = only(LimitName.OPERATION, Limit.endAfter(Duration.ofSeconds(100)));

    assertThat(judge(at(1_000), deadline, 110).over()).isEqualTo(LimitName.OPERATION);
  }

  @Test
  void beforeTheFirstEventASubBatchMayBeginItAtAnyMoment() {
    BatchState pending = BatchState.opened(ZERO);

    assertThat(judge(LIMITS, pending, 10).checkAt()).isEqualTo(at(50));
    Limits lateStart = LIMITS.with(LimitName.START, Limit.endAfter(Duration.ofSeconds(900)));
    assertThat(judge(lateStart, pending, 10).checkAt()).isEqualTo(at(110));
    assertThat(judge(only(LimitName.IDLE, Limit.off()), pending, 10).checkAt()).isNull();
  }
}
