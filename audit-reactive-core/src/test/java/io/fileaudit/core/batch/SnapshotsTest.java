package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Usual;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What people see of a batch is derived from what is stored, by the store's clock. */
class SnapshotsTest {
  private static final Instant OPENED = Instant.parse("2026-11-23T14:00:00Z");
  private static final BatchKey KEY = new BatchKey("default", UUID.randomUUID());
  private static final BatchSpec SPEC =
      BatchSpec.builder().name("n").table("t").period("p").label("b", "2").label("a", "1").build();

  private static BatchState running(Map<String, Long> figures) {
    return new BatchState(
        BatchStatus.RUNNING,
        1,
        Trees.of(10),
        812,
        OPENED,
        OPENED.plusSeconds(1),
        null,
        OPENED.plusSeconds(40),
        OPENED.plusSeconds(20),
        Tally.fromMap(figures),
        null);
  }

  private static Snapshot at(double seconds, BatchSpec spec, Limits limits, BatchState state) {
    return Snapshots.of(record(seconds, spec, limits, state));
  }

  private static BatchRecord record(
      double seconds, BatchSpec spec, Limits limits, BatchState state) {
    Instant now = OPENED.plusMillis(Math.round(seconds * 1000));
    return new BatchRecord(
        KEY,
        spec,
        spec.labels(),
        spec.limits(),
        limits,
        OPENED,
        state,
        new RefusalCounts(4, 2),
        RollUp.NONE,
        List.of(),
        now);
  }

  private static Snapshot of(BatchSpec spec, Map<String, Long> figures) {
    return at(62.2, spec, LimitRules.DEFAULTS, running(figures));
  }

  @Test
  void showsWhatIsKnown() {
    Snapshot snapshot =
        of(
            SPEC,
            Map.of(
                "expected",
                9L,
                "missing",
                1L,
                "discovered",
                2L,
                "running",
                3L,
                "completed",
                7L,
                "failed",
                1L,
                "skipped",
                5L,
                "rows",
                100L,
                "rows_in_flight",
                11L,
                "rejected_rows",
                3L));

    assertThat(snapshot.id()).isEqualTo(KEY.id());
    assertThat(snapshot.namespace()).isEqualTo("default");
    assertThat(snapshot.name()).isEqualTo("n");
    assertThat(snapshot.table()).isEqualTo("t");
    assertThat(snapshot.period()).isEqualTo("p");
    assertThat(snapshot.labels().keySet()).containsExactly("a", "b");
    assertThat(snapshot.status()).isEqualTo(BatchStatus.RUNNING);
    assertThat(snapshot.version()).isEqualTo(812);
    assertThat(snapshot.elapsedSeconds()).isEqualTo(61.2);
    assertThat(snapshot.idleSeconds()).isEqualTo(22.2);
    assertThat(snapshot.totals().files()).isEqualTo(new FileCounts(9, 1, 2, 3, 7, 1, 5));
    assertThat(snapshot.totals().rows()).isEqualTo(100);
    assertThat(snapshot.totals().rowsInFlight()).isEqualTo(11);
    assertThat(snapshot.totals().rejectedRows()).isEqualTo(3);
    assertThat(snapshot.totals().events()).isEqualTo(10);
    assertThat(snapshot.totals().refused()).isEqualTo(4);
    assertThat(snapshot.limits().get("idle").leftSeconds()).isEqualTo(1_777.8);
    assertThat(snapshot.links().files()).isEqualTo("/api/v1/batches/" + KEY.id() + "/files");
  }

  @Test
  void successRateIsOfCompletedAndFailedFiles() {
    assertThat(
            of(SPEC, Map.of("completed", 7L, "failed", 1L, "skipped", 9L, "running", 9L))
                .successRate())
        .isEqualTo(0.875);
    assertThat(of(SPEC, Map.of("failed", 2L)).successRate()).isEqualTo(0.0);
    assertThat(of(SPEC, Map.of("completed", 3L)).successRate()).isEqualTo(1.0);
    assertThat(of(SPEC, Map.of("skipped", 3L, "running", 1L)).successRate()).isNull();
  }

  @Test
  void progressIsTheShareOfExpectedFilesThatEnded() {
    BatchSpec ten = BatchSpec.builder().expectedFiles(10).build();

    assertThat(
            of(ten, Map.of("completed", 5L, "failed", 1L, "skipped", 2L, "running", 2L)).progress())
        .isEqualTo(0.8);
    assertThat(of(ten, Map.of("completed", 12L)).progress()).isEqualTo(1.0);
    assertThat(of(SPEC, Map.of("expected", 4L, "completed", 1L)).progress()).isEqualTo(0.25);
    assertThat(of(SPEC, Map.of("completed", 1L)).progress()).isNull();
  }

