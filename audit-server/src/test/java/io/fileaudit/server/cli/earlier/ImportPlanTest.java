package io.fileaudit.server.cli.earlier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.map;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the earlier service's rows. */
class ImportPlanTest {
  private final EarlierService earlier = new EarlierService();

  @Test
  void batchHasTablePeriodAndFilesWithTheirTimes() {
    earlier.table("t", "empresa", "COMPLETED").file("f", "t", "in/a.csv", "COMPLETED", 9);
    earlier.batch("b", "f", "COMPLETED").step("s", "b", "FAILED");

    ImportPlan plan = earlier.plan();

    assertThat(plan.remarks()).isEmpty();
    assertThat(plan.batches())
        .extracting(ImportedBatch::level, ImportedBatch::id, ImportedBatch::ending)
        .containsExactly(
            tuple(Level.BATCH, "b", BatchStatus.COMPLETED),
            tuple(Level.TABLE, "t", BatchStatus.COMPLETED));
    ImportedBatch batch = plan.batches().get(0);
    assertThat(batch.spec().table()).isEqualTo("empresa");
    assertThat(batch.spec().period()).isEqualTo("2024-05");
    assertThat(batch.spec().labels())
        .containsEntry("imported_id", "b")
        .containsEntry("imported_created_at", "2024-05-11T13:00:00Z")
        .containsEntry("imported_table_audit", "t");
    assertThat(batch.events())
        .extracting(FileEvent::type, FileEvent::at, FileEvent::rows, FileEvent::bytes)
        .containsExactly(
            tuple(EventType.STARTED, Instant.parse("2024-05-11T13:00:01.250Z"), null, null),
            tuple(EventType.COMPLETED, Instant.parse("2024-05-11T13:01:00Z"), 9L, 100L));
    assertThat(batch.children())
        .singleElement()
        .satisfies(step -> assertThat(step.ending()).isEqualTo(BatchStatus.FAILED))
        .satisfies(step -> assertThat(step.spec().period()).isEqualTo("2024-05"))
        .satisfies(step -> assertThat(step.spec().labels()).containsEntry("imported_rows", "7"));
    assertThat(plan.batches().get(1).events()).as("counted once").isEmpty();
  }

