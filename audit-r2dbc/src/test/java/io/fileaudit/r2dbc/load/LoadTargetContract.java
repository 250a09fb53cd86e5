package io.fileaudit.r2dbc.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a load may rely on, on a PostgreSQL server of some version. */
@Timeout(60)
abstract class LoadTargetContract {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final UUID BATCH = UUID.fromString("0197a0c4-0000-7000-8000-000000000001");
  private static final List<String> COLUMNS = List.of("id", "name");

  private TestDatabase database;
  private Connection jdbc;
  private LoadSession session;
  private TargetTable table;

  abstract TestPostgres server();

  @BeforeEach
  void open() throws SQLException {
    database = server().freshDatabase();
    jdbc =
        DriverManager.getConnection(
            database.jdbcUrl(), database.ownerUser(), database.ownerPassword());
    execute("CREATE SCHEMA rfb");
    execute(
        "CREATE TABLE rfb.empresa (id integer PRIMARY KEY, name text, twice integer GENERATED"
            + " ALWAYS AS (id * 2) STORED)");
    session = connect();
    table = session.table(TableName.parse("rfb.empresa")).block(LIMIT);
    session.prepare(table).block(LIMIT);
  }

  @AfterEach
  void close() throws SQLException {
    session.close().block(LIMIT);
    jdbc.close();
    database.close();
  }

  @Test
  void rowsAndNoteAreThereTogether() throws SQLException {
    begin("a.csv");
    assertThat(copy("1\tA\n2\t\\N\n")).isEqualTo(2);
    assertThat(copy("3\tb\\tc\n")).isEqualTo(1);

    assertThat(count("rfb.empresa")).isZero();
    assertThat(count("rfb.audit_loaded_files")).isZero();

    LoadedFile file = new LoadedFile(BATCH, "a.csv", 2, 3, 1, 17, "sha256:00");
    session.commit(table, file).block(LIMIT);

    assertThat(count("rfb.empresa")).isEqualTo(3);
    assertThat(session.loaded(table, BATCH, "a.csv").block(LIMIT))
        .isEqualTo(new LoadedFile(BATCH, "a.csv", 1, 3, 1, 17, "sha256:00"));
    assertThat(value("SELECT name FROM rfb.empresa WHERE id = 3")).isEqualTo("b\tc");
    assertThat(value("SELECT table_name FROM rfb.audit_loaded_files")).isEqualTo("empresa");
  }

  @Test
  void fileThatWasLoadedIsNotBegunAgain() throws SQLException {
    begin("a.csv");
    copy("1\tA\n");
    LoadedFile file = new LoadedFile(BATCH, "a.csv", 1, 1, 0, 4, "sha256:00");
    session.commit(table, file).block(LIMIT);

    assertThat(session.begin(table, BATCH, "a.csv", 2).block(LIMIT)).isEqualTo(file);

    begin("b.csv");
    assertThat(session.begin(table, UUID.randomUUID(), "a.csv", 1).onErrorComplete().block(LIMIT))
        .as("of another batch")
        .isNull();
  }

  @Test
  void rolledBackFileLeavesNothingAndIsBegunAgain() throws SQLException {
    begin("a.csv");
    copy("1\tA\n");
    session.rollback().block(LIMIT);

    assertThat(count("rfb.empresa")).isZero();
    begin("a.csv");
    copy("1\tA\n");
    session.close().block(LIMIT);

    session = connect();
    begin("a.csv");
    assertThat(copy("1\tA\n")).isEqualTo(1);
  }

  @Test
  void badRowIsToldByItsNumberAndTakesBackThatCopyAlone() {
    begin("a.csv");
    copy("1\tA\n");

    assertThat(badRow("2\tB\n3\tC\nx\tD\n5\tE\n"))
        .satisfies(bad -> assertThat(bad.row()).isEqualTo(3))
        .satisfies(bad -> assertThat(bad.sqlState()).isEqualTo("22P02"))
        .satisfies(bad -> assertThat(bad.getMessage()).contains("\"x\""));
    assertThat(badRow("4\tD\n1\tA\n"))
        .as("a key that is there")
        .satisfies(bad -> assertThat(bad.row()).isEqualTo(2))
        .satisfies(bad -> assertThat(bad.sqlState()).isEqualTo("23505"));
    assertThat(badRow("1\n").row()).as("too few columns").isEqualTo(1);

    assertThat(copy("2\tB\n3\tC\n5\tE\n")).isEqualTo(3);
  }

  @Test
  void badRowThatIsFoundAtTheEndOfTheCopyHasNoNumber() throws SQLException {
    execute("CREATE TABLE rfb.known (id integer PRIMARY KEY)");
    execute("INSERT INTO rfb.known VALUES (1)");
    execute("ALTER TABLE rfb.empresa ADD FOREIGN KEY (id) REFERENCES rfb.known");
    begin("a.csv");

    TargetException.BadRow bad = badRow("1\tA\n2\tB\n");

    assertThat(bad.row()).isZero();
    assertThat(bad.sqlState()).isEqualTo("23503");
    assertThat(copy("1\tA\n")).isEqualTo(1);
  }

  @Test
  void rowsThatATriggerDropsAreNotCounted() throws SQLException {
    execute(
        "CREATE FUNCTION rfb.odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 2 = 0"
            + " THEN RETURN NULL; END IF; RETURN NEW; END'");
    execute(
        "CREATE TRIGGER odd BEFORE INSERT ON rfb.empresa FOR EACH ROW EXECUTE FUNCTION rfb.odd()");
    begin("a.csv");

    assertThat(copy("1\tA\n2\tB\n3\tC\n")).isEqualTo(2);
  }

