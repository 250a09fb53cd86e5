package io.fileaudit.it.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * Rows as loads would leave them, put into the database by SQL: 100,000 batches of many tables and
 * periods, as many reruns of few, and one batch of a million files.
 */
final class LargeDatabase {
  /** The namespace of 1,000 tables with 50 periods each, two batches to a load. */
  static final String WIDE = "wide";

  /** The namespace of 3 tables with 2 periods each, all else reruns. */
  static final String DEEP = "deep";

  /** The batch of many files, in {@link #WIDE}. */
  static final UUID MANY_FILES = UUID.fromString("11111111-1111-4111-8111-111111111111");

  private static final int BATCHES = 100_000;
  private static final String LIMITS =
      "{\"operation\":{\"after\":\"PT1H\",\"action\":\"end\"},\"idle\":{\"after\":\"PT30M\",\"action\":\"end\"},"
          + "\"start\":{\"after\":\"PT30M\",\"action\":\"end\"},\"progress\":{\"after\":\"PT30M\",\"action\":\"flag\"}}";

  /** Of a namespace: batches, tables, periods. */
  private static final String FILL_BATCHES =
      """
      INSERT INTO audit.batch (namespace, id, name, table_name, period, labels, spec, limits, words, opened_at)
      SELECT '%1$s', md5('%1$s' || i)::uuid, t || ' no ' || i, t, p, jsonb_build_object('team', 'team-' || i %% 50),
          json_build_object('name', t || ' no ' || i, 'table', t, 'period', p, 'zero_rows', 'allowed')::text,
          '%5$s', t || ' no ' || i || E'\\n' || t || E'\\n' || p, now() - (%2$d - i) * interval '1 minute'
        FROM (SELECT i, 'table_' || i %% %3$d AS t, 'p' || (i / %3$d) %% %4$d AS p FROM generate_series(1, %2$d) i) w;

      INSERT INTO audit.batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, started_at, ended_at,
          last_activity_at, last_progress_at, tally, opened_at, load_table, load_period)
      SELECT b.namespace, b.id, b.status, 1, 20, 5, b.opened_at, b.opened_at,
          CASE WHEN b.status <> 'RUNNING' THEN b.opened_at + interval '50 s' END, b.opened_at, b.opened_at,
          '{"arrived":3,"bytes":96211345,"completed":3,"expected":1,"failed":1,"rows":4494860}',
          b.opened_at, b.table_name, b.load_period
        FROM (SELECT n.*, CASE WHEN i %% 1000 = 7 THEN 'RUNNING' WHEN i %% 100 = 3 THEN 'FAILED'
                WHEN i %% 50 = 1 THEN 'INCOMPLETE' WHEN i %% 500 = 2 THEN 'TIMED_OUT' ELSE 'COMPLETED' END AS status
                FROM (SELECT o.*, row_number() OVER (ORDER BY opened_at) AS i FROM audit.batch o
                       WHERE o.namespace = '%1$s' AND o.table_name LIKE 'table_%%') n) b
      """;

  /** One file in a hundred failed, one in a thousand missing, one in 10,000 with content twice. */
  private static final String FILL_FILES =
      """
      INSERT INTO audit.batch (namespace, id, name, labels, spec, limits, words, opened_at)
      VALUES ('%1$s', '%2$s', 'many files', '{}', '{"name":"many files","zero_rows":"allowed"}', '%4$s', 'many files', now());

      INSERT INTO audit.batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, tally, opened_at)
      VALUES ('%1$s', '%2$s', 'COMPLETED', 1, 3000000, 9, now(),
          '{"arrived":999000,"completed":988800,"expected":1000000,"failed":10000,"missing":1000,"running":200}', now());

      INSERT INTO audit.manifest (namespace, batch, file, long_name, state, run, attempt, rows, bytes, checksum, error_code,
          account, expected, short)
      SELECT '%1$s', '%2$s', 'landing/' || (ARRAY['leste', 'norte', 'oeste', 'sul'])[1 + (i - 1) / 250000] || '/2025-02/K3241.K03200Y'
          || i %% 10 || '.D' || 40000 + i %% 366 || '.PART-' || lpad(i::text, 7, '0') || '.'
          || (ARRAY['EMPRECSV', 'ESTABELE', 'SOCIOCSV'])[1 + i %% 3], '', state, 1, 1,
          CASE state WHEN 'COMPLETED' THEN 1000 + i END, CASE state WHEN 'COMPLETED' THEN i * 77 END,
          CASE state WHEN 'COMPLETED' THEN sum END, CASE state WHEN 'FAILED' THEN 'code-' || i %% 7 END,
          '{"expected":{"run":1,"rows":' || 1000 + i + short::int || '},"attempts":[' || CASE state
            WHEN 'EXPECTED' THEN ''
            WHEN 'FAILED' THEN '{"run":1,"attempt":1,"ended":"2026-11-26T14:42:51.616884Z","ending":"{\\"error\\":{\\"code\\":\\"code-'
              || i %% 7 || '\\"},\\"type\\":\\"FAILED\\"}"}'
            WHEN 'RUNNING' THEN '{"run":1,"attempt":1,"started":"2026-11-26T14:42:51.616884Z"}'
            ELSE '{"run":1,"attempt":1,"started":"2026-11-26T14:42:51.616884Z","rows":3,"ended":"2026-11-26T14:42:51.616884Z",'
              || '"ending":"{\\"bytes\\":' || i * 77 || ',\\"checksum\\":\\"' || sum || '\\",\\"rows\\":' || 1000 + i
              || ',\\"type\\":\\"COMPLETED\\"}"}' END || ']}',
          true, short
        FROM (SELECT i, i %% 2000 = 5 AS short, 'sha256:' || md5((i - (i %% 10000 = 77)::int)::text) || md5(i %% 7 || 'x') AS sum,
                CASE WHEN i %% 100 = 3 THEN 'FAILED' WHEN i %% 1000 = 7 THEN 'EXPECTED' WHEN i %% 5000 = 9 THEN 'RUNNING'
                  ELSE 'COMPLETED' END AS state
                FROM generate_series(1, %3$d) i) w
      """;

  private LargeDatabase() {}

  /** Fills a database as its superuser; takes a minute or two for a million files. */
  static void fill(Connection superuser, int files) throws SQLException {
    try (Statement statement = superuser.createStatement()) {
      // Every row refers to one that is there: nothing has to be looked up for it.
      statement.execute("SET session_replication_role = replica");
      statement.execute("SET synchronous_commit = off");
      statement.execute(FILL_BATCHES.formatted(WIDE, BATCHES, 1_000, 50, LIMITS));
      statement.execute(FILL_BATCHES.formatted(DEEP, BATCHES, 3, 2, LIMITS));
      statement.execute(FILL_FILES.formatted(WIDE, MANY_FILES, files, LIMITS));
      statement.execute("VACUUM ANALYZE");
      statement.execute("CHECKPOINT");
    }
  }
}