  @Test
  void fileOfNoBatchIsInThatOfItsTableAuditAndNamed() {
    earlier.table("t", "empresa", "FAILED").file("f", "t", "in/a.csv", "FAILED", 9);

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches())
        .singleElement()
        .satisfies(batch -> assertThat(batch.ending()).isEqualTo(BatchStatus.FAILED))
        .satisfies(batch -> assertThat(batch.events()).hasSize(2));
    assertThat(kinds(plan)).containsExactly("f file-without-batch taken");
  }

  @Test
  void tableAuditOfNoMonthIsTakenWithoutAPeriodAndNamed() {
    earlier.row(
        Level.TABLE,
        "table_audit_id",
        "t",
        "entity_name",
        "empresa",
        "status",
        "COMPLETED",
        "ingestion_year",
        2024,
        "ingestion_month",
        13);

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches()).singleElement().extracting(batch -> batch.spec().period()).isNull();
    assertThat(kinds(plan)).containsExactly("t no-period taken");
  }

  @Test
  void fileOfNothingIsLeftOutByName() {
    earlier.file("f", "gone", "in/a.csv", "COMPLETED", 9);

    assertThat(earlier.plan().batches()).isEmpty();
    assertThat(kinds(earlier.plan())).containsExactly("f file-without-batch left out");
  }

  @Test
  void fileOfSeveralBatchesCountsOnce() {
    earlier.table("t", "empresa", "COMPLETED").file("f", "t", "in/a.csv", "COMPLETED", 9);
    earlier.batch("b1", "f", "COMPLETED").batch("b2", "f", "COMPLETED");

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches()).extracting(batch -> batch.events().size()).containsExactly(2, 0, 0);
    assertThat(plan.batches()).extracting(batch -> batch.spec().period()).containsOnly("2024-05");
    assertThat(kinds(plan)).containsExactly("f file-of-several-batches taken");
  }

  @Test
  void fileOfSeveralBatchesIsInOneThatHasEnded() {
    earlier.table("t", "empresa", "COMPLETED").file("f", "t", "in/a.csv", "COMPLETED", 9);
    earlier.batch("b1", "f", "RUNNING").batch("b2", "f", "COMPLETED");

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches())
        .extracting(ImportedBatch::id, batch -> batch.events().size())
        .containsExactly(tuple("b2", 2), tuple("t", 0));
    assertThat(kinds(plan))
        .containsExactlyInAnyOrder("f file-of-several-batches taken", "b1 never-ended left out");
  }

  @Test
  void whatNoTextOrNumberOfAnEventMayBeIsKeptAsNearAsItGoes() {
    earlier.table("t", "empresa", "COMPLETED");
    earlier.text(
        Level.FILE,
        """
        {"file_audit_id":"f","parent_table_audit_id":"t","file_path":"a.csv","status":"SKIPPED",
         "error_message":"was there already","description":"the \\u0000 one",
         "notes":{"path":"a\\u0000b","names":["\\udce9"]},"metrics":{"started_ns":1716400000123456789}}
        """);

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches().get(0).events())
        .singleElement()
        .extracting(FileEvent::attributes)
        .isEqualTo(
            Map.of(
                "imported_id", "f",
                "error", "was there already",
                "description", "the \ufffd one",
                "notes", Map.of("path", "a\ufffdb", "names", List.of("\ufffd")),
                "metrics", "{\"started_ns\":1716400000123456789}"));
    assertThat(kinds(plan)).contains("f kept-as-text taken");
  }

  @ParameterizedTest
  @CsvSource({
    "1e16, 1E+16, false",
    "-1e17, -1E+17, false",
    "9007199254740993.5, 9007199254740993.5, false",
    "12345678901234567890.125, 12345678901234567890.125, false",
    "123456789012345678901234567890, 123456789012345678901234567890, false",
    "1e400, 1E+400, false",
    "0.25, 0.25, true",
    "1.5e300, 1.5E+300, true",
    "9007199254740991, 9007199254740991, true"
  })
  void numberThatNoEventMayHaveIsKeptAsItWasWritten(String number, String kept, boolean may) {
    earlier.table("t", "empresa", "COMPLETED");
    earlier.text(
        Level.FILE,
        """
        {"file_audit_id":"f","parent_table_audit_id":"t","file_path":"a.csv","status":"COMPLETED",
         "rows_processed":1,"filesize":2,"metrics":{"n":%s}}
        """
            .formatted(number));

    ImportPlan plan = earlier.plan();

    FileEvent event = plan.batches().get(0).events().get(0);
    if (may) {
      assertThat(event.attributes().get("metrics"))
          .asInstanceOf(map(String.class, Object.class))
          .containsOnlyKeys("n");
      assertThat(kinds(plan)).doesNotContain("f kept-as-text taken");
    } else {
      assertThat(event.attributes()).containsEntry("metrics", "{\"n\":" + kept + "}");
      assertThat(kinds(plan)).contains("f kept-as-text taken");
    }
    String text = CanonicalJson.text(event.attributes());
    byte[] line =
        ("{\"type\":\"COMPLETED\",\"file\":\"a\",\"attributes\":" + text + "}")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(new EventReader().read(1, line, 0, line.length)).isInstanceOf(Line.Readable.class);
  }

  @Test
  void rowThatCannotBeReadHasNoColumnsToMiss() {
    EarlierNames names = EarlierNames.of(Map.of(), Map.of("file.rows", "rowz"));

    assertThat(names.notIn(Level.FILE, "{\"rows\":1}")).containsExactly("rowz");
    assertThat(names.notIn(Level.FILE, "[".repeat(1_000))).isEmpty();
  }

  @Test
  void manifestsOfOneFileAreItsAttempts() {
    earlier.table("t", "empresa", "COMPLETED");
    earlier.file("f1", "t", "in/a.csv", "FAILED", 3).file("f2", "t", "in/a.csv", "COMPLETED", 9);

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches().get(0).events())
        .extracting(FileEvent::type, FileEvent::attempt)
        .containsExactly(
            tuple(EventType.STARTED, 1),
            tuple(EventType.FAILED, 1),
            tuple(EventType.STARTED, 2),
            tuple(EventType.COMPLETED, 2));
    assertThat(kinds(plan)).contains("f2 duplicate-file taken");
  }

  @ParameterizedTest
  @CsvSource({"PARTIAL", "''", "done"})
  void unknownStatusIsNeverPending(String status) {
    earlier.table("t", "empresa", "COMPLETED").file("f", "t", "in/a.csv", status, 9);
    earlier.batch("b", null, status.isEmpty() ? "unknown" : status).step("s", "b", "COMPLETED");

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches()).extracting(ImportedBatch::id).containsExactly("t");
    assertThat(plan.batches().get(0).events()).isEmpty();
    assertThat(kinds(plan))
        .contains(
            "b unknown-status left out", "s batch-left-out left out", "f unknown-status left out");
  }

  @Test
  void whatNeverEndedWaitsOrIsCancelled() {
    earlier.batch("b", null, "RUNNING").step("s", "b", "RUNNING");

    assertThat(earlier.plan().batches()).isEmpty();
    assertThat(kinds(earlier.plan())).contains("b never-ended left out");
    assertThat(earlier.plan(true).batches())
        .singleElement()
        .satisfies(batch -> assertThat(batch.ending()).isEqualTo(BatchStatus.CANCELLED))
        .satisfies(
            batch ->
                assertThat(batch.children())
                    .singleElement()
                    .satisfies(step -> assertThat(step.ending()).isEqualTo(BatchStatus.CANCELLED)));
  }

  @Test
  void badFiguresAndTimesAreLeftOutAndNamed() {
    earlier.table("t", "empresa", "COMPLETED");
    earlier.row(
        Level.FILE,
        "file_audit_id",
        "f",
        "parent_table_audit_id",
        "t",
        "file_path",
        "in/a.csv",
        "status",
        "COMPLETED",
        "created_at",
        "2024-05-11T10:00:00",
        "started_at",
        "2024-05-11T11:00:00",
        "completed_at",
        "2024-05-11T10:30:00",
        "rows_processed",
        -5,
        "filesize",
        12.5,
        "checksum",
        "none");
    earlier.file("g", "t", "in/b.csv", "COMPLETED", null);
    earlier.row(
        Level.FILE,
        "file_audit_id",
        "h",
        "parent_table_audit_id",
        "t",
        "file_path",
        "in/c.csv",
        "status",
        "COMPLETED",
        "completed_at",
        "2099-01-01T00:00:00+00:00");

    ImportPlan plan = earlier.plan();

    assertThat(kinds(plan).stream().filter(kind -> !kind.contains("file-without-batch")))
        .containsExactlyInAnyOrder(
            "f times-out-of-order taken",
            "f bad-figure taken",
            "f bad-figure taken",
            "f bad-checksum taken",
            "g half-figures taken",
            "h bad-time taken");
    FileEvent ended =
        plan.batches().get(0).events().stream()
            .filter(event -> event.type() == EventType.COMPLETED && event.file().equals("in/a.csv"))
            .findFirst()
            .orElseThrow();
    assertThat(ended.rows()).isNull();
    assertThat(ended.bytes()).isNull();
    assertThat(ended.checksum()).isNull();
    assertThat(ended.attributes())
        .containsEntry("imported_rows", "-5")
        .containsEntry("imported_bytes", "12.5")
        .containsEntry("imported_checksum", "none");
  }

  @Test
  void whatCannotBeReadOrKnownAgainIsNamed() {
    earlier.text(Level.BATCH, "{\"batch_audit_id\":").row(Level.BATCH, "status", "COMPLETED");
    earlier.batch("b", null, "COMPLETED").batch("b", null, "FAILED");
    earlier.step("s", "gone", "COMPLETED");

    ImportPlan plan = earlier.plan();

    assertThat(plan.batches())
        .extracting(ImportedBatch::ending)
        .containsOnly(BatchStatus.COMPLETED);
    assertThat(kinds(plan))
        .containsExactlyInAnyOrder(
            " unreadable left out",
            " no-id left out",
            "b no-id left out",
            "b no-period taken",
            "s sub-batch-without-batch left out");
  }

  @Test
  void namesOfEarlierAndOtherVersionsAreFound() {
    earlier.row(
        Level.TABLE,
        "audi_id",
        "t",
        "audi_table_name",
        "socios",
        "audi_ingestion_year",
        2023,
        "audi_ingestion_month",
        12,
        "audi_inserted_at",
        "2023-12-03T00:00:00");
    earlier.row(
        Level.BATCH,
        "batch_id",
        "b",
        "batch_name",
        "n",
        "target_table",
        "socios",
        "status",
        "completed");
    earlier.row(
        Level.SUBBATCH, "subbatch_manifest_id", "s", "batch_manifest_id", "b", "status", "SKIPPED");
    earlier.row(
        Level.FILE,
        "file_manifest_id",
        "f",
        "audit_id",
        "t",
        "batch_id",
        "b",
        "subbatch_id",
        "s",
        "file_path",
        "x",
        "status",
        "FAILED",
        "sha",
        "ab".repeat(32));

    ImportPlan plan =
        earlier.plan(EarlierNames.of(Map.of("file", "f"), Map.of("file.checksum", "sha")));

    assertThat(plan.remarks()).isEmpty();
    ImportedBatch batch = plan.batches().get(0);
    assertThat(batch.spec().period()).isEqualTo("2023-12");
    assertThat(batch.children().get(0).events())
        .singleElement()
        .satisfies(event -> assertThat(event.checksum()).isEqualTo("sha256:" + "ab".repeat(32)));
  }

  @Test
  void namesThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> EarlierNames.of(Map.of("files", "f"), Map.of()))
        .hasMessageContaining("files");
    assertThatThrownBy(() -> EarlierNames.of(Map.of(), Map.of("file.sha", "f")))
        .hasMessageContaining("sha");
    assertThatThrownBy(() -> EarlierNames.of(Map.of(), Map.of("batch.checksum", "f")))
        .hasMessageContaining("checksum");
  }

  private static List<String> kinds(ImportPlan plan) {
    return plan.remarks().stream()
        .map(
            remark -> remark.id() + " " + remark.kind() + (remark.taken() ? " taken" : " left out"))
        .toList();
  }
}
