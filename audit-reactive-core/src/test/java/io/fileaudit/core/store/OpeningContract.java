package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.INCOMPLETE;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.RefusalCounts;
import io.fileaudit.core.batch.Tally;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Opening, finding open, resuming; parents; files expected by name. */
interface OpeningContract extends StoreContract {

  /**
   * A specification that says something in each of its fields but the parent and the expected
   * files.
   */
  private static BatchSpec.Builder full() {
    return BatchSpec.builder()
        .name("empresa 2025-02")
        .table("empresa")
        .period("2025-02")
        .label("team", "rfb")
        .label("zone", "é'\"%_\\")
        .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(10)))
        .limit(LimitName.OPERATION, Limit.flagAfter(Duration.ofHours(3)))
        .limit(LimitName.PROGRESS, Limit.off())
        .maxRejectedRows(1000L)
        .maxSkipped(5L)
        .zeroRows(ZeroRows.INCOMPLETE);
  }

  @Test
  default void newBatchIsPendingAndEmpty() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();
    BatchSpec spec = full().expected(new Expected(10L, "*.EMPRECSV", List.of())).build();

    OpenedBatch opened = driver.open(key, spec);

    assertThat(opened.created()).isTrue();
    BatchRecord batch = opened.batch();
    assertThat(batch.key()).isEqualTo(key);
    assertThat(batch.spec()).isEqualTo(spec);
    assertThat(batch.limits()).isEqualTo(driver.opening(key, spec).limits());
    assertThat(batch.refusals()).isEqualTo(RefusalCounts.NONE);
    assertThat(batch.now()).isAfterOrEqualTo(batch.openedAt());
    BatchState state = batch.state();
    assertThat(state.status()).isEqualTo(PENDING);
    assertThat(state.run()).isEqualTo(1);
    assertThat(state.nextSeq()).isZero();
    assertThat(state.events()).isZero();
    assertThat(state.runOpenedAt()).isEqualTo(batch.openedAt());
    assertThat(state.tally()).isEqualTo(Tally.ZERO);
    assertThat(state.startedAt()).isNull();
    assertThat(state.endedAt()).isNull();
    assertThat(state.lastActivityAt()).isNull();
    assertThat(state.lastProgressAt()).isNull();
    assertThat(state.verdict()).isNull();
    assertThat(driver.ledger(key)).isEmpty();
    assertThat(driver.verdicts(key)).isEmpty();
    assertThat(driver.files(key)).isEmpty();
  }

  @Test
  default void openedBatchIsFoundAsItWasAnswered() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();

    BatchRecord answered = driver.open(key, full().build()).batch();

    BatchRecord found = driver.find(key);
    assertThat(found.spec()).isEqualTo(answered.spec());
    assertThat(found.limits()).isEqualTo(answered.limits());
    assertThat(found.openedAt()).isEqualTo(answered.openedAt());
    assertThat(found.state()).isEqualTo(answered.state());
    assertThat(found.now()).isAfterOrEqualTo(answered.now());
  }

  @Test
  default void sameOpeningAgainChangesNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(full().build());
    driver.send(key, Lines.started("a"));
    List<Object> before = driver.everything(key);

    OpenedBatch again = driver.open(key, full().build());

    assertThat(again.created()).isFalse();
    assertThat(again.batch().state()).isEqualTo(driver.find(key).state());
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void openingWithOtherFieldsIsAConflictThatNamesThem() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(full().build());
    List<Object> before = driver.everything(key);
    BatchSpec other = full().table("socios").maxSkipped(6L).build();

    AuditException error =
        driver.refusal(ProblemType.BATCH_CONFLICT, driver.store.open(driver.opening(key, other)));

    assertThat(error.detail()).contains("table", "max_skipped").doesNotContain("period");
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void endedBatchIsFoundByItsOpening() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(full().build());
    driver.decide(key, FAILED);
    List<Object> before = driver.everything(key);

    OpenedBatch again = driver.open(key, full().build());

    assertThat(again.created()).isFalse();
    assertThat(again.batch().state().status()).isEqualTo(FAILED);
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void resumeOfAnOpenBatchChangesNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(full().build());
    List<Object> before = driver.everything(key);

    OpenedBatch again = driver.open(key, full().resume(true).build());

    assertThat(again.created()).isFalse();
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void resumeOfWhatIsNotThereOpensIt() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();

    OpenedBatch opened = driver.open(key, full().resume(true).build());

    assertThat(opened.created()).isTrue();
    assertThat(opened.batch().state().status()).isEqualTo(PENDING);
    assertThat(opened.batch().state().run()).isEqualTo(1);
    assertThat(driver.open(key, full().build()).created()).isFalse();
  }

  @Test
  default void openingWithResumeTakesAnEndedBatchUpAgain() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(full().build());
    driver.send(key, Lines.completed("a", 1));
    BatchState ended = driver.decide(key, FAILED).batch().state();

    OpenedBatch resumed = driver.open(key, full().resume(true).build());

    assertThat(resumed.created()).isFalse();
    BatchState state = resumed.batch().state();
    assertThat(state.status()).isEqualTo(RUNNING);
    assertThat(state.run()).isEqualTo(2);
    assertThat(state.version()).isGreaterThan(ended.version());
    assertThat(state.nextSeq()).isEqualTo(3);
    assertThat(state.runOpenedAt()).isAfterOrEqualTo(ended.endedAt());
    assertThat(state.startedAt()).isNull();
    assertThat(state.endedAt()).isNull();
    assertThat(state.lastActivityAt()).isNull();
    assertThat(state.lastProgressAt()).isNull();
    assertThat(state.tally()).isEqualTo(ended.tally());
    Verdict verdict = state.verdict();
    assertThat(verdict.reason()).isEqualTo(VerdictReason.RESUMED);
    assertThat(verdict.status()).isEqualTo(RUNNING);
    assertThat(verdict.run()).isEqualTo(2);
    assertThat(verdict.seq()).isEqualTo(2);
    assertThat(verdict.by()).isEqualTo(StoreDriver.BY);
    assertThat(driver.verdicts(key)).hasSize(2).last().isEqualTo(verdict);
    assertThat(resumed.batch().openedAt()).isEqualTo(driver.find(key).openedAt());
    driver.checkAccount(key);
  }

  @Test
  default void completedBatchCannotBeResumed() {
    StoreDriver driver = driver();
    BatchSpec spec = BatchSpec.builder().build();
    BatchKey key = driver.open(spec);
    assertThat(driver.decide(key, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
    List<Object> before = driver.everything(key);

    driver.refusal(
        ProblemType.INVALID_TRANSITION,
        driver.store.open(driver.opening(key, spec.withResume(true))));
    driver.refusal(
        ProblemType.INVALID_TRANSITION, driver.store.decide(driver.wish(key, 1, RUNNING)));

    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"INCOMPLETE", "FAILED", "CANCELLED"})
  default void everyOtherEndingCanBeResumed(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("never ended"));
    driver.decide(key, ending == INCOMPLETE ? COMPLETED : ending);
    assertThat(driver.status(key)).isEqualTo(ending);

    Decided resumed = driver.decide(key, RUNNING);

    assertThat(resumed.changed()).isTrue();
    assertThat(resumed.batch().state().status()).isEqualTo(RUNNING);
    assertThat(resumed.batch().state().run()).isEqualTo(2);
  }

  @Test
  default void parentMustBeThere() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();
    BatchSpec spec = BatchSpec.builder().parent(driver.key().id()).build();

    driver.refusal(ProblemType.NOT_FOUND, driver.store.open(driver.opening(key, spec)));

    assertThat(driver.store.find(key).blockOptional(StoreDriver.PATIENCE)).isEmpty();
  }

  @Test
  default void parentOfAnotherNamespaceIsNotThere() {
    StoreDriver driver = driver();
    BatchKey elsewhere = new StoreDriver(store()).open();
    BatchSpec spec = BatchSpec.builder().parent(elsewhere.id()).build();

    driver.refusal(ProblemType.NOT_FOUND, driver.store.open(driver.opening(driver.key(), spec)));
  }

  @Test
  default void subBatchHasNoSubBatches() {
    StoreDriver driver = driver();
    BatchKey child = driver.openBelow(driver.open());
    BatchSpec grandchild = BatchSpec.builder().parent(child.id()).build();

    driver.refusal(
        ProblemType.INVALID_TRANSITION,
        driver.store.open(driver.opening(driver.key(), grandchild)));
  }

  @ParameterizedTest
  @EnumSource(
      value = BatchStatus.class,
      names = {"COMPLETED", "FAILED", "CANCELLED"})
  default void endedParentTakesNoSubBatch(BatchStatus ending) {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    Verdict verdict = driver.decide(parent, ending).batch().state().verdict();
    BatchKey key = driver.key();
    BatchSpec spec = BatchSpec.builder().parent(parent.id()).build();

    AuditException error =
        driver.refusal(ProblemType.BATCH_ENDED, driver.store.open(driver.opening(key, spec)));

    assertThat(error.verdict()).isEqualTo(verdict);
    assertThat(driver.store.find(key).blockOptional(StoreDriver.PATIENCE)).isEmpty();
  }

  @Test
  default void subBatchIsNotResumedUnderAnEndedParent() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    BatchSpec spec = BatchSpec.builder().parent(parent.id()).build();
    BatchKey child = driver.open(spec);
    driver.decide(child, FAILED);
    driver.decide(parent, CANCELLED);
    List<Object> before = driver.everything(child);

    driver.refusal(
        ProblemType.BATCH_ENDED, driver.store.open(driver.opening(child, spec.withResume(true))));
    driver.refusal(ProblemType.BATCH_ENDED, driver.store.decide(driver.wish(child, 1, RUNNING)));

    assertThat(driver.everything(child)).isEqualTo(before);
    assertThat(driver.open(child, spec).created()).isFalse();
  }

  @Test
  default void subBatchIsResumedUnderAResumedParent() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    BatchSpec spec = BatchSpec.builder().parent(parent.id()).build();
    BatchKey child = driver.open(spec);
    driver.decide(parent, FAILED);

    driver.decide(parent, RUNNING);

    assertThat(driver.status(child)).as("a resumed parent leaves it ended").isEqualTo(CANCELLED);
    BatchState resumed = driver.open(child, spec.withResume(true)).batch().state();
    assertThat(resumed.status()).isEqualTo(RUNNING);
    assertThat(resumed.run()).isEqualTo(2);
  }

  @Test
  default void filesExpectedByNameAreInTheLedgerAndDoNotStartTheRun() {
    StoreDriver driver = driver();
    ExpectedFile known = new ExpectedFile("landing/a.csv", 100L, 2048L, "sha256:9f86");
    ExpectedFile unknown = new ExpectedFile("landing/é \"b\".csv", null, null, null);
    BatchKey key = driver.key();

    BatchRecord opened =
        driver
            .open(
                key,
                BatchSpec.builder()
                    .expected(new Expected(null, null, List.of(known, unknown)))
                    .build())
            .batch();

    assertThat(driver.events(key))
        .containsExactly(
            Lines.map(
                "type",
                "EXPECTED",
                "file",
                "landing/a.csv",
                "rows",
                100,
                "bytes",
                2048,
                "checksum",
                "sha256:9f86"),
            Lines.map("type", "EXPECTED", "file", "landing/é \"b\".csv"));
    BatchState state = driver.find(key).state();
    assertThat(state).isEqualTo(opened.state());
    assertThat(state.status()).isEqualTo(PENDING);
    assertThat(state.startedAt()).isNull();
    assertThat(state.lastActivityAt()).isNull();
    assertThat(state.lastProgressAt()).isNull();
    assertThat(state.nextSeq()).isEqualTo(2);
    assertThat(driver.files(key)).allMatch(file -> file.state() == FileState.EXPECTED);
    assertThat(driver.snapshot(key).totals().files().expected()).isEqualTo(2);
    assertThat(driver.snapshot(key).totals().files().missing()).isEqualTo(2);
    driver.checkAccount(key);
    LedgerBodies.check(key, driver.ledger(key));
  }

  @Test
  default void filesExpectedByNameAreEnteredOnce() {
    StoreDriver driver = driver();
    BatchSpec spec =
        BatchSpec.builder()
            .expected(new Expected(null, null, List.of(new ExpectedFile("a", 1L, null, null))))
            .build();
    BatchKey key = driver.open(spec);

    driver.open(key, spec);
    driver.decide(key, FAILED);
    driver.open(key, spec.withResume(true));

    assertThat(driver.events(key)).filteredOn("type", "EXPECTED").hasSize(1);
    assertThat(driver.snapshot(key).totals().events()).isEqualTo(1);
    driver.checkAccount(key);
  }

  @Test
  default void manyFilesCanBeExpected() {
    StoreDriver driver = driver();
    List<ExpectedFile> files =
        IntStream.range(0, 2_500)
            .mapToObj(i -> new ExpectedFile("file-" + i, (long) i, null, null))
            .toList();

    BatchKey key =
        driver.open(BatchSpec.builder().expected(new Expected(null, null, files)).build());

    assertThat(driver.snapshot(key).totals().files().missing()).isEqualTo(2_500);
    driver.checkAccount(key);
  }

  @Test
  default void oneIdInTwoNamespacesIsTwoBatches() {
    StoreDriver driver = driver();
    StoreDriver other = new StoreDriver(store());
    BatchKey key = driver.open(full().build());
    BatchKey twin = new BatchKey(other.namespace, key.id());
    driver.send(key, 1, "p", Lines.completed("a", 7, "position", 1, "id", "one"));

    assertThat(other.open(twin, BatchSpec.builder().build()).created()).isTrue();

    assertThat(other.ledger(twin)).isEmpty();
    assertThat(other.files(twin)).isEmpty();
    assertThat(other.marks(twin)).isEmpty();
    assertThat(other.send(twin, 1, "p", Lines.failed("b", "position", 1, "id", "one")).accepted())
        .as("keys of the other namespace are not this one's")
        .isEqualTo(1);
    other.decide(twin, CANCELLED);
    assertThat(driver.status(key)).isEqualTo(RUNNING);
    assertThat(driver.files(key)).extracting("file").containsExactly("a");
  }

  @Test
  default void ofOpeningsAtOneTimeOneCreates() {
    StoreDriver driver = driver();
    BatchSpec spec =
        full()
            .expected(new Expected(null, null, List.of(new ExpectedFile("a", null, null, null))))
            .build();
    OpenBatch request = driver.opening(driver.key(), spec);

    List<OpenedBatch> opened =
        driver.all(
            Flux.range(0, 8)
                .flatMap(
                    i -> driver.store.open(request).subscribeOn(Schedulers.boundedElastic()), 8));

    assertThat(opened).hasSize(8).filteredOn(OpenedBatch::created).hasSize(1);
    assertThat(driver.ledger(request.key())).hasSize(1);
  }

  @Test
  default void openingDoesNothingUntilSubscribed() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();

    Mono<OpenedBatch> call = driver.store.open(driver.opening(key, full().build()));

    assertThat(driver.store.find(key).blockOptional(StoreDriver.PATIENCE)).isEmpty();
    assertThat(driver.answer(call).created()).isTrue();
    assertThat(driver.answer(call).created()).as("each subscription is a call").isFalse();
    assertThat(driver.find(key).spec().labels())
        .isEqualTo(Map.of("team", "rfb", "zone", "é'\"%_\\"));
  }

  @Test
  default void expectedFilesInAnotherOrderAreTheSame() {
    StoreDriver driver = driver();
    BatchKey key = driver.key();
    ExpectedFile one = new ExpectedFile("a", 1L, null, null);
    ExpectedFile other = new ExpectedFile("b", 2L, null, null);

    driver.open(key, BatchSpec.builder().expected(expecting(one, other)).build());

    assertThat(
            driver.open(key, BatchSpec.builder().expected(expecting(other, one)).build()).created())
        .isFalse();
    driver.refusal(
        ProblemType.BATCH_CONFLICT,
        driver.store.open(
            driver.opening(key, BatchSpec.builder().expected(expecting(one)).build())));
  }

  private static Expected expecting(ExpectedFile... files) {
    return new Expected(null, null, List.of(files));
  }
}
