package io.fileaudit.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** The sweep ends what is over, whoever streamed it, and is not stopped by what fails. */
class SweepTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Watched watched = new Watched();
  private final List<Throwable> failures = new ArrayList<>();
  private final List<BatchKey> told = new ArrayList<>();
  private final Sweep sweep =
      new Sweep(watched, watched.verdicts, "node-1", INTERVAL, watched.time, failures::add);
  private Disposable running;

  @BeforeEach
  void start() {
    watched.verdicts.all().subscribe(decision -> told.add(decision.key()));
    running = sweep.start();
  }

  @AfterEach
  void stop() {
    running.dispose();
  }

  private Verdict verdict(BatchKey key) {
    return Objects.requireNonNull(watched.find(key).state().verdict());
  }

  @Test
  void silentBatchEndsNoEarlierThanItsLimitAndAtMostOneSweepLater() {
    BatchKey key = watched.running();
    Instant last = watched.now();

    watched.pass(Watched.IDLE.minusMillis(1));
    assertThat(watched.status(key)).isEqualTo(BatchStatus.RUNNING);
    watched.pass(INTERVAL.plusMillis(1));

    Verdict verdict = verdict(key);
    assertThat(verdict.reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(verdict.lastActivityAt()).isEqualTo(last);
    assertThat(verdict.decidedAt())
        .isBetween(last.plus(Watched.IDLE), last.plus(Watched.IDLE).plus(INTERVAL));
    assertThat(told).containsExactly(key);
  }

  @Test
  void eachLimitHasItsOwnReason() {
    BatchKey idle = watched.open(LimitName.IDLE, Limit.endAfter(Watched.IDLE));
    BatchKey deadline = watched.open(LimitName.OPERATION, Limit.endAfter(Watched.IDLE));
    BatchKey start = watched.open(LimitName.START, Limit.endAfter(Watched.IDLE));
    BatchKey progress = watched.open(LimitName.PROGRESS, Limit.endAfter(Watched.IDLE));
    BatchKey flagged = watched.open(LimitName.PROGRESS, Limit.flagAfter(Watched.IDLE));
    BatchKey off = watched.open(LimitName.IDLE, Limit.off());
    List.of(idle, deadline, progress, flagged, off).forEach(watched::send);

    watched.pass(Watched.IDLE.plus(INTERVAL));

    assertThat(verdict(idle).reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(verdict(deadline).reason()).isEqualTo(VerdictReason.DEADLINE);
    assertThat(verdict(start).reason()).isEqualTo(VerdictReason.NEVER_STARTED);
    assertThat(verdict(start).startedAt()).isNull();
    assertThat(verdict(progress).reason()).isEqualTo(VerdictReason.NO_PROGRESS);
    assertThat(watched.status(flagged)).isEqualTo(BatchStatus.RUNNING);
    assertThat(watched.status(off)).isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void batchThatIsHeardOfLives() {
    BatchKey key = watched.running();

    for (int i = 0; i < 10; i++) {
      watched.pass(Watched.IDLE.minusSeconds(1));
      watched.send(key);
    }

    assertThat(watched.status(key)).isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void endedBatchesAreNotLookedAtAgain() {
    for (int i = 0; i < 50; i++) {
      BatchKey key = watched.open(LimitName.IDLE, Limit.endAfter(Watched.IDLE));
      watched.batches.decide(key, 1, BatchStatus.COMPLETED, null, "t").block();
    }
    told.clear();

    watched.pass(Duration.ofHours(2));

    assertThat(watched.judged).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void storeThatIsAwayIsAskedAgainAndTheTimeIsTakenOff() {
    BatchKey key = watched.running();
    watched.pass(Watched.IDLE.dividedBy(2));
    watched.away = new IllegalStateException("away");
    watched.pass(Duration.ofMinutes(5));
    assertThat(failures).isNotEmpty();
    watched.away = null;

    watched.pass(Watched.IDLE.dividedBy(2).minus(INTERVAL));
    assertThat(watched.status(key)).as("nobody could hear it").isEqualTo(BatchStatus.RUNNING);
    watched.pass(INTERVAL.multipliedBy(3));

    assertThat(watched.status(key)).isEqualTo(BatchStatus.TIMED_OUT);
  }

  @Test
  void batchThatCannotBeJudgedKeepsNoOtherFromBeing() {
    IntStream.range(0, 30).forEach(i -> watched.running());
    BatchKey broken = watched.running();
    watched.unjudgeable.add(broken);

    watched.pass(Watched.IDLE.plus(INTERVAL));

    assertThat(told).hasSize(30);
    assertThat(watched.status(broken)).isEqualTo(BatchStatus.RUNNING);
    assertThat(failures).isNotEmpty();
  }

  @Test
  void pageOfWhichNoneCanBeJudgedIsNotTriedOverAndOverAgain() {
    IntStream.range(0, 1_100).forEach(i -> watched.unjudgeable.add(watched.running()));

    watched.pass(Watched.IDLE.plus(INTERVAL));

    assertThat(watched.judged).hasSizeBetween(1_000, 2_000);
  }

  @Test
  void moreThanAPageEndInOneSweep() {
    IntStream.range(0, 2_500).forEach(i -> watched.running());

    watched.pass(Watched.IDLE.plus(INTERVAL));

    assertThat(told).hasSize(2_500);
  }

  @Test
  void signsOfLifeGoOnWhileASweepIsSlow() {
    running.dispose();
    watched.signs.clear();
    Duration slow = Duration.ofMinutes(1);
    Disposable rare =
        new Sweep(watched, watched.verdicts, "node-1", slow, watched.time, failures::add).start();

    watched.pass(Duration.ofSeconds(10));

    rare.dispose();
    assertThat(watched.signs).hasSizeBetween(20, 22);
    for (int i = 1; i < watched.signs.size(); i++) {
      assertThat(Duration.between(watched.signs.get(i - 1), watched.signs.get(i)))
          .isLessThan(Outage.GAP);
    }
  }

  @Test
  void disposedSweepLeavesNoTimerBehind() {
    running.dispose();
    BatchKey key = watched.running();
    int before = watched.signs.size();

    watched.pass(Duration.ofDays(1));

    assertThat(watched.status(key)).isEqualTo(BatchStatus.RUNNING);
    assertThat(watched.signs).hasSize(before);
  }

  @Test
  void ageIsThatOfTheLastSweepThatWasMade() {
    watched.pass(INTERVAL.multipliedBy(3).plusMillis(10));
    assertThat(sweep.ageMillis()).isEqualTo(10);

    watched.away = new IllegalStateException("away");
    watched.pass(Duration.ofSeconds(30));

    assertThat(sweep.ageMillis()).isEqualTo(30_010);
  }
}
