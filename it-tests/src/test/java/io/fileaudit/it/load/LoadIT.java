package io.fileaudit.it.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Loads with {@code audit load}: what the service says of them is what is in the table, whoever is
 * killed when. The service's own database is the target as well, in a schema of its own.
 */
@Timeout(300)
class LoadIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /** A row that waits until the test lets it go. */
  private static final int WAITING_ID = 999_999;

  private static final int LOCK = 4711;

  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;
  private static Connection database;
  private static String target;

  @BeforeAll
  static void serve() throws Exception {
    home = new AuditHome(folder);
    service = home.serve();
    database = home.cluster().connect("audit_owner");
    target = home.cluster().url("audit_owner", home.cluster().port());
    execute("CREATE SCHEMA rfb");
    execute(
        "CREATE FUNCTION rfb.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM"
            + " pg_advisory_xact_lock_shared("
            + LOCK
            + "); RETURN NEW; END'");
  }

  private static void serveAgain() throws Exception {
    database.close();
    service = home.serve();
    database = home.cluster().connect("audit_owner");
    target = home.cluster().url("audit_owner", home.cluster().port());
  }

  @AfterAll
  static void end() throws SQLException {
    if (database != null) {
      database.close();
    }
    home.close();
  }

  @Test
  void whatIsReportedIsWhatIsInTheTable() throws Exception {
    table("empresa");
    Path landing = folder.resolve("landing");
    Archives.plain(landing.resolve("a.csv"), Archives.rows(1, 1_000));
    Archives.gzip(landing.resolve("b.csv.gz"), Archives.rows(2_001, 2_000));
    Archives.zip(
        landing.resolve("Empresas0.zip"),
        "K3241.K03200Y0.D40511.EMPRECSV",
        Archives.rows(5_001, 3_000),
        "K3241.K03200Y1.D40511.EMPRECSV",
        Archives.rows(9_001, 10) + "\"x\";\"no number\"\n9002;twice\n7;a;b\n",
        "readme.txt",
        "not selected");

    CommandRun.Result load =
        load("landing", "--table", "rfb.empresa", "--period", "2024-05", "--max-bad-rows", "3");

    assertThat(load.exitCode()).as(load.err()).isZero();
    assertThat(load.err().lines().filter(line -> line.startsWith("bad row  ")))
        .as("in the order in which they were found")
        .containsExactlyInAnyOrder(
            "bad row  landing/Empresas0.zip!/K3241.K03200Y1.D40511.EMPRECSV line 13  wrong-columns:"
                + " 3 fields, expected 2",
            "bad row  landing/Empresas0.zip!/K3241.K03200Y1.D40511.EMPRECSV line 11  bad-value:"
                + " invalid input syntax for type integer: \"x\"",
            "bad row  landing/Empresas0.zip!/K3241.K03200Y1.D40511.EMPRECSV line 12 "
                + " constraint-violation: duplicate key value violates unique constraint"
                + " \"empresa_pkey\": Key (id)=(9002) already exists.");
    Map<String, Manifest> files = files("rfb.empresa");
    assertThat(files.values())
        .extracting(Manifest::file, Manifest::state, Manifest::rows, Manifest::rejectedRows)
        .containsExactly(
            tuple(
                "landing/Empresas0.zip!/K3241.K03200Y0.D40511.EMPRECSV",
                FileState.COMPLETED,
                3_000L,
                0L),
            tuple(
                "landing/Empresas0.zip!/K3241.K03200Y1.D40511.EMPRECSV",
                FileState.COMPLETED,
                10L,
                3L),
            tuple("landing/Empresas0.zip!/readme.txt", FileState.SKIPPED, null, null),
            tuple("landing/a.csv", FileState.COMPLETED, 1_000L, 0L),
            tuple("landing/b.csv.gz", FileState.COMPLETED, 2_000L, 0L));
    assertThat(files.get("landing/b.csv.gz").bytes())
        .isEqualTo(Files.size(landing.resolve("b.csv.gz")));
    assertThat(
            files
                .get("landing/Empresas0.zip!/K3241.K03200Y1.D40511.EMPRECSV")
                .attributes()
                .toString())
        .contains("line=11", "bad-value", "line=12", "line=13", "wrong-columns");
    assertThat(newest("rfb.empresa").totals().rows()).isEqualTo(6_010).isEqualTo(count("empresa"));
    assertThat(value("SELECT name FROM rfb.empresa WHERE id = 2001")).isEqualTo("AÇÃO 2001");

    CommandRun.Result again = load("landing", "--table", "rfb.empresa", "--period", "2024-05");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("complete already");
    assertThat(count("empresa")).isEqualTo(6_010);
  }

  @Test
  void killedInTheMiddleItGoesOnAndLoadsNoFinishedFileAgain() throws Exception {
    table("killed");
    wait("killed");
    Path landing = folder.resolve("half");
    Archives.plain(landing.resolve("1.csv"), Archives.rows(1, 100));
    Archives.gzip(landing.resolve("2.csv.gz"), Archives.rows(201, 100));
    Archives.plain(landing.resolve("3.csv"), Archives.rows(401, 100) + WAITING_ID + ";x\n");
    Archives.plain(landing.resolve("4.csv"), Archives.rows(601, 100));
    String[] command = {"half", "--table", "rfb.killed", "--period", "p", "--jobs", "1"};

    try (Locked held = new Locked()) {
      CommandRun run = start(command);
      awaitState("rfb.killed", "half/3.csv", FileState.RUNNING);
      awaitState("rfb.killed", "half/2.csv.gz", FileState.COMPLETED);
      run.kill();
    }
    assertThat(count("killed")).isEqualTo(200);

    CommandRun.Result refused = load(command);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("is open and was last heard of", "--resume ");
    CommandRun.Result resumed = load(with(command, "--resume", "rfb.killed@p"));

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(count("killed")).isEqualTo(401);
    Snapshot batch = newest("rfb.killed");
    assertThat(batch.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(batch.run()).isEqualTo(2);
    assertThat(batch.totals().rows()).isEqualTo(401);
    assertThat(ledger(batch, "\"SKIPPED\"")).containsExactly("half/1.csv", "half/2.csv.gz");
  }

  @Test
  void killedBetweenTheCommitAndItsReportItReportsWithoutLoadingAgain() throws Exception {
    table("gap");
    wait("gap");
    Archives.plain(folder.resolve("gap/1.csv"), Archives.rows(1, 100) + WAITING_ID + ";x\n");
    String[] command = {"gap", "--table", "rfb.gap", "--period", "p"};

    try (Locked held = new Locked()) {
      CommandRun run = start(command);
      awaitState("rfb.gap", "gap/1.csv", FileState.RUNNING);
      service.freeze();
      held.close();
      await(() -> count("gap") == 101);
      run.kill();
      service.kill(); // With what it had not read yet.
    }
    serveAgain();
    assertThat(files("rfb.gap").get("gap/1.csv").state()).isEqualTo(FileState.RUNNING);

    CommandRun.Result resumed = load(with(command, "--resume", "rfb.gap@p"));

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(count("gap")).isEqualTo(101);
    assertThat(files("rfb.gap").get("gap/1.csv"))
        .satisfies(file -> assertThat(file.state()).isEqualTo(FileState.COMPLETED))
        .satisfies(file -> assertThat(file.rows()).isEqualTo(101))
        .satisfies(file -> assertThat(file.attributes()).containsEntry("loaded_in_run", 1));
  }

  @Test
  void interruptedByCtrlCItIsCancelledAndTheSameCommandGoesOn() throws Exception {
    table("stopped");
    wait("stopped");
    Archives.plain(folder.resolve("stopped/1.csv"), Archives.rows(1, 100));
    Archives.plain(folder.resolve("stopped/2.csv"), WAITING_ID + ";x\n");
    String[] command = {"stopped", "--table", "rfb.stopped", "--period", "p", "--jobs", "1"};

    try (Locked held = new Locked()) {
      CommandRun run = start(command);
      awaitState("rfb.stopped", "stopped/2.csv", FileState.RUNNING);
      run.interrupt();
    }
    assertThat(newest("rfb.stopped").status()).isEqualTo(BatchStatus.CANCELLED);

    CommandRun.Result resumed = load(command);
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(count("stopped")).isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CANCELLED", "TIMED_OUT"})
  void endedByOthersMeanwhileItStopsAtOnce(String how) throws Exception {
    String name = "ended_" + how.toLowerCase(java.util.Locale.ROOT);
    table(name);
    wait(name);
    Archives.plain(folder.resolve(name + "/1.csv"), Archives.rows(1, 100) + WAITING_ID + ";x\n");
    try (Locked held = new Locked()) {
      CommandRun run = start(name, "--table", "rfb." + name, "--period", "p");
      awaitState("rfb." + name, name + "/1.csv", FileState.RUNNING);
      if (how.equals("CANCELLED")) {
        try (AuditCalls client = home.client()) {
          client
              .status(newest("rfb." + name).id(), 1, BatchStatus.CANCELLED, "enough")
              .block(LIMIT);
        }
      } else {
        shorten(newest("rfb." + name));
      }

      CommandRun.Result result = run.finish();

      assertThat(result.exitCode()).as(result.err()).isEqualTo(how.equals("CANCELLED") ? 1 : 3);
      assertThat(result.err()).containsIgnoringCase("batch");
    }
    assertThat(count(name)).isZero();
  }

  @Test
  void damagedArchiveFailsByItselfAndLeavesNothing() throws Exception {
    table("damaged");
    Path landing = folder.resolve("damaged");
    Archives.plain(landing.resolve("a.csv"), Archives.rows(1, 10));
    Archives.gzip(landing.resolve("b.csv.gz"), Archives.rows(101, 50_000));
    byte[] gzip = Files.readAllBytes(landing.resolve("b.csv.gz"));
    Files.write(landing.resolve("b.csv.gz"), Arrays.copyOf(gzip, gzip.length - 20));
    Archives.zip(landing.resolve("c.zip"), "c.csv", Archives.rows(200_001, 50_000));
    byte[] zip = Files.readAllBytes(landing.resolve("c.zip"));
    Files.write(landing.resolve("d.zip"), Arrays.copyOf(zip, 100));
    zip[zip.length / 2] ^= 0x55;
    Files.write(landing.resolve("c.zip"), zip);
    Archives.plain(landing.resolve("e.csv"), Archives.rows(11, 10));
    Archives.plain(landing.resolve("f.csv"), "21;x\nbad;y\n");
    Archives.plain(landing.resolve("g.csv"), "31;\"open\n");

    CommandRun.Result load = load("damaged", "--table", "rfb.damaged", "--period", "p");

    assertThat(load.exitCode()).as(load.err()).isEqualTo(1);
    assertThat(load.out()).contains("INCOMPLETE");
    assertThat(count("damaged")).isEqualTo(20);
    assertThat(files("rfb.damaged").values().stream().filter(file -> file.error() != null))
        .extracting(Manifest::file, file -> Objects.requireNonNull(file.error()).code())
        .containsExactly(
            tuple("damaged/b.csv.gz", "corrupt-archive"),
            tuple("damaged/c.zip!/c.csv", "corrupt-archive"),
            tuple("damaged/d.zip", "corrupt-archive"),
            tuple("damaged/f.csv", "bad-rows"),
            tuple("damaged/g.csv", "unterminated-quote"));
    EventError error = files("rfb.damaged").get("damaged/f.csv").error();
    assertThat(error.line()).isEqualTo(2);
    assertThat(load.err()).contains("failed  damaged/f.csv  bad-rows: ");

    Archives.plain(landing.resolve("f.csv"), "21;x\n22;y\n");
    CommandRun.Result mended = load("damaged", "--table", "rfb.damaged", "--period", "p");
    assertThat(mended.exitCode()).isEqualTo(1);
    assertThat(count("damaged")).as("what failed is tried again").isEqualTo(22);
  }

  @Test
  void fileThatDoesNotComeMakesItIncomplete() throws Exception {
    table("expected");
    Archives.plain(folder.resolve("expected/a.csv"), Archives.rows(1, 10));
    Files.writeString(
        folder.resolve("list.txt"), "{\"file\":\"expected/a.csv\",\"rows\":10}\nexpected/b.csv\n");

    CommandRun.Result load =
        load(
            "expected", "--table", "rfb.expected", "--period", "p", "--expected-files", "list.txt");

    assertThat(load.exitCode()).as(load.err()).isEqualTo(1);
    assertThat(load.out()).contains("INCOMPLETE");
    assertThat(load.err()).contains("missing  expected/b.csv");
    assertThat(count("expected")).isEqualTo(10);
  }

  @Test
  void tableThatIsNotThereIsSaidBeforeABatchIsOpened() throws Exception {
    Files.createDirectories(folder.resolve("unused"));
    CommandRun.Result missing = load("unused", "--table", "rfb.nothing");

    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).contains("no table rfb.nothing", "--create").doesNotContain("batch");
  }

  @Test
  void headerNamesTheColumnsAndATableCanBeMade() throws Exception {
    Files.createDirectories(folder.resolve("header"));
    Files.writeString(folder.resolve("header/a.csv"), "id,name\n1,A\n");
    Files.writeString(folder.resolve("header/b.csv"), "NAME,id\nB,2\n");
    Files.writeString(folder.resolve("header/c.csv"), "id,nome\n3,C\n");

    CommandRun.Result load =
        home.start(
                folder,
                Map.of("AUDIT_LOAD_URL", target),
                "load",
                "header",
                "--table",
                "rfb.header",
                "--header",
                "--create")
            .finish();

    assertThat(load.exitCode()).as(load.err()).isEqualTo(1);
    assertThat(load.err()).contains("failed  header/c.csv  header-mismatch", "\"nome\"");
    assertThat(value("SELECT string_agg(id || name, ' ' ORDER BY id) FROM rfb.header"))
        .isEqualTo("1A 2B");
  }

  /** Holds up the rows of {@link #WAITING_ID}, as a slow database would. */
  private static final class Locked implements AutoCloseable {
    private final Connection holder;

    Locked() throws Exception {
      holder = home.cluster().connect("audit_owner");
      try (Statement statement = holder.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
      }
    }

    @Override
    public void close() throws SQLException {
      holder.close();
    }
  }

  private static void table(String name) throws SQLException {
    execute("CREATE TABLE rfb." + name + " (id integer PRIMARY KEY, name text)");
  }

  private static void wait(String table) throws SQLException {
    execute(
        "CREATE TRIGGER wait BEFORE INSERT ON rfb."
            + table
            + " FOR EACH ROW WHEN (NEW.id = "
            + WAITING_ID
            + ") EXECUTE FUNCTION rfb.wait()");
  }

  private static CommandRun.Result load(String... arguments) throws Exception {
    return start(arguments).finish();
  }

  private static CommandRun start(String... arguments) throws Exception {
    return home.start(
        folder,
        Map.of("AUDIT_LOAD_URL", target),
        "load",
        with(arguments, "--encoding", "latin1", "--delimiter", ";"));
  }

  private static String[] with(String[] arguments, String... more) {
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return all;
  }

  private static Snapshot newest(String table) throws Exception {
    try (AuditCalls client = home.client()) {
      BatchFilter filter =
          new BatchFilter(java.util.Set.of(), table, null, Map.of(), null, null, 1);
      return Objects.requireNonNull(client.batches(filter, null).block(LIMIT)).items().get(0);
    }
  }

  private static Map<String, Manifest> files(String table) throws Exception {
    Snapshot batch = newest(table);
    try (AuditCalls client = home.client()) {
      return Objects.requireNonNull(
          client
              .allFiles(batch.id(), FileFilter.all())
              .collect(Collectors.toMap(Manifest::file, file -> file, (a, b) -> b, TreeMap::new))
              .block(LIMIT));
    }
  }

  /** The files of the ledger's rows that contain a text. */
  private static List<String> ledger(Snapshot batch, String text) throws Exception {
    try (AuditCalls client = home.client()) {
      return Objects.requireNonNull(
          client
              .ledger(batch.id(), 0)
              .filter(row -> row.contains(text))
              .map(row -> row.replaceFirst(".*\"file\":\"([^\"]*)\".*", "$1"))
              .collectList()
              .block(LIMIT));
    }
  }

  private static void shorten(Snapshot batch) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/batches/" + batch.id()))
            .header("Authorization", "Bearer " + home.key())
            .header("Content-Type", "application/json")
            .method(
                "PATCH",
                HttpRequest.BodyPublishers.ofString("{\"limits\":{\"operation\":\"PT0.1S\"}}"))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void awaitState(String table, String file, FileState state) throws Exception {
    await(
        () -> {
          try (AuditCalls client = home.client()) {
            BatchFilter filter =
                new BatchFilter(java.util.Set.of(), table, null, Map.of(), null, null, 1);
            return client
                .batches(filter, null)
                .flatMapIterable(page -> page.items())
                .concatMap(batch -> client.allFiles(batch.id(), FileFilter.in(state)))
                .any(found -> found.file().equals(file))
                .block(LIMIT);
          }
        });
  }

  private static void await(Callable<Boolean> holds) {
    Boolean held =
        Mono.fromCallable(holds)
            .subscribeOn(Schedulers.boundedElastic()) // It waits for answers.
            .filter(Boolean::booleanValue)
            .repeatWhenEmpty(times -> times.delayElements(LOOK_EVERY))
            .block(LIMIT);
    assertThat(held).isTrue();
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String table) throws SQLException {
    return Long.parseLong(value("SELECT count(*) FROM rfb." + table));
  }

  private static String value(String sql) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