  @Test
  void whatTheRoleMayNotDoIsRefused() throws SQLException {
    execute("GRANT USAGE ON SCHEMA rfb TO " + database.serviceUser());
    execute("GRANT SELECT, INSERT, UPDATE ON rfb.audit_loaded_files TO " + database.serviceUser());
    LoadSession other = connect(database.serviceUser(), database.servicePassword());
    other.prepare(table).block(LIMIT);
    other.begin(table, BATCH, "a.csv", 1).block(LIMIT);

    assertThatThrownBy(() -> copy(other, "1\tA\n").block(LIMIT))
        .isInstanceOf(TargetException.Refused.class)
        .hasMessageContaining("empresa");
    other.close().block(LIMIT);
  }

  @Test
  void wrongPasswordIsRefusedAndNotShownAndNobodyThereIsAway() {
    assertThatThrownBy(() -> connect(database.ownerUser(), "a secret"))
        .isInstanceOf(TargetException.Refused.class)
        .hasMessageContaining(database.ownerUser())
        .hasMessageNotContaining("a secret");
    assertThatThrownBy(() -> connect(database.ownerUser(), ""))
        .isInstanceOf(TargetException.Refused.class)
        .hasMessageContaining("PGPASSWORD");
    PostgresSettings nowhere =
        PostgresSettings.of(database.host(), 1, database.name(), database.ownerUser(), "a secret");
    assertThatThrownBy(() -> new PostgresLoadTarget(nowhere).connect().block(LIMIT))
        .isInstanceOf(TargetException.Away.class)
        .hasMessageNotContaining("a secret");
  }

  @Test
  void connectionThatIsCutIsAwayAndLeavesNothing() throws SQLException {
    begin("a.csv");
    copy("1\tA\n");
    try (Connection admin =
            DriverManager.getConnection(database.jdbcUrl(), database.adminUser(), "");
        Statement statement = admin.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name ="
              + " 'audit load'");
    }

    assertThatThrownBy(() -> copy("2\tB\n")).isInstanceOf(TargetException.Away.class);
    assertThat(count("rfb.empresa")).isZero();
  }

  @Test
  void tableIsFoundOnTheSearchPathByItsExactName() throws SQLException {
    execute("CREATE TABLE public.\"Mixed \"\"case\" (\"a b\" text, gone text, c text)");
    execute("ALTER TABLE public.\"Mixed \"\"case\" DROP COLUMN gone");

    assertThat(find("empresa")).as("not on the search path").isNull();
    assertThat(find("mixed \"case")).isNull();
    assertThat(find("rfb.nothing")).isNull();
    assertThat(find("nowhere.empresa")).isNull();
    assertThat(find("Mixed \"case"))
        .isEqualTo(new TargetTable("public", "Mixed \"case", List.of("a b", "c")));
    assertThat(find("rfb.empresa").columns()).as("generated ones left out").isEqualTo(COLUMNS);

    execute(
        "ALTER ROLE "
            + database.ownerUser()
            + " IN DATABASE "
            + database.name()
            + " SET search_path = rfb");
    session.close().block(LIMIT);
    session = connect();
    assertThat(find("empresa")).isEqualTo(table);
  }

  @Test
  void tableIsMadeOfTextsOnce() {
    TableName name = TableName.parse("rfb.new one");
    session.create(name, List.of("a", "b \"c\"")).block(LIMIT);
    session.create(name, List.of("other")).block(LIMIT);

    assertThat(find("rfb.new one").columns()).containsExactly("a", "b \"c\"");
  }

  @Test
  void twoAtOneFileLoadItOnce() throws Exception {
    begin("a.csv");
    copy("1\tA\n");
    LoadSession other = connect();
    CompletableFuture<LoadedFile> second = other.begin(table, BATCH, "a.csv", 2).toFuture();
    awaitLockWait();
    assertThat(second).isNotDone();

    LoadedFile file = new LoadedFile(BATCH, "a.csv", 1, 1, 0, 4, "sha256:00");
    session.commit(table, file).block(LIMIT);

    assertThat(second.get(20, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(file);
    other.close().block(LIMIT);
  }

  private void awaitLockWait() throws SQLException {
    while (!value("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("1")) {
      Thread.onSpinWait();
    }
  }

  private LoadSession connect() {
    return connect(database.ownerUser(), database.ownerPassword());
  }

  private LoadSession connect(String user, String password) {
    PostgresSettings settings =
        PostgresSettings.of(database.host(), database.port(), database.name(), user, password);
    return new PostgresLoadTarget(settings).connect().block(LIMIT);
  }

  private TargetTable find(String name) {
    return session.table(TableName.parse(name)).block(LIMIT);
  }

  private void begin(String file) {
    assertThat(session.begin(table, BATCH, file, 1).block(LIMIT)).isNull();
  }

  private long copy(String rows) {
    return copy(session, rows).block(LIMIT);
  }

  private reactor.core.publisher.Mono<Long> copy(LoadSession in, String rows) {
    byte[] bytes = ("…" + rows + "…").getBytes(StandardCharsets.UTF_8);
    return in.copy(table, COLUMNS, bytes, 3, bytes.length - 3);
  }

  private TargetException.BadRow badRow(String rows) {
    return catchThrowableOfType(TargetException.BadRow.class, () -> copy(rows));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = jdbc.createStatement()) {
      statement.execute(sql);
    }
  }

  private long count(String of) throws SQLException {
    return Long.parseLong(value("SELECT count(*) FROM " + of));
  }

  private String value(String sql) throws SQLException {
    try (Statement statement = jdbc.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
