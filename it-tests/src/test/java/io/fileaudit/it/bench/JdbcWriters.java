package io.fileaudit.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * What the service is compared with: the rows that it made of a load, written again by plain JDBC
 * into tables of the same form in the same database.
 */
final class JdbcWriters {
  private static final int COMMIT = 4_000;
  private static final int JDBC_BATCH = 1_000;
  private static final String COPY =
      "COPY bench.ledger (namespace, batch, seq, event_id, body) FROM STDIN";
  private static final String INSERT =
      "INSERT INTO bench.ledger (namespace, batch, seq, event_id, body) VALUES (?, ?, ?, NULL, ?)";
  private static final String UPSERT =
      """
      INSERT INTO bench.manifest AS m (namespace, batch, file, long_name, state, run, attempt, rows, bytes, checksum, account)
      VALUES (?, ?, ?, '', ?, 1, 1, ?, ?, ?, ?)
      ON CONFLICT (namespace, batch, left(file, 600), long_name) DO UPDATE SET state = excluded.state,
          rows = greatest(m.rows, excluded.rows), bytes = greatest(m.bytes, excluded.bytes),
          checksum = excluded.checksum, account = excluded.account
      """;
  private static final String MERGE =
      """
      INSERT INTO bench.manifest AS m (namespace, batch, file, long_name, state, run, attempt, rows, bytes, checksum, account)
      SELECT 'default', ?, w.file, '', w.state, 1, 1, w.rows, w.bytes, w.checksum, w.account
        FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[])
          AS w(file, state, rows, bytes, checksum, account)
      ON CONFLICT (namespace, batch, left(file, 600), long_name) DO UPDATE SET state = excluded.state,
          rows = greatest(m.rows, excluded.rows), bytes = greatest(m.bytes, excluded.bytes),
          checksum = excluded.checksum, account = excluded.account
      """;

  private record Row(long seq, String file, String body) {}

  private record Account(
      String file, String state, Long rows, Long bytes, String checksum, String account) {}

  /** Opens a connection of its own. */
  @FunctionalInterface
  interface Connecting {
    Connection connect() throws IOException, SQLException;
  }

  private final Connecting connecting;
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Account> accounts = new LinkedHashMap<>();

  /** Takes the rows that the service made of that batch. */
  JdbcWriters(Connecting connecting, UUID batch) throws IOException, SQLException {
    this.connecting = connecting;
    try (Connection connection = connecting.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS bench");
      for (String table : List.of("ledger", "manifest")) {
        statement.execute("DROP TABLE IF EXISTS bench." + table);
        statement.execute(
            "CREATE TABLE bench." + table + " (LIKE audit." + table + " INCLUDING ALL)");
      }
      read(statement, batch);
    }
  }

  private void read(Statement statement, UUID batch) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT seq, body, body::json #>> '{event,file}' AS file FROM audit.ledger WHERE batch = '"
                + batch
                + "' ORDER BY seq")) {
      while (row.next()) {
        rows.add(new Row(row.getLong("seq"), row.getString("file"), row.getString("body")));
      }
    }
    try (ResultSet row =
        statement.executeQuery(
            "SELECT file, state, rows, bytes, checksum, account FROM audit.manifest WHERE batch = '"
                + batch
                + "' ORDER BY file")) {
      while (row.next()) {
        Account account =
            new Account(
                row.getString("file"),
                row.getString("state"),
                row.getLong("rows"),
                row.getLong("bytes"),
                row.getString("checksum"),
                row.getString("account"));
        accounts.put(account.file(), account);
      }
    }
  }

  int size() {
    return rows.size();
  }

  /** The limit: all rows by COPY, a commit for every 4,000, and all accounts merged once. */
  long limit() throws IOException, SQLException {
    UUID batch = UUID.randomUUID();
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += COMMIT) {
      pieces.add(text(batch, rows.subList(from, Math.min(rows.size(), from + COMMIT))));
    }
    try (Connection connection = connecting.connect()) {
      connection.setAutoCommit(false);
      PGConnection postgres = connection.unwrap(PGConnection.class);
      long begun = System.nanoTime();
      for (byte[] piece : pieces) {
        CopyIn copy = postgres.getCopyAPI().copyIn(COPY);
        copy.writeToCopy(piece, 0, piece.length);
        copy.endCopy();
        connection.commit();
      }
      merge(connection, batch);
      connection.commit();
      return System.nanoTime() - begun;
    }
  }

  private static byte[] text(UUID batch, List<Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Row row : rows) {
      text.append("default\t").append(batch).append('\t').append(row.seq()).append("\t\\N\t");
      text.append(row.body().replace("\\", "\\\\")).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void merge(Connection connection, UUID batch) throws SQLException {
    List<Account> all = List.copyOf(accounts.values());
    try (PreparedStatement statement = connection.prepareStatement(MERGE)) {
      statement.setObject(1, batch);
      statement.setArray(2, array(connection, "text", all.stream().map(Account::file).toArray()));
      statement.setArray(3, array(connection, "text", all.stream().map(Account::state).toArray()));
      statement.setArray(4, array(connection, "bigint", all.stream().map(Account::rows).toArray()));
      statement.setArray(
          5, array(connection, "bigint", all.stream().map(Account::bytes).toArray()));
      statement.setArray(
          6, array(connection, "text", all.stream().map(Account::checksum).toArray()));
      statement.setArray(
          7, array(connection, "text", all.stream().map(Account::account).toArray()));
      statement.executeUpdate();
    }
  }

  private static Array array(Connection connection, String type, Object[] values)
      throws SQLException {
    return connection.createArrayOf(type, values);
  }

  /** One transaction for each row, with its account, from so many threads at a time. */
  long rowByRow(int events, int threads) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long begun = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        List<Row> part = rows.subList(events / threads * thread, events / threads * (thread + 1));
        all.add(pool.submit(() -> inserts(part, 1)));
      }
      for (Future<?> one : all) {
        one.get();
      }
      return System.nanoTime() - begun;
    } finally {
      pool.shutdownNow();
    }
  }

  /** JDBC batches of 1,000 rows, rewritten by the driver, with their accounts. */
  long batched(int events) throws Exception {
    long begun = System.nanoTime();
    inserts(rows.subList(0, events), JDBC_BATCH);
    return System.nanoTime() - begun;
  }

  private Void inserts(List<Row> part, int size) throws IOException, SQLException {
    UUID batch = UUID.randomUUID();
    try (Connection connection = connecting.connect();
        PreparedStatement ledger = connection.prepareStatement(INSERT);
        PreparedStatement manifest = connection.prepareStatement(UPSERT)) {
      connection.setAutoCommit(false);
      for (int from = 0; from < part.size(); from += size) {
        Map<String, Account> touched = new LinkedHashMap<>();
        for (Row row : part.subList(from, Math.min(part.size(), from + size))) {
          ledger.setString(1, "default");
          ledger.setObject(2, batch);
          ledger.setLong(3, row.seq());
          ledger.setString(4, row.body());
          ledger.addBatch();
          touched.put(row.file(), accounts.get(row.file()));
        }
        ledger.executeBatch();
        for (Account account : touched.values()) {
          manifest.setString(1, "default");
          manifest.setObject(2, batch);
          manifest.setString(3, account.file());
          manifest.setString(4, account.state());
          manifest.setObject(5, account.rows());
          manifest.setObject(6, account.bytes());
          manifest.setString(7, account.checksum());
          manifest.setString(8, account.account());
          manifest.addBatch();
        }
        manifest.executeBatch();
        connection.commit();
      }
    }
    return null;
  }
}
