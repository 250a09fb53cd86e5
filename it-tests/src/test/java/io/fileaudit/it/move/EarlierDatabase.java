package io.fileaudit.it.move;

import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A made-up database of the Python service, with its four tables in a PostgreSQL of the tests. */
final class EarlierDatabase implements AutoCloseable {
  private static final String COMMON =
      """
      status audit_status NOT NULL, created_at timestamp NOT NULL, started_at timestamp,
      completed_at timestamp, description text, error_message text, notes json, metrics json
      """;

  private final TestDatabase database;
  private final Connection connection;

  EarlierDatabase() throws SQLException {
    database = TestPostgres.embedded18().freshDatabase();
    connection =
        DriverManager.getConnection(
            database.jdbcUrl(), database.ownerUser(), database.ownerPassword());
    execute(
        "CREATE TYPE audit_status AS ENUM ('PENDING','RUNNING','COMPLETED','FAILED','PARTIAL')");
    execute(
        "CREATE TABLE table_audit_manifest (table_audit_id uuid PRIMARY KEY, entity_name"
            + " varchar(200) NOT NULL, source_files json, ingestion_year int NOT NULL,"
            + " ingestion_month int NOT NULL, "
            + COMMON
            + ")");
    execute(
        "CREATE TABLE file_audit_manifest (file_audit_id uuid PRIMARY KEY, parent_table_audit_id"
            + " uuid, entity_name varchar(200) NOT NULL, file_path text NOT NULL, checksum text,"
            + " filesize bigint, rows_processed bigint, "
            + COMMON
            + ")");
    execute(
        "CREATE TABLE batch_audit_manifest (batch_audit_id uuid PRIMARY KEY, parent_file_audit_id"
            + " uuid, target_table varchar(100) NOT NULL, "
            + COMMON
            + ")");
    execute(
        "CREATE TABLE subbatch_audit_manifest (subbatch_audit_id uuid PRIMARY KEY,"
            + " parent_batch_audit_id uuid NOT NULL, processing_step varchar(200) NOT NULL,"
            + " table_name varchar(100) NOT NULL, rows_processed bigint, "
            + COMMON
            + ")");
  }

  /** As many files, each with a batch and a step, of one table audit. */
  void fill(int files) throws SQLException {
    execute(
        """
        INSERT INTO table_audit_manifest VALUES
          (md5('table')::uuid, 'empresa', '["a.zip"]', 2024, 5, 'COMPLETED', '2024-05-11 09:00')
        """);
    execute(
        """
        INSERT INTO file_audit_manifest
        SELECT md5('f' || i)::uuid, md5('table')::uuid, 'empresa', 'landing/' || i || '.csv',
          encode(sha256(i::text::bytea), 'hex'), 1000 + i, 10 * i, 'COMPLETED',
          '2024-05-11 09:00:00'::timestamp + i * interval '1 s',
          '2024-05-11 09:00:00.5'::timestamp + i * interval '1 s',
          '2024-05-11 09:30:00'::timestamp + i * interval '1 s', NULL, NULL, '{"worker": "w1"}'
        FROM generate_series(1, %d) i
        """
            .formatted(files));
    execute(
        """
        INSERT INTO batch_audit_manifest
        SELECT md5('b' || i)::uuid, md5('f' || i)::uuid, 'empresa', 'COMPLETED',
          '2024-05-11 09:00:00'::timestamp + i * interval '1 s'
        FROM generate_series(1, %d) i
        """
            .formatted(files));
    execute(
        """
        INSERT INTO subbatch_audit_manifest
        SELECT md5('s' || i)::uuid, md5('b' || i)::uuid, 'load', 'empresa', 10 * i, 'COMPLETED',
          '2024-05-11 09:00:00'::timestamp + i * interval '1 s'
        FROM generate_series(1, %d) i
        """
            .formatted(files));
  }

  /** Rows of every kind that cannot be meant. */
  void spoil() throws SQLException {
    execute(
        """
        INSERT INTO file_audit_manifest
          (file_audit_id, parent_table_audit_id, entity_name, file_path, rows_processed, filesize,
           status, created_at, started_at, completed_at) VALUES
          (md5('negative')::uuid, md5('table')::uuid, 'empresa', 'negative.csv', -7, 5,
           'COMPLETED', '2024-05-12', '2024-05-12 02:00', '2024-05-12 01:00'),
          (md5('partial')::uuid, md5('table')::uuid, 'empresa', 'partial.csv', 7, 5,
           'PARTIAL', '2024-05-12', NULL, NULL),
          (md5('orphan')::uuid, md5('gone')::uuid, 'empresa', 'orphan.csv', 7, 5,
           'COMPLETED', '2024-05-12', NULL, NULL)
        """);
    // A column of type json holds escapes of what no text can be, and numbers of any size.
    execute(
        """
        INSERT INTO file_audit_manifest
          (file_audit_id, parent_table_audit_id, entity_name, file_path, rows_processed, filesize,
           status, created_at, notes, metrics) VALUES
          (md5('odd')::uuid, md5('table')::uuid, 'empresa', 'odd.csv', 0, 0, 'COMPLETED',
           '2024-05-12', '{"a":"x\\u0000y"}', '{"ns": 1716400000123456789}')
        """);
    execute(
        """
        INSERT INTO batch_audit_manifest
          (batch_audit_id, target_table, status, created_at) VALUES
          (md5('running')::uuid, 'empresa', 'RUNNING', '2024-05-12')
        """);
  }

  /** What is in the first column of the first row. */
  long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String url() {
    return "postgresql://%s:%s@%s:%d/%s?sslmode=disable"
        .formatted(
            database.ownerUser(),
            URLEncoder.encode(database.ownerPassword(), StandardCharsets.UTF_8).replace("+", "%20"),
            database.host(),
            database.port(),
            database.name());
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    database.close();
  }
}
