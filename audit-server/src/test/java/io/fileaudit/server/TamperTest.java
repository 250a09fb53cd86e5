package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.evidence.BundleVerifier;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.LogVerifier;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.evidence.Verification;
import io.fileaudit.api.evidence.Verification.Outcome;
import io.fileaudit.r2dbc.PostgresSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * Whoever owns the database changes history by SQL, and the service's own evidence names what was
 * changed. Each test changes a batch of its own, and puts the log back where it touches it.
 */
class TamperTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ROWS = 13; // twelve events in two commits, and the ending

  @TempDir private static Path data;
  private static Node node;
  private static AuditCalls calls;
  private static Connection owner;
  private static NoteKey key;

  private UUID batch = new UUID(0, 0);
  private String of = "";

  @BeforeAll
  static void start() throws IOException, SQLException {
    node = Node.startOnDatabase(data);
    calls = AuditClient.builder().url("http://127.0.0.1:" + node.port()).key(Node.KEY).calls();
    PostgresSettings settings = node.databaseOwner();
    owner = DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
    key = NoteKey.read(Files.readString(data.resolve("signing.pub")));
    try (Statement statement = owner.createStatement()) {
      statement.execute("SET search_path = audit, public");
    }
  }

  @AfterAll
  static void stop() throws SQLException {
    calls.close();
    owner.close();
    node.close();
  }

  /** A batch that has ended, with every change of the log undone after the test. */
  @BeforeEach
  void load() throws SQLException {
    String path = node.opened("{\"table\":\"t\"}");
    for (int from = 0; from < 12; from += 6) {
      StringBuilder lines = new StringBuilder();
      for (int i = from; i < from + 6; i++) {
        lines.append("{\"type\":\"COMPLETED\",\"file\":\"f").append(i).append("\",\"rows\":7}\n");
      }
      node.events(path, lines.toString()).is(200);
    }
    node.send("PUT", path + "/status", "{\"status\":\"COMPLETED\"}").is(200);
    batch = UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
    of = " WHERE batch = '" + batch + "'";
    Verification before = verify();
    assertThat(before.outcome()).as("before: %s", before).isEqualTo(Outcome.INTACT);
    sql("CREATE TABLE log_before AS TABLE log", "CREATE TABLE node_before AS TABLE log_node");
  }

  /** All or nothing: where there is nothing to put back, nothing is taken away. */
  @AfterEach
  void putBack() throws SQLException {
    sql(
        "DELETE FROM log; INSERT INTO log SELECT * FROM log_before; DELETE FROM log_node;"
            + " INSERT INTO log_node SELECT * FROM node_before; DROP TABLE log_before, node_before");
  }

  private static void sql(String... statements) throws SQLException {
    try (Statement statement = owner.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  private static <T> List<T> all(Flux<T> call) {
    return Objects.requireNonNull(call.collectList().block(PATIENCE));
  }

  private Verification verify() {
    Path file = data.resolve("bundle.zip");
    try {
      Files.deleteIfExists(file);
      Files.createFile(file);
      for (byte[] piece : all(calls.bundle(batch))) {
        Files.write(file, piece, StandardOpenOption.APPEND);
      }
      return BundleVerifier.verify(file, key, List.of(), row -> {}).verification();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Verification verifyLog() {
    SignedCheckpoint signed = Objects.requireNonNull(calls.checkpoint(null).block(PATIENCE));
    LogVerifier verifier = new LogVerifier(Checkpoint.open(signed.checkpoint(), key));
    all(calls.log(0)).forEach(verifier::add);
    return verifier.end();
  }

  private static void assertTampered(Verification found, String first) {
    assertThat(found.outcome()).as("%s", found).isEqualTo(Outcome.TAMPERED);
    assertThat(found.tampered().get(0)).contains(first);
  }

  @Test
  void alteredRow() throws SQLException {
    sql(
        "UPDATE ledger SET body = replace(body, '\"rows\":7', '\"rows\":70')"
            + of
            + " AND seq = 4");

    assertTampered(verify(), "row 4 is not what was written");
  }

  @Test
  void alteredRowWithItsLeafAndTheTreeOfTheBatch() throws SQLException {
    sql(
        "UPDATE ledger SET body = replace(body, '\"rows\":7', '\"rows\":70')" + of + " AND seq = 8",
        "UPDATE ledger SET leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8'))" + of,
        "UPDATE batch_state SET tree = sha256(tree) || substr(tree, 33)" + of);

    // Between the commits before and behind it, as they happened to be made.
    Verification found = verify();
    assertThat(found.outcome()).isEqualTo(Outcome.TAMPERED);
    Matcher rows =
        Pattern.compile("(?:one of the rows|row) (\\d+)(?: to (\\d+))? was changed.*")
            .matcher(found.tampered().get(0));
    assertThat(rows.matches()).as("%s", found).isTrue();
    int last = Integer.parseInt(rows.group(2) == null ? rows.group(1) : rows.group(2));
    assertThat(8).isBetween(Integer.parseInt(rows.group(1)), last);
    assertThat(last).isLessThan(ROWS - 1);
  }

  @Test
  void deletedRow() throws SQLException {
    sql("DELETE FROM ledger" + of + " AND seq = 3");

    assertTampered(verify(), "row 3 is missing");
  }

  @Test
  void deletedRowWithTheOthersMovedUp() throws SQLException {
    sql(
        "DELETE FROM ledger" + of + " AND seq = 3",
        "UPDATE ledger SET seq = seq - 1" + of + " AND seq > 3");

    assertTampered(verify(), "row 3 is missing");
  }

  @Test
  void reorderedRows() throws SQLException {
    sql(
        "UPDATE ledger SET seq = 1000" + of + " AND seq = 2",
        "UPDATE ledger SET seq = 2" + of + " AND seq = 5",
        "UPDATE ledger SET seq = 5" + of + " AND seq = 1000");

    assertTampered(verify(), "row 2 is missing: row 5 stands in its place");
  }

  @Test
  void truncatedLedger() throws SQLException {
    sql(
        "DELETE FROM ledger" + of + " AND seq >= 9",
        "UPDATE batch_state SET next_seq = 9, tree = substr(tree || tree, 1, 64)" + of);

    assertTampered(verify(), "row 9 is missing");
  }

  @Test
  void rowThatWasPutInAgain() throws SQLException {
    sql(
        "UPDATE ledger SET seq = seq + 1000" + of + " AND seq > 6",
        "INSERT INTO ledger (namespace, batch, seq, body, leaf) SELECT namespace, batch, 7, body, leaf FROM ledger"
            + of
            + " AND seq = 6",
        "UPDATE ledger SET seq = seq - 999" + of + " AND seq > 1000");

    assertTampered(verify(), "row 7 says that it is row 6");
  }

  @Test
  void rowThatWasAddedBehindTheEnding() throws SQLException {
    sql(
        "INSERT INTO ledger (namespace, batch, seq, body) SELECT namespace, batch, "
            + ROWS
            + ", replace(body, '\"seq\":6', '\"seq\":"
            + ROWS
            + "') FROM ledger"
            + of
            + " AND seq = 6");

    assertTampered(verify(), "row 13 was added");
  }

  @Test
  void wholeBatchThatWasDropped() throws SQLException {
    for (String table :
        List.of("ledger", "manifest", "chunk", "producer", "rejected", "batch_state")) {
      sql("DELETE FROM " + table + of);
    }
    sql("DELETE FROM batch WHERE id = '" + batch + "'");

    assertTampered(verify(), "row 0 is missing");
    Verification log = verifyLog();
    assertThat(log.outcome()).isEqualTo(Outcome.TAMPERED);
    assertThat(log.tampered())
        .anyMatch(found -> found.contains("batch " + batch + " of the namespace default is gone"));
  }

  @Test
  void wholeBatchThatWasDroppedWithItsEntries() throws SQLException {
    for (String table :
        List.of("ledger", "manifest", "chunk", "producer", "rejected", "batch_state")) {
      sql("DELETE FROM " + table + of);
    }
    sql("DELETE FROM batch WHERE id = '" + batch + "'", "DELETE FROM log" + of);

    assertTampered(verifyLog(), "of the log is gone");
  }

  @Test
  void alteredEntryOfTheLog() throws SQLException {
    sql("UPDATE log SET body = replace(body, 'COMPLETED', 'FAILED')" + of + " AND kind = 'ended'");

    assertTampered(verify(), "is not what was there when the log was signed");
    assertTampered(verifyLog(), "is not what was written");
  }

  @Test
  void deletedEntryOfTheLog() throws SQLException {
    sql("DELETE FROM log" + of + " AND kind = 'ended'");

    assertTampered(
        verify(), "row 12 says that the batch became COMPLETED, the log has no entry of it");
    assertTampered(verifyLog(), "of the log is gone");
  }

  @Test
  void logThatWasMadeAnewFromWhatIsThere() throws SQLException {
    sql(
        "UPDATE log SET body = replace(body, 'COMPLETED', 'FAILED')" + of + " AND kind = 'ended'",
        "UPDATE log_node n SET hash = sha256('\\x00'::bytea || convert_to(l.body, 'UTF8')) FROM log l"
            + " WHERE n.level = 0 AND l.number = n.place + 1",
        "DELETE FROM log_node WHERE level > 0");

    assertTampered(verify(), "of the log");
    assertTampered(verifyLog(), "an entry of the log was changed");
  }
}
