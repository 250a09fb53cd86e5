package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.INCOMPLETE;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.api.event.EventType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Completing is judged by the account: a COMPLETED batch hides no failed, missing, refused or
 * unfinished file.
 */
interface CompletingContract extends StoreContract {

  private static ExpectedFile named(String file) {
    return new ExpectedFile(file, null, null, null);
  }

  private static BatchSpec expecting(ExpectedFile... files) {
    return BatchSpec.builder().expected(new Expected(null, null, List.of(files))).build();
  }

  private Findings incomplete(StoreDriver driver, BatchKey key) {
    BatchState state = driver.decide(key, COMPLETED).batch().state();
    assertThat(state.status()).isEqualTo(INCOMPLETE);
    assertThat(state.verdict().status()).isEqualTo(INCOMPLETE);
    assertThat(state.verdict().requested()).isEqualTo(COMPLETED);
    assertThat(driver.verdicts(key)).last().isEqualTo(state.verdict());
    driver.checkAccount(key);
    return state.verdict().findings();
  }

  private void complete(StoreDriver driver, BatchKey key) {
    BatchState state = driver.decide(key, COMPLETED).batch().state();
    assertThat(state.verdict().findings()).isEqualTo(new Findings(0, 0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(state.status()).isEqualTo(COMPLETED);
    driver.checkAccount(key);
  }

  @Test
  default void failedFileMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1), Lines.failed("b"), Lines.failed("c"));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(2, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  default void unfinishedFileMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key, Lines.started("a"), Lines.event(EventType.DISCOVERED, "b"), Lines.progress("c", 1));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 3, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  default void fileExpectedByNameAndMissingMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(expecting(named("a"), named("b"), named("c")));
    driver.send(key, Lines.completed("b", 1));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 0, 2, 0, 0, 0, 0, 0, 0));
  }

  @Test
  default void fileExpectedByAnEventAndMissingMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.event(EventType.EXPECTED, "a"));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 0, 1, 0, 0, 0, 0, 0, 0));
  }

  @Test
  default void countedExpectationThatFallsShortMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key =
        driver.open(
            BatchSpec.builder().expected(new Expected(3L, "*.EMPRECSV", List.of())).build());
    driver.send(
        key,
        Lines.completed("in/Y0.D40511.EMPRECSV", 1),
        Lines.skipped("in/Y1.D40511.EMPRECSV"),
        Lines.completed("in/Y2.D40511.SOCIOCSV", 1),
        Lines.completed("EMPRECSV", 1));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 0, 1, 0, 0, 0, 0, 0, 0));
    driver.decide(key, RUNNING);
    driver.send(key, 2, null, Lines.completed("Y3.EMPRECSV", 1));
    assertThat(driver.decide(key, 2, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
  }

  @Test
  default void moreFilesThanExpectedAreNotHeldAgainstIt() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(BatchSpec.builder().expectedFiles(1).build());
    driver.send(
        key,
        Lines.completed("a", 1, "checksum", "md5:1"),
        Lines.completed("b", 1, "checksum", "md5:1"));

    complete(driver, key);
  }

  @Test
  default void fileWithFewerRowsOrBytesOrOtherContentThanExpectedIsShort() {
    StoreDriver driver = driver();
    BatchKey key =
        driver.open(
            expecting(
                new ExpectedFile("rows", 100L, null, null),
                new ExpectedFile("bytes", null, 100L, null),
                new ExpectedFile("checksum", null, null, "sha256:aa"),
                new ExpectedFile("silent", 1L, null, null),
                new ExpectedFile("enough", 100L, 100L, "sha256:aa"),
                new ExpectedFile("empty", 0L, 0L, null)));
    driver.send(
        key,
        Lines.completed("rows", 99),
        Lines.completed("bytes", 1, "bytes", 99),
        Lines.completed("checksum", 1, "checksum", "sha256:ab"),
        Lines.event(EventType.COMPLETED, "silent"),
        Lines.completed("enough", 101, "bytes", 100, "checksum", "sha256:aa"),
        Lines.completed("empty", 0, "bytes", 0));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 0, 0, 4, 0, 0, 0, 0, 0));
  }

  @Test
  default void refusedEventMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1), "not JSON", "{\"type\":\"COMPLETED\"}", "not JSON");

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(0, 0, 0, 0, 2, 0, 0, 0, 0));
  }

  @Test
  default void subBatchThatEndedOtherwiseMakesItIncomplete() {
    StoreDriver driver = driver();
    BatchKey parent = driver.open();
    driver.decide(driver.openBelow(parent), COMPLETED);
    driver.decide(driver.openBelow(parent), FAILED);
    BatchKey incomplete = driver.openBelow(parent);
    driver.send(incomplete, Lines.started("a"));
    driver.decide(incomplete, COMPLETED);

    assertThat(incomplete(driver, parent)).isEqualTo(new Findings(0, 0, 0, 0, 0, 2, 0, 0, 0));
  }

  @Test
  default void rejectedRowsAreAllowedUpToTheirLimit() {
    StoreDriver driver = driver();
    BatchSpec spec = BatchSpec.builder().maxRejectedRows(10L).build();
    BatchKey within = driver.open(spec);
    driver.send(
        within,
        Lines.completed("a", 1, "rejected_rows", 4),
        Lines.completed("b", 1, "rejected_rows", 6));
    complete(driver, within);
    BatchKey above = driver.open(spec);
    driver.send(above, Lines.completed("a", 1, "rejected_rows", 13));

    assertThat(incomplete(driver, above)).isEqualTo(new Findings(0, 0, 0, 0, 0, 0, 3, 0, 0));
  }

  @Test
  default void skippedFilesAreAllowedUpToTheirLimit() {
    StoreDriver driver = driver();
    BatchSpec spec = BatchSpec.builder().maxSkipped(1L).build();
    BatchKey within = driver.open(spec);
    driver.send(within, Lines.skipped("a"), Lines.completed("b", 1));
    complete(driver, within);
    BatchKey above = driver.open(spec);
    driver.send(above, Lines.skipped("a"), Lines.skipped("b"), Lines.skipped("c"));

    assertThat(incomplete(driver, above)).isEqualTo(new Findings(0, 0, 0, 0, 0, 0, 0, 2, 0));
  }

  @Test
  default void fileWithoutRowsIsHeldAgainstItWhereThatWasSaid() {
    StoreDriver driver = driver();
    BatchKey allowed = driver.open();
    driver.send(allowed, Lines.completed("a", 0));
    complete(driver, allowed);
    BatchKey strict = driver.open(BatchSpec.builder().zeroRows(ZeroRows.INCOMPLETE).build());
    driver.send(strict, Lines.completed("a", 0), Lines.completed("b", 1));

    assertThat(incomplete(driver, strict)).isEqualTo(new Findings(0, 0, 0, 0, 0, 0, 0, 0, 1));
  }

  @Test
  default void allFindingsAreToldTogether() {
    StoreDriver driver = driver();
    BatchKey key =
        driver.open(
            BatchSpec.builder()
                .maxRejectedRows(0L)
                .maxSkipped(0L)
                .zeroRows(ZeroRows.INCOMPLETE)
                .expected(
                    new Expected(
                        null,
                        null,
                        List.of(named("missing"), new ExpectedFile("short", 9L, null, null))))
                .build());
    driver.decide(driver.open(BatchSpec.builder().parent(key.id()).build()), FAILED);
    driver.send(
        key,
        Lines.failed("failed"),
        Lines.started("unfinished"),
        Lines.completed("short", 8),
        "refused",
        Lines.completed("rejected", 1, "rejected_rows", 5),
        Lines.skipped("skipped"),
        Lines.completed("empty", 0));

    assertThat(incomplete(driver, key)).isEqualTo(new Findings(1, 1, 1, 1, 1, 1, 5, 1, 1));
  }

  @Test
  default void otherEndingsAreNotJudged() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(expecting(named("a")));

    BatchState state = driver.decide(key, FAILED).batch().state();

    assertThat(state.status()).isEqualTo(FAILED);
    assertThat(state.verdict().findings()).isNull();
  }

  @Test
  default void lastStateOfAFileCounts() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        Lines.failed("a", "attempt", 1),
        Lines.completed("a", 5, "attempt", 2),
        Lines.completed("b", 7, "attempt", 1),
        Lines.skipped("b", "attempt", 2));

    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(12);
    complete(driver, key);
  }

  @Test
  default void failedFileIsNotMissingAsWell() {
    StoreDriver driver = driver();
    BatchKey key = driver.open(BatchSpec.builder().expectedFiles(3).build());
    driver.send(key, Lines.completed("a", 1), Lines.failed("b"));

    Findings findings = driver.decide(key, COMPLETED).batch().state().verdict().findings();

    assertThat(findings.failed()).isEqualTo(1);
    assertThat(findings.missing()).isEqualTo(1);
    driver.checkAccount(key);
  }
}
