package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.server.cli.ImportWriter.Outcome;
import io.fileaudit.server.cli.earlier.EarlierService;
import io.fileaudit.server.cli.earlier.ImportPlan;
import io.fileaudit.server.cli.earlier.ImportedId;
import io.fileaudit.server.cli.earlier.Level;
import io.fileaudit.server.cli.earlier.Remark;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches of the earlier service, written into the real one. */
@Timeout(60)
class ImportWriterTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TABLE = "00000000-0000-4000-8000-00000000000a";
  private static final String GOOD = "00000000-0000-4000-8000-00000000000b";

  private final TestService service = new TestService();

  private static ImportPlan plan() {
    return new EarlierService()
        .table(TABLE, "empresa", "COMPLETED")
        .file("f1", TABLE, "in/a.csv", "COMPLETED", 9)
        .file("f2", TABLE, "in/b.csv", "FAILED", 4)
        .batch(GOOD, "f1", "COMPLETED")
        .batch("17", "f2", "COMPLETED")
        .step("s", GOOD, "COMPLETED")
        .plan();
  }

  @Test
  void batchesAreThereWithTheirEndingsAndASecondImportChangesNothing() {
    try (AuditCalls calls = service.client()) {
      Outcome first = write(calls, plan());

      assertThat(first.written()).isEqualTo(4);
      assertThat(first.events()).isEqualTo(4);
      assertThat(first.remarks())
          .extracting(Remark::id, Remark::kind, Remark::taken)
          .containsExactly(tuple("17", "judged-incomplete", true));
      Map<String, Snapshot> there = batches(calls);
      assertThat(there.get(GOOD).id()).hasToString(GOOD);
      assertThat(there.get(GOOD).status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(there.get(GOOD).totals().rows()).isEqualTo(9);
      assertThat(there.get(GOOD).table()).isEqualTo("empresa");
      assertThat(there.get(GOOD).period()).isEqualTo("2024-05");
      assertThat(there.get("17").id()).isEqualTo(ImportedId.made(Level.BATCH, "17"));
      assertThat(there.get("17").status()).isEqualTo(BatchStatus.INCOMPLETE);
      assertThat(there.get("s").parent()).hasToString(GOOD);

      Outcome second = write(calls, plan());

      assertThat(second.written()).isZero();
      assertThat(second.events()).isZero();
      assertThat(second.known()).isEqualTo(4);
      assertThat(batches(calls))
          .allSatisfy(
              (id, batch) -> assertThat(batch.version()).isEqualTo(there.get(id).version()));
    }
  }

  @Test
  void whatWasBegunIsGoneOnWith() {
    try (AuditCalls calls = service.client()) {
      Snapshot begun =
          calls.open(UUID.fromString(GOOD), plan().batches().get(0).spec()).block(LIMIT);
      assertThat(begun).isNotNull();
      calls
          .send(
              begun.id(),
              1,
              null,
              reactor.core.publisher.Flux.fromIterable(plan().batches().get(0).events()))
          .blockLast(LIMIT);

      Outcome outcome = write(calls, plan());

      assertThat(outcome.written()).isEqualTo(4);
      assertThat(batches(calls).get(GOOD).totals().events()).isEqualTo(2);
      assertThat(batches(calls).get(GOOD).totals().rows()).isEqualTo(9);
    }
  }

  @Test
  void idOfSomebodyElseIsLeftAlone() {
    try (AuditCalls calls = service.client()) {
      calls.open(UUID.fromString(GOOD), BatchSpec.builder().name("mine").build()).block(LIMIT);

      Outcome outcome = write(calls, plan());

      assertThat(outcome.written()).isEqualTo(4);
      assertThat(batches(calls).get(GOOD).id()).isEqualTo(ImportedId.made(Level.BATCH, GOOD));
      Snapshot mine = calls.snapshot(UUID.fromString(GOOD)).block(LIMIT);
      assertThat(mine).isNotNull();
      assertThat(mine.name()).isEqualTo("mine");
      assertThat(mine.status()).isEqualTo(BatchStatus.PENDING);
    }
  }

  @Test
  void whatChangedThereSinceIsNamedAndStaysAsItWas() {
    EarlierService later =
        new EarlierService()
            .table(TABLE, "empresa", "COMPLETED")
            .file("f1", TABLE, "in/a.csv", "COMPLETED", 9)
            .batch(GOOD, "f1", "FAILED");
    try (AuditCalls calls = service.client()) {
      write(calls, plan());

      Outcome outcome = write(calls, later.plan());

      assertThat(outcome.written()).isZero();
      assertThat(outcome.remarks())
          .extracting(Remark::id, Remark::kind, Remark::taken)
          .containsExactly(tuple(GOOD, "changed-there", false));
      assertThat(batches(calls).get(GOOD).status()).isEqualTo(BatchStatus.COMPLETED);
    }
  }

  @Test
  void batchThatComesAfterItsTableAuditDoesNotSpeakForTheMonth() {
    try (AuditCalls calls = service.client()) {
      write(calls, plan());
      EarlierService later =
          new EarlierService()
              .table(TABLE, "empresa", "COMPLETED")
              .file("f9", TABLE, "in/z.csv", "FAILED", 0)
              .batch("crashed", "f9", "CANCELLED");

      Outcome outcome = write(calls, later.plan());

      assertThat(outcome.written()).isEqualTo(1);
      assertThat(outcome.remarks())
          .extracting(Remark::id, Remark::kind, Remark::taken)
          .containsExactly(tuple("crashed", "late", true));
      assertThat(batches(calls).get("crashed").period()).isNull();
      assertThat(batches(calls).get("crashed").status()).isEqualTo(BatchStatus.CANCELLED);
      Outcome again = write(calls, later.plan());
      assertThat(again.remarks()).isEmpty();
      assertThat(again.known()).isEqualTo(2);
    }
  }

  @Test
  void batchOfAnotherDatabaseWithTheSameNumberIsNamed() {
    EarlierService other =
        new EarlierService()
            .row(
                Level.BATCH,
                "batch_audit_id",
                17,
                "target_table",
                "socios",
                "status",
                "COMPLETED",
                "created_at",
                "2023-01-01T00:00:00");
    try (AuditCalls calls = service.client()) {
      write(calls, plan());

      Outcome outcome = write(calls, other.plan());

      assertThat(outcome.known()).isZero();
      assertThat(outcome.remarks())
          .extracting(Remark::id, Remark::kind, Remark::taken)
          .containsExactly(tuple("17", "id-taken", false));
    }
  }

  @Test
  void auditsOfOneMonthComeInTheOrderInWhichTheyWereMade() {
    EarlierService months = new EarlierService();
    for (int i = 0; i < 20; i++) {
      months.row(
          Level.TABLE,
          "table_audit_id",
          "t" + i,
          "entity_name",
          "empresa",
          "status",
          "COMPLETED",
          "ingestion_year",
          2024,
          "ingestion_month",
          5,
          "created_at",
          "2024-05-11T09:00:%02d".formatted(i));
    }
    try (AuditCalls calls = service.client()) {
      write(calls, months.plan());

      Map<String, Snapshot> there = batches(calls);
      assertThat(there).hasSize(20);
      for (int i = 1; i < 20; i++) {
        assertThat(there.get("t" + i).openedAt()).isAfter(there.get("t" + (i - 1)).openedAt());
      }
    }
  }

  private static Outcome write(AuditCalls calls, ImportPlan plan) {
    return Objects.requireNonNull(
        new ImportWriter(calls)
            .write(plan.batches())
            .reduce(Outcome.NOTHING, Outcome::and)
            .block(LIMIT));
  }

  private static Map<String, Snapshot> batches(AuditCalls calls) {
    return Objects.requireNonNull(calls.batches(BatchFilter.all(), null).block(LIMIT))
        .items()
        .stream()
        .filter(batch -> batch.labels().containsKey(ImportPlan.ORIGINAL_ID))
        .collect(
            Collectors.toMap(
                batch -> String.valueOf(batch.labels().get(ImportPlan.ORIGINAL_ID)),
                batch -> batch));
  }
}
