package io.fileaudit.it.move;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.Page;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Coming over from the database of the Python service with {@code audit import}. */
@Timeout(300)
class ImportIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final int FILES = 150;
  private static final int TAKEN_BEFORE_THE_KILL = 20;

  @TempDir static Path folder;
  private static AuditHome home;

  @BeforeAll
  static void serve() throws Exception {
    home = new AuditHome(folder);
    home.serve();
  }

  @AfterAll
  static void end() {
    home.close();
  }

  @Test
  void killedHalfWayItGoesOnAndASecondImportChangesNothing() throws Exception {
    try (EarlierDatabase earlier = new EarlierDatabase()) {
      earlier.fill(FILES);
      Map<String, String> variables = Map.of("AUDIT_NAMESPACE", "killed");

      CommandRun run = home.start(folder, variables, "import", arguments(earlier));
      await("killed", TAKEN_BEFORE_THE_KILL);
      run.kill();
      CommandRun.Result again = home.run(variables, "import", arguments(earlier));

      assertThat(again.exitCode()).as(again.err()).isZero();
      assertThat(again.out()).isEmpty();
      assertThat(again.err()).contains("were there already").doesNotContain("; 0 were there");
      assertTotals(earlier, "killed");
      List<Snapshot> before = batches("killed");
      assertThat(before).hasSize(2 * FILES + 1);
      assertThat(before)
          .allSatisfy(batch -> assertThat(batch.status()).isEqualTo(BatchStatus.COMPLETED))
          .allSatisfy(batch -> assertThat(batch.period()).isEqualTo("2024-05"));

      CommandRun.Result third = home.run(variables, "import", arguments(earlier));

      assertThat(third.exitCode()).as(third.err()).isZero();
      assertThat(third.err())
          .contains("0 batches taken over with 0 events; 301 were there already");
      assertThat(batches("killed"))
          .extracting(Snapshot::id, Snapshot::version)
          .isEqualTo(
              before.stream()
                  .map(batch -> org.assertj.core.api.Assertions.tuple(batch.id(), batch.version()))
                  .toList());
    }
  }

  @Test
  void whatCannotBeMeantIsNamedAndTheRestIsTaken() throws Exception {
    try (EarlierDatabase earlier = new EarlierDatabase()) {
      earlier.fill(3);
      earlier.spoil();
      Map<String, String> variables = Map.of("AUDIT_NAMESPACE", "spoilt");

      CommandRun.Result dry =
          home.run(variables, "import", with(arguments(earlier), "--dry-run", "-o", "csv"));

      assertThat(dry.exitCode()).as(dry.err()).isEqualTo(1);
      assertThat(dry.err()).contains("would take over 1 table audits, 3 batches, 3 sub-batches");
      assertThat(batches("spoilt")).isEmpty();

      CommandRun.Result real = home.run(variables, "import", with(arguments(earlier), "-o", "csv"));

      assertThat(real.exitCode()).as(real.err()).isEqualTo(1);
      assertThat(real.out()).isEqualTo(dry.out());
      assertThat(real.out().lines().map(ImportIT::withoutId))
          .containsExactlyInAnyOrder(
              "level,taken,kind,name",
              "file,yes,times-out-of-order,negative.csv",
              "file,yes,file-without-batch,negative.csv",
              "file,yes,bad-figure,negative.csv",
              "file,no,unknown-status,partial.csv",
              "file,yes,half-figures,negative.csv",
              "file,no,file-without-batch,orphan.csv",
              "file,yes,file-without-batch,odd.csv",
              "file,yes,kept-as-text,odd.csv",
              "batch,no,never-ended,empresa");
      assertThat(total(batches("spoilt"))).isEqualTo(10 + 20 + 30);
    }
  }

  @Test
  void columnThatIsNotThereIsRefusedBeforeAnythingIsTaken() throws Exception {
    try (EarlierDatabase earlier = new EarlierDatabase()) {
      earlier.fill(1);
      Map<String, String> variables = Map.of("AUDIT_NAMESPACE", "misspelt");

      CommandRun.Result run =
          home.run(variables, "import", with(arguments(earlier), "--column", "file.rows=rowz"));

      assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("file_audit_manifest has no column rowz");
      assertThat(batches("misspelt")).isEmpty();
    }
  }

  @Test
  void otherDatabasesAreRefusedByName() throws Exception {
    String[] none = {"--from", home.cluster().url("audit_service", home.cluster().port())};

    CommandRun.Result run = home.run("import", with(none, "--zone", "UTC"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("table_audit_manifest or table_ingestion_manifest");
  }

  private static String withoutId(String line) {
    String[] cells = line.split(",", 6);
    return String.join(",", cells[0], cells[2], cells[3], cells[4]);
  }

  private static void assertTotals(EarlierDatabase earlier, String namespace) throws Exception {
    List<Snapshot> batches = batches(namespace);
    assertThat(total(batches))
        .isEqualTo(earlier.number("SELECT sum(rows_processed) FROM file_audit_manifest"));
    assertThat(roots(batches).stream().mapToLong(batch -> batch.totals().bytes()).sum())
        .isEqualTo(earlier.number("SELECT sum(filesize) FROM file_audit_manifest"));
    assertThat(roots(batches).stream().mapToLong(batch -> batch.totals().files().completed()).sum())
        .isEqualTo(earlier.number("SELECT count(*) FROM file_audit_manifest"));
  }

  private static long total(List<Snapshot> batches) {
    return roots(batches).stream().mapToLong(batch -> batch.totals().rows()).sum();
  }

  private static List<Snapshot> roots(List<Snapshot> batches) {
    return batches.stream().filter(batch -> batch.parent() == null).toList();
  }

  private static List<Snapshot> batches(String namespace) throws Exception {
    List<Snapshot> all = new ArrayList<>();
    try (AuditCalls calls = home.client(namespace)) {
      String cursor = null;
      do {
        Page<Snapshot> page =
            Objects.requireNonNull(
                calls.batches(BatchFilter.all().withPageSize(500), cursor).block(LIMIT));
        all.addAll(page.items());
        cursor = page.next();
      } while (cursor != null);
    }
    return all;
  }

  private static void await(String namespace, int batches) {
    Boolean held =
        Mono.fromCallable(() -> batches(namespace).size() >= batches)
            .subscribeOn(Schedulers.boundedElastic()) // It waits for answers.
            .filter(Boolean::booleanValue)
            .repeatWhenEmpty(times -> times.delayElements(LOOK_EVERY))
            .block(LIMIT);
    assertThat(held).isTrue();
  }

  private static String[] arguments(EarlierDatabase earlier) throws SQLException {
    return new String[] {"--from", earlier.url(), "--zone", "America/Sao_Paulo"};
  }

  private static String[] with(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
