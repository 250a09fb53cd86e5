package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.LogBody;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database shows of a batch is held against the log, whatever was done to it by SQL. */
class VerifyDatabaseTest {
  @TempDir private static Path data;
  @TempDir private static Path directory;
  private static RunningServer server;
  private static Connection owner;
  private static CommandRun command;

  @BeforeAll
  static void start() throws IOException, SQLException {
    server =
        RunningServer.start(
            ServerSettings.read(
                Map.of(
                    "AUDIT_DATA", data.toString(),
                    "AUDIT_PORT", "0",
                    "AUDIT_MANAGEMENT_PORT", "0")));
    PostgresSettings settings = server.databaseOwner();
    owner = DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
    try (Statement statement = owner.createStatement()) {
      statement.execute("SET search_path = audit, public");
    }
    command =
        new CommandRun()
            .in(directory)
            .set("AUDIT_URL", server.address())
            .set("AUDIT_KEY", Files.readString(data.resolve(AdminKey.FILE)).strip());
  }

  @AfterAll
  static void stop() throws SQLException {
    owner.close();
    server.close();
  }

  private static String batch(int files, String... ending) throws IOException {
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < files; i++) {
      events.append("{\"type\":\"COMPLETED\",\"file\":\"f").append(i).append("\",\"rows\":7}\n");
    }
    return batchOf(events.toString(), ending);
  }

  private static String batchOf(String events, String... ending) throws IOException {
    String batch = command.run("open", "--table", "t").out().strip();
    Files.writeString(directory.resolve("events"), events, StandardCharsets.UTF_8);
    assertThat(command.run("send", batch, "events").exitCode()).isZero();
    for (String one : ending) {
      assertThat(command.run(one, batch).exitCode()).isZero();
    }
    return batch;
  }

  private static Result verify(String batch) {
    return command.run("verify", batch, "--data", data.toString());
  }

  private static void sql(String... statements) throws SQLException {
    try (Statement statement = owner.createStatement()) {
      for (String one : statements) {
        statement.execute(one);
      }
    }
  }

  @Test
  void batchThatHasEndedAndIsShownAsOpenIsTampered() throws Exception {
    String batch = batch(2, "end");
    assertThat(verify(batch).exitCode()).isZero();
    sql("UPDATE batch_state SET status = 'RUNNING' WHERE batch = '" + batch + "'");

    Result found = verify(batch);

    assertThat(found.exitCode()).as("%s", found).isEqualTo(6);
    assertThat(found.out())
        .contains(
            "the batch's status is shown as RUNNING, and what was acknowledged makes it COMPLETED");
  }

  @Test
  void batchThatIsOpenAndIsShownAsEndedIsTampered() throws Exception {
    String batch = batch(2);
    assertThat(verify(batch).exitCode()).isEqualTo(7);
    sql("UPDATE batch_state SET status = 'FAILED', ended_at = now() WHERE batch = '" + batch + "'");

    Result found = verify(batch);

    assertThat(found.exitCode()).as("%s", found).isEqualTo(6);
    assertThat(found.out())
        .contains("the batch is shown as FAILED, and by the log its run has not ended");
  }

  @Test
  void batchThatIsNotThereAndWasNotPurgedIsTampered() throws Exception {
    String batch = batch(2, "end");
    for (String table :
        List.of("manifest", "chunk", "producer", "rejected", "batch_state", "batch_label")) {
      if (exists(table)) {
        sql("DELETE FROM " + table + " WHERE batch = '" + batch + "'");
      }
    }
    sql("DELETE FROM batch WHERE id = '" + batch + "'");

    Result found = verify(batch);

    assertThat(found.exitCode()).as("%s", found).isEqualTo(6);
    assertThat(found.out())
        .contains("the batch is not there, and the log has no entry by which it was purged");
  }

  private static boolean exists(String table) throws SQLException {
    try (PreparedStatement query = owner.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      query.setString(1, table);
      try (var rows = query.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  @Test
  void batchWhosePurgeIsUnderWayIsIncompleteAndNotTampered() throws Exception {
    String batch = batch(9, "end");
    BatchKey key = new BatchKey("default", UUID.fromString(batch));
    try (PreparedStatement purge = owner.prepareStatement("SELECT purge_batch(?, ?, ?, ?)")) {
      purge.setString(1, key.namespace());
      purge.setObject(2, key.id());
      purge.setString(3, LogBody.purged(key, 1, Instant.now()));
      purge.setInt(4, 2);
      purge.execute();
    }

    Result found = verify(batch);

    assertThat(found.exitCode()).as("%s", found).isEqualTo(7);
    assertThat(found.out()).contains("the batch was purged");
  }

  @Test
  void whatIsAcceptedAtItsBoundsIsIntact() throws Exception {
    String deep = "[".repeat(30) + "]".repeat(30);
    String batch =
        batchOf(
            "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":9007199254740991,\"bytes\":1,"
                + "\"attributes\":{\"deep\":"
                + deep
                + ",\"big\":1e300,\"great\":[1.7e18,{\"n\":-9.007199254740992e15}],\"small\":5e-324,\"int\":-9007199254740991,\"e\":9.007199254740991e15}}\n",
            "end");

    Result found = verify(batch);

    assertThat(found.exitCode()).as("%s", found).isZero();
    assertThat(command.run("files", batch).exitCode()).isZero();
    assertThat(command.run("tail", batch).exitCode()).isZero();
  }
}
