package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.file.FailureGroup;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.file.SameContent;
import io.fileaudit.api.table.BatchInHistory;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.batch.BatchKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store tells over files and batches together. */
public abstract class ReportsContract implements StoreContract {
  private static final int ALL = Integer.MAX_VALUE;

  private StoreDriver driver;

  /** Reports of the store under test. */
  protected abstract ReportStore reports();

  @BeforeEach
  void begin() {
    driver = driver();
  }

  private BatchKey load(String table, String period) {
    return driver.open(BatchSpec.builder().table(table).period(period).build());
  }

  private Map<String, List<Finding>> findings(BatchKey key) {
    Map<String, List<Finding>> found = new HashMap<>();
    for (FileFinding one : all(key, FindingQuery.all())) {
      found.put(one.file(), one.findings());
    }
    return found;
  }

  private List<FileFinding> all(BatchKey key, FindingQuery query) {
    return driver.all(reports().findings(driver.find(key), query));
  }

  @Test
  void monthIsReconciledByName() {
    BatchKey earlier = load("empresa", "2024-04");
    driver.send(earlier, Lines.completed("old", 5, "checksum", "sha256:aa"));
    BatchKey key = load("empresa", "2024-05");
    for (int i = 1; i <= 37; i++) {
      driver.send(key, Lines.event(EventType.EXPECTED, "f" + i, "rows", 10));
    }
    for (int i = 1; i <= 33; i++) {
      driver.send(key, Lines.completed("f" + i, i == 7 ? 9 : 10, "checksum", "sha256:" + i));
    }
    driver.send(key, Lines.started("f34"));
    driver.send(
        key,
        Lines.completed("renamed", 10, "checksum", "sha256:f35"),
        Lines.completed("again", 10, "checksum", "sha256:3"),
        Lines.completed("older", 10, "checksum", "sha256:aa"));

    assertThat(findings(key))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "f7", List.of(Finding.SHORT),
                "f34", List.of(Finding.UNFINISHED),
                "f35", List.of(Finding.MISSING),
                "f36", List.of(Finding.MISSING),
                "f37", List.of(Finding.MISSING),
                "renamed", List.of(Finding.UNEXPECTED),
                "again", List.of(Finding.UNEXPECTED, Finding.DUPLICATE_CONTENT),
                "f3", List.of(Finding.DUPLICATE_CONTENT),
                "older", List.of(Finding.UNEXPECTED, Finding.DUPLICATE_CONTENT)));
    FileFinding older =
        all(key, new FindingQuery(Finding.DUPLICATE_CONTENT, "f4", null, ALL)).get(0);
    assertThat(older.sameAs()).isEqualTo(new SameContent(earlier.id(), "old"));
    FileFinding shortOne = all(key, new FindingQuery(Finding.SHORT, null, null, ALL)).get(0);
    assertThat(shortOne.rows()).isEqualTo(9);
    assertThat(shortOne.expectedRows()).isEqualTo(10);
  }

  @Test
  void findingsArePagedAndFilteredAlike() {
    BatchKey key = load("t", "p");
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      String file = "f" + random.nextInt(200);
      switch (random.nextInt(5)) {
        case 0 -> driver.send(key, Lines.event(EventType.EXPECTED, file, "rows", 5));
        case 1 -> driver.send(key, Lines.started(file));
        case 2 -> driver.send(key, Lines.completed(file, random.nextInt(8)));
        case 3 -> driver.send(key, Lines.completed(file, 5, "checksum", "x:" + random.nextInt(20)));
        default -> driver.send(key, Lines.failed(file));
      }
    }
    List<FileFinding> all = all(key, FindingQuery.all());

    List<FileFinding> paged = new ArrayList<>(all(key, new FindingQuery(null, null, null, 7)));
    for (int before = 0; paged.size() > before; ) {
      before = paged.size();
      paged.addAll(all(key, new FindingQuery(null, paged.get(before - 1).file(), null, 7)));
    }
    assertThat(paged).isEqualTo(all);
    assertThat(all).extracting(FileFinding::file).isSortedAccordingTo(MemoryBatch.BY_CODE_POINT);
    for (Finding finding : Finding.values()) {
      assertThat(all(key, new FindingQuery(finding, null, null, ALL)))
          .as(finding.word())
          .isNotEmpty()
          .extracting(FileFinding::file)
          .containsExactlyElementsOf(
              all.stream()
                  .filter(one -> one.findings().contains(finding))
                  .map(FileFinding::file)
                  .toList());
    }
  }

  @Test
  void findingsUpToANameAreThoseOfAsManyFiles() {
    BatchKey key = load("t", "p");
    for (int i = 0; i < 30; i++) {
      driver.send(
          key,
          i % 3 == 0
              ? Lines.event(EventType.EXPECTED, "f" + i, "rows", 5)
              : Lines.completed("f" + i, 1, "checksum", "x:" + i % 20));
    }
    List<FileFinding> all = all(key, FindingQuery.all());
    List<FileFinding> pieces = new ArrayList<>();
    String after = "";
    for (int i = 0; i < 4; i++) {
      String until = driver.answer(reports().fileBehind(key, after, 7));
      pieces.addAll(all(key, new FindingQuery(null, after, until, ALL)));
      after = until;
    }

    assertThat(reports().fileBehind(key, after, 3).block(StoreDriver.PATIENCE)).isNull();
    assertThat(driver.answer(reports().fileBehind(key, after, 2))).isEqualTo("f9");
    pieces.addAll(all(key, new FindingQuery(null, after, null, ALL)));
    assertThat(pieces).isEqualTo(all);
    assertThat(all(key, new FindingQuery(Finding.MISSING, "f0", "f15", ALL)))
        .extracting(FileFinding::file)
        .containsExactly("f12", "f15");
  }

  @Test
  void withoutNamesOrAPatternNothingIsUnexpected() {
    BatchKey bare = load("t", "p1");
    driver.send(bare, Lines.completed("a", 1));
    assertThat(findings(bare)).isEmpty();

    BatchKey pattern =
        driver.open(
            BatchSpec.builder().table("t").expected(new Expected(2L, "*.csv", List.of())).build());
    driver.send(pattern, Lines.completed("a.csv", 1), Lines.completed("b.txt", 1));
    assertThat(findings(pattern)).isEqualTo(Map.of("b.txt", List.of(Finding.UNEXPECTED)));

    driver.send(pattern, Lines.event(EventType.EXPECTED, "b.txt"));
    assertThat(findings(pattern)).as("announced later").isEmpty();
  }

  @Test
  void duplicateOfAnotherTableOrALaterBatchIsNone() {
    BatchKey first = load("t", "p1");
    driver.send(first, Lines.completed("a", 1, "checksum", "x:1"));
    BatchKey other = load("u", "p1");
    driver.send(other, Lines.completed("b", 1, "checksum", "x:1"));
    BatchKey later = load("t", "p2");
    driver.send(
        later, Lines.completed("c", 1, "checksum", "x:1"), Lines.failed("d", "checksum", "x:1"));

    assertThat(findings(first)).isEmpty();
    assertThat(findings(other)).isEmpty();
    assertThat(findings(later)).isEqualTo(Map.of("c", List.of(Finding.DUPLICATE_CONTENT)));
  }

  @Test
  void failuresAreGroupedByCode() {
    BatchKey key = load("t", "p");
    for (int i = 0; i < 5; i++) {
      String at = "2026-01-0" + (i + 1) + "T00:00:00Z";
      driver.send(key, Lines.failed("f" + i, "at", at, "error", Map.of("code", "bad-date")));
    }
    driver.send(
        key,
        Lines.failed("g", "error", Map.of("code", "no-space", "message", "disk")),
        Lines.failed("h"),
        Lines.completed("i", 1));

    List<FailureGroup> groups = driver.all(reports().failures(key));

    assertThat(groups).extracting(FailureGroup::code).containsExactly("bad-date", "no-space", null);
    FailureGroup dates = groups.get(0);
    assertThat(dates.files()).isEqualTo(5);
    assertThat(dates.firstAt()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(dates.lastAt()).isEqualTo("2026-01-05T00:00:00Z");
    assertThat(dates.sample().file()).isEqualTo("f0");
    assertThat(groups.get(1).sample().error().message()).isEqualTo("disk");
    assertThat(driver.all(reports().failures(load("t", "none")))).isEmpty();
  }

  @Test
  void fileIsFoundOverBatchesByNameAndByContent() {
    BatchKey first = load("t", "p1");
    driver.send(first, Lines.completed("a", 1, "checksum", "x:9"));
    BatchKey second = load("t", "p2");
    driver.send(second, Lines.failed("a"), Lines.completed("b", 2, "checksum", "x:9"));
    BatchKey foreign = new BatchKey("kit-" + UUID.randomUUID(), UUID.randomUUID());
    driver.open(foreign, BatchSpec.builder().build());
    driver.send(foreign, Lines.completed("a", 7, "checksum", "x:9"));

    List<FileInBatch> byName =
        driver.all(reports().history(driver.namespace, new HistoryQuery("a", null, null, 10)));
    List<FileInBatch> byContent =
        driver.all(reports().history(driver.namespace, new HistoryQuery(null, "x:9", null, 10)));

    assertThat(byName).extracting(FileInBatch::batch).containsExactly(second.id(), first.id());
    assertThat(byName.get(0).manifest().state()).isEqualTo(FileState.FAILED);
    assertThat(byName.get(1).period()).isEqualTo("p1");
    assertThat(byContent).extracting(one -> one.manifest().file()).containsExactly("b", "a");
    FileInBatch last = byContent.get(0);
    HistoryQuery.Place place =
        new HistoryQuery.Place(last.openedAt(), last.batch(), last.manifest().file());
    HistoryQuery behind = new HistoryQuery(null, "x:9", place, 10);
    assertThat(driver.all(reports().history(driver.namespace, behind)))
        .isEqualTo(byContent.subList(1, 2));
  }

  private TableQuery query(String table, TableQuery.Place after, int limit) {
    return new TableQuery(driver.namespace, table, null, Set.of(), after, limit);
  }

  private TableAudit audit() {
    return driver.all(reports().tables(query("t", null, 10))).get(0);
  }

  @Test
  void openBatchSpeaksForItsTableAndThenTheNewest() {
    BatchKey failed = load("t", "p");
    driver.send(failed, Lines.completed("a", 10), Lines.failed("b"));
    driver.decide(failed, BatchStatus.FAILED);
    assertThat(audit().status()).isEqualTo(BatchStatus.FAILED);

    BatchKey rerun = load("t", "p");
    assertThat(audit().status()).isEqualTo(BatchStatus.PENDING);
    driver.send(rerun, Lines.completed("b", 20));
    driver.decide(rerun, BatchStatus.COMPLETED);

    TableAudit done = audit();
    assertThat(done.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(done.batch()).isEqualTo(rerun.id());
    assertThat(done.batches()).isEqualTo(2);
    PeriodReport report = driver.answer(reports().period(driver.namespace, "t", "p"));
    assertThat(report.audit()).isEqualTo(done);
    assertThat(report.files().completed()).as("each file by its newest account").isEqualTo(2);
    assertThat(report.files().failed()).isZero();
    assertThat(report.files().rows()).isEqualTo(30);
    assertThat(report.history())
        .extracting(BatchInHistory::status)
        .containsExactly(BatchStatus.COMPLETED, BatchStatus.FAILED);

    driver.decide(failed, BatchStatus.RUNNING);
    assertThat(audit().batch()).as("resumed, so it is the open one").isEqualTo(failed.id());
  }

  @Test
  void tablesAreListedOncePerPeriod() {
    BatchKey first = load("t", "p1");
    load("t", "p2");
    driver.open(BatchSpec.builder().table("u").build());
    driver.open(BatchSpec.builder().name("of no table").build());
    load("t", "p1");
    driver.openBelow(first);

    List<TableAudit> all = driver.all(reports().tables(query(null, null, 10)));

    assertThat(all)
        .extracting(audit -> audit.table() + "@" + audit.period())
        .containsExactly("t@p1", "u@null", "t@p2");
    TableQuery.Place place = new TableQuery.Place(all.get(0).openedAt(), all.get(0).batch());
    assertThat(driver.all(reports().tables(query(null, place, 1)))).isEqualTo(all.subList(1, 2));
    TableQuery failed =
        new TableQuery(driver.namespace, "t", null, Set.of(BatchStatus.FAILED), null, 10);
    assertThat(driver.all(reports().tables(failed))).isEmpty();
    assertThat(reports().period(driver.namespace, "t", "p9").block(StoreDriver.PATIENCE)).isNull();
  }

  @Test
  void loadsAreListedBehindAnyNumberOfRerunsOfOne() {
    for (int i = 0; i < 6; i++) {
      load("t" + i, i < 3 ? "p1" : null);
    }
    driver.decide(load("t9", "p1"), BatchStatus.FAILED);
    BatchKey first = load("t9", "p2");
    for (int i = 0; i < 510; i++) {
      load("t9", "p2");
    }
    driver.openBelow(first);

    List<String> paged = new ArrayList<>();
    TableQuery.Place place = null;
    List<TableAudit> page;
    do {
      page = driver.all(reports().tables(query(null, place, 3)));
      for (TableAudit audit : page) {
        paged.add(audit.table() + "@" + audit.period() + " " + audit.batches());
        place = new TableQuery.Place(audit.openedAt(), audit.batch());
      }
    } while (!page.isEmpty());

    assertThat(paged)
        .containsExactly(
            "t9@p2 511",
            "t9@p1 1",
            "t5@null 1",
            "t4@null 1",
            "t3@null 1",
            "t2@p1 1",
            "t1@p1 1",
            "t0@p1 1");
    assertThat(tables(new TableQuery(driver.namespace, "t9", null, Set.of(), null, 9)))
        .containsExactly("t9@p2", "t9@p1");
    assertThat(tables(new TableQuery(driver.namespace, null, "p1", Set.of(), null, 9)))
        .containsExactly("t9@p1", "t2@p1", "t1@p1", "t0@p1");
    assertThat(tables(new TableQuery(driver.namespace, null, "p2", Set.of(), null, 9)))
        .containsExactly("t9@p2");
    Set<BatchStatus> pending = Set.of(BatchStatus.PENDING);
    assertThat(tables(new TableQuery(driver.namespace, null, "p1", pending, null, 9)))
        .containsExactly("t2@p1", "t1@p1", "t0@p1");
    assertThat(tables(new TableQuery(driver.namespace, null, null, pending, null, 9))).hasSize(7);
    Set<BatchStatus> failed = Set.of(BatchStatus.FAILED, BatchStatus.CANCELLED);
    assertThat(tables(new TableQuery(driver.namespace, null, null, failed, null, 9)))
        .containsExactly("t9@p1");
  }

  private List<String> tables(TableQuery query) {
    return driver.all(reports().tables(query)).stream()
        .map(audit -> audit.table() + "@" + audit.period())
        .toList();
  }

  @Test
  void usualIsWhatTheLastCompletedLoadsCameTo() {
    BatchKey first = load("t", "p0");
    assertThat(reports().usual(driver.find(first)).block(StoreDriver.PATIENCE)).isNull();
    for (int i = 1; i <= 22; i++) {
      BatchKey key = load("t", "p" + i);
      driver.send(key, Lines.completed("a", i * 100, "bytes", i));
      driver.decide(key, BatchStatus.COMPLETED);
    }
    BatchKey failed = load("t", "failed");
    driver.send(failed, Lines.completed("a", 1_000_000));
    driver.decide(failed, BatchStatus.FAILED);
    BatchKey other = load("u", "p");
    driver.send(other, Lines.completed("a", 5_000_000));
    driver.decide(other, BatchStatus.COMPLETED);

    Usual usual = driver.answer(reports().usual(driver.find(first)));

    assertThat(usual.batches()).isEqualTo(20);
    assertThat(usual.medianRows()).isEqualTo(1_250);
    assertThat(usual.p95Rows()).isCloseTo(2_105, within(0.001));
    assertThat(usual.medianBytes()).isEqualTo(12.5);
    assertThat(usual.p95Seconds()).isGreaterThanOrEqualTo(usual.medianSeconds()).isPositive();
    BatchKey sub = driver.openBelow(first);
    assertThat(reports().usual(driver.find(sub)).block(StoreDriver.PATIENCE)).isNull();
  }

  @Test
  void summaryCountsEachLevel() {
    BatchKey root = load("t", "p");
    BatchKey child = driver.openBelow(root);
    driver.send(root, Lines.completed("a", 10, "bytes", 100));
    driver.send(child, Lines.completed("b", 20), Lines.failed("c"));
    BatchKey other = load("u", "p");
    driver.send(other, Lines.started("d"));
    load("t", "q");

    PeriodSummary summary = driver.answer(reports().summary(driver.namespace, "p"));

    assertThat(summary.tables()).isEqualTo(Map.of(BatchStatus.RUNNING, 2L));
    assertThat(summary.batches()).isEqualTo(Map.of(BatchStatus.RUNNING, 2L));
    assertThat(summary.subBatches()).isEqualTo(Map.of(BatchStatus.RUNNING, 1L));
    assertThat(summary.files().completed()).isEqualTo(2);
    assertThat(summary.files().failed()).isEqualTo(1);
    assertThat(summary.files().running()).isEqualTo(1);
    assertThat(summary.files().rows()).isEqualTo(30);
    assertThat(summary.files().bytes()).isEqualTo(100);
    assertThat(driver.answer(reports().summary(driver.namespace, null)).batches())
        .isEqualTo(Map.of(BatchStatus.RUNNING, 2L, BatchStatus.PENDING, 1L));
  }
}