  @Test
  void ratesAreNeverRoundedUpToWhatIsNotSo() {
    BatchSpec all = BatchSpec.builder().expectedFiles(100_000).build();
    Snapshot almost = of(all, Map.of("completed", 99_999L, "failed", 1L));

    assertThat(almost.successRate()).isEqualTo(0.999);
    assertThat(of(all, Map.of("completed", 99_999L)).progress()).isEqualTo(0.999);
  }

  @Test
  void expectedIsTheDeclaredNumberOrThoseNamedWhereTheyAreMore() {
    BatchSpec ten = BatchSpec.builder().expectedFiles(10).build();

    assertThat(of(ten, Map.of("expected", 3L)).totals().files().expected()).isEqualTo(10);
    assertThat(of(ten, Map.of("expected", 30L)).totals().files().expected()).isEqualTo(30);
  }

  @Test
  void silentFromHalfTheIdleLimitOn() {
    Limits limits =
        LimitRules.DEFAULTS.with(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(20)));
    BatchState state = running(Map.of());

    assertThat(at(49.999, SPEC, limits, state).flags()).isEmpty();
    assertThat(at(50, SPEC, limits, state).flags()).containsExactly(Flag.SILENT);
    assertThat(at(5_000, SPEC, limits.with(LimitName.IDLE, Limit.off()), state).flags())
        .doesNotContain(Flag.SILENT);
  }

  @Test
  void stalledWhereNothingMovedForTheProgressLimit() {
    Limits limits =
        LimitRules.DEFAULTS.with(LimitName.PROGRESS, Limit.flagAfter(Duration.ofSeconds(30)));
    BatchState state = running(Map.of());

    assertThat(at(49.999, SPEC, limits, state).flags()).isEmpty();
    assertThat(at(50, SPEC, limits, state).flags()).containsExactly(Flag.STALLED);
  }

  @Test
  void limitThatOnlyFlagsShowsWhenItIsOver() {
    Limits limits =
        LimitRules.DEFAULTS.with(LimitName.OPERATION, Limit.flagAfter(Duration.ofSeconds(60)));
    BatchState state = running(Map.of());

    assertThat(at(60.999, SPEC, limits, state).flags()).isEmpty();
    assertThat(at(61, SPEC, limits, state).flags()).containsExactly(Flag.OVER_LIMIT);
    assertThat(
            at(
                    61,
                    SPEC,
                    limits.with(LimitName.OPERATION, Limit.endAfter(Duration.ofSeconds(60))),
                    state)
                .flags())
        .isEmpty();
  }

  @Test
  void endedBatchStandsStill() {
    BatchState ended =
        new BatchState(
            BatchStatus.FAILED,
            1,
            Trees.of(3),
            9,
            OPENED,
            OPENED.plusSeconds(1),
            OPENED.plusSeconds(31),
            OPENED.plusSeconds(30),
            OPENED.plusSeconds(30),
            Tally.ZERO,
            null);

    Snapshot snapshot = at(100_000, SPEC, LimitRules.DEFAULTS, ended);

    assertThat(snapshot.elapsedSeconds()).isEqualTo(30.0);
    assertThat(snapshot.idleSeconds()).isNull();
    assertThat(snapshot.flags()).isEmpty();
    assertThat(snapshot.limits().get("idle").leftSeconds()).isNull();
    assertThat(snapshot.totals().events()).as("the ending is no event").isEqualTo(2);
  }

  @Test
  void pendingBatchHasNotBegun() {
    Snapshot snapshot = at(12.5, SPEC, LimitRules.DEFAULTS, BatchState.opened(OPENED));

    assertThat(snapshot.elapsedSeconds()).isZero();
    assertThat(snapshot.idleSeconds()).isEqualTo(12.5);
    assertThat(snapshot.limits().get("start").leftSeconds()).isEqualTo(1_787.5);
    assertThat(snapshot.limits().get("operation").leftSeconds()).isNull();
    assertThat(snapshot.flags()).isEmpty();
  }

  @Test
  void batchThatTakesLongerThanLoadsOfItsTableDidIsSlow() {
    Usual usual = new Usual(5, 30, 60, 0, 0, 0, 0);
    Usual tooFew = new Usual(4, 30, 60, 0, 0, 0, 0);
    BatchState running = running(Map.of());

    assertThat(Snapshots.of(record(60.9, SPEC, LimitRules.DEFAULTS, running), usual).flags())
        .isEmpty();
    Snapshot slow = Snapshots.of(record(61.5, SPEC, LimitRules.DEFAULTS, running), usual);
    assertThat(slow.flags()).containsExactly(Flag.SLOW);
    assertThat(slow.usual()).isEqualTo(usual);
    assertThat(Snapshots.of(record(61.5, SPEC, LimitRules.DEFAULTS, running), tooFew).flags())
        .isEmpty();
    assertThat(Snapshots.of(record(61.5, SPEC, LimitRules.DEFAULTS, running)).flags()).isEmpty();
  }
}
