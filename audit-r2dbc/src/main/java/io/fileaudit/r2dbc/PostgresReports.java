package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.file.FailureGroup;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.SameContent;
import io.fileaudit.api.table.BatchInHistory;
import io.fileaudit.api.table.FileFigures;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Reconciliation;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.store.FigureSums;
import io.fileaudit.core.store.FindingQuery;
import io.fileaudit.core.store.HistoryQuery;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.TableQuery;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reports over PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresReports implements ReportStore {
  private static final int PAGE = 1_000;

  /**
   * $1 namespace, $2 batch, $3 after, $4 limit, $5 finding, $6 whether names are announced, $7 a
   * pattern.
   */
  private static final String FINDINGS =
      """
      SELECT m.file, m.account, d.batch AS same_batch, d.file AS same_file
        FROM manifest m
        JOIN batch b ON b.namespace = m.namespace AND b.id = m.batch
        LEFT JOIN LATERAL (
          SELECT o.batch, o.file
            FROM manifest o JOIN batch ob ON ob.namespace = o.namespace AND ob.id = o.batch
           WHERE ($5::text IS NULL OR $5 = 'DUPLICATE_CONTENT') AND m.state = 'COMPLETED'
             AND o.namespace = m.namespace AND o.checksum = m.checksum AND o.state = 'COMPLETED'
             AND (CASE WHEN o.batch = m.batch THEN o.file <> m.file
                  ELSE ob.table_name = b.table_name AND ob.opened_at < b.opened_at END)
           ORDER BY ob.opened_at, o.batch, left(o.file, 600), o.file LIMIT 1) d ON true
       WHERE m.namespace = $1 AND m.batch = $2
         AND left(m.file, 600) >= left($3::text COLLATE "C", 600) AND m.file > $3::text COLLATE "C"
         AND ((coalesce($5, 'MISSING') = 'MISSING' AND m.state = 'EXPECTED')
           OR (coalesce($5, 'SHORT') = 'SHORT' AND m.short)
           OR (coalesce($5, 'UNFINISHED') = 'UNFINISHED' AND m.state IN ('DISCOVERED', 'RUNNING'))
           OR (coalesce($5, 'UNEXPECTED') = 'UNEXPECTED' AND m.state <> 'EXPECTED' AND NOT m.expected
               AND CASE WHEN $7 THEN NOT m.counted ELSE $6 END)
           OR d.batch IS NOT NULL)
       ORDER BY left(m.file, 600), m.file LIMIT $4
      """;

  private static final String FAILURES =
      """
      SELECT f.error_code, f.files, f.first_at, f.last_at, m.file, m.account
        FROM (SELECT error_code, count(*) AS files, min(file) AS sample,
                min((account::json -> 'attempts' -> -1 ->> 'ended')::timestamptz) AS first_at,
                max((account::json -> 'attempts' -> -1 ->> 'ended')::timestamptz) AS last_at
               FROM manifest WHERE namespace = $1 AND batch = $2 AND state = 'FAILED' GROUP BY error_code) f
        JOIN manifest m ON m.namespace = $1 AND m.batch = $2 AND left(m.file, 600) = left(f.sample, 600) AND m.file = f.sample
       ORDER BY f.files DESC, f.error_code COLLATE "C"
      """;

  private static final String HISTORY_COLUMNS =
      """
      SELECT b.id, b.table_name, b.period, b.opened_at, s.status, m.file, m.account
        FROM manifest m JOIN batch b ON b.namespace = m.namespace AND b.id = m.batch
        JOIN batch_state s ON s.namespace = m.namespace AND s.batch = m.batch
       WHERE m.namespace = $1
      """;

  private static final String HISTORY_PLACE =
      """
        AND ($3::timestamptz IS NULL OR (b.opened_at, b.id) < ($3, $4::uuid)
          OR ((b.opened_at, b.id) = ($3, $4::uuid) AND m.file > $5::text COLLATE "C"))
       ORDER BY b.opened_at DESC, b.id DESC, m.file LIMIT $6
      """;

  private static final String BY_NAME =
      HISTORY_COLUMNS
          + "AND left(m.file, 600) = left($2::text COLLATE \"C\", 600) AND m.file = $2::text COLLATE \"C\""
          + HISTORY_PLACE;

  private static final String BY_CONTENT =
      HISTORY_COLUMNS + "AND m.checksum = $2::text" + HISTORY_PLACE;

  /** Root batches that their load's status is of: $1 namespace, $2 table, $3 period. */
  private static final String LOADS =
      """
      FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
     WHERE b.namespace = $1 AND b.parent IS NULL AND b.table_name IS NOT NULL
       AND ($2::text IS NULL OR b.table_name = $2) AND ($3::text IS NULL OR b.period = $3)
       AND NOT EXISTS (
         SELECT 1 FROM batch o JOIN batch_state os ON os.namespace = o.namespace AND os.batch = o.id
          WHERE o.namespace = b.namespace AND o.table_name = b.table_name
            AND coalesce(o.period, '') = coalesce(b.period, '') AND o.parent IS NULL
            AND (os.status IN ('PENDING', 'RUNNING'), o.opened_at, o.id)
              > (s.status IN ('PENDING', 'RUNNING'), b.opened_at, b.id))
      """;

  private static final String AUDIT_COLUMNS =
      """
      SELECT b.id, b.table_name, b.period, b.opened_at, s.status, s.started_at, s.ended_at,
        (SELECT count(*) FROM batch o WHERE o.namespace = b.namespace AND o.table_name = b.table_name
            AND coalesce(o.period, '') = coalesce(b.period, '') AND o.parent IS NULL) AS batches
      """;

  private static final String USUAL =
      """
      SELECT count(*) AS batches,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY u.seconds) AS seconds_50,
          percentile_cont(0.95) WITHIN GROUP (ORDER BY u.seconds) AS seconds_95,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY u.rows) AS rows_50,
          percentile_cont(0.95) WITHIN GROUP (ORDER BY u.rows) AS rows_95,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY u.bytes) AS bytes_50,
          percentile_cont(0.95) WITHIN GROUP (ORDER BY u.bytes) AS bytes_95
        FROM (
          SELECT extract(epoch FROM s.ended_at - s.started_at)::float8 AS seconds,
              coalesce(s.tally::json ->> 'rows', '0')::float8 AS rows,
              coalesce(s.tally::json ->> 'bytes', '0')::float8 AS bytes
            FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
           WHERE b.namespace = $1 AND b.id <> $2 AND b.table_name = $3 AND b.parent IS NULL AND s.status = 'COMPLETED'
             AND s.started_at IS NOT NULL
           ORDER BY b.opened_at DESC LIMIT 20) u
      """;

  private static final String TABLES =
      AUDIT_COLUMNS
          + LOADS
          + """
            AND ($4::text[] IS NULL OR s.status = ANY($4))
            AND ($5::timestamptz IS NULL OR (b.opened_at, b.id) < ($5, $6::uuid))
          ORDER BY b.opened_at DESC, b.id DESC LIMIT $7
          """;

  private static final String PERIOD_HISTORY =
      """
      SELECT b.id, b.name, b.opened_at, s.status, s.run, s.ended_at
        FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
       WHERE b.namespace = $1 AND b.table_name = $2 AND coalesce(b.period, '') = $3 AND b.parent IS NULL
       ORDER BY b.opened_at DESC, b.id DESC LIMIT 100
      """;

  private static final String PERIOD_FILES =
      """
      WITH roots AS (
        SELECT id, opened_at FROM batch
         WHERE namespace = $1 AND table_name = $2 AND coalesce(period, '') = $3 AND parent IS NULL),
      members AS (
        SELECT id, opened_at FROM roots
        UNION ALL
        SELECT c.id, c.opened_at FROM batch c JOIN roots ON c.namespace = $1 AND c.parent = roots.id),
      newest AS (
        SELECT DISTINCT ON (m.file) m.state, m.rows, m.rejected_rows, m.bytes
          FROM members JOIN manifest m ON m.namespace = $1 AND m.batch = members.id
         ORDER BY m.file, members.opened_at DESC, members.id DESC)
      SELECT state, count(*) AS files, coalesce(sum(rows), 0)::bigint AS rows,
          coalesce(sum(rejected_rows), 0)::bigint AS rejected_rows, coalesce(sum(bytes), 0)::bigint AS bytes
        FROM newest GROUP BY state
      """;

  private static final String LOADS_BY_STATUS =
      "SELECT s.status, count(*) AS batches " + LOADS + " GROUP BY s.status";

  private static final String ROOTS_BY_STATUS =
      """
      SELECT s.status, count(*) AS batches
        FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
       WHERE b.namespace = $1 AND b.parent IS NULL AND $2::text IS NULL AND ($3::text IS NULL OR b.period = $3)
       GROUP BY s.status
      """;

  private static final String SUBS_BY_STATUS =
      """
      SELECT s.status, count(*) AS batches
        FROM batch p JOIN batch b ON b.namespace = p.namespace AND b.parent = p.id
        JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
       WHERE p.namespace = $1 AND p.parent IS NULL AND $2::text IS NULL AND ($3::text IS NULL OR p.period = $3)
       GROUP BY s.status
      """;

  private static final String TALLIES =
      """
      SELECT e.key, sum(e.value::bigint)::bigint AS total
        FROM batch p JOIN batch b ON b.namespace = p.namespace AND (b.id = p.id OR b.parent = p.id)
        JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id, LATERAL json_each_text(s.tally::json) e
       WHERE p.namespace = $1 AND p.parent IS NULL AND $2::text IS NULL AND ($3::text IS NULL OR p.period = $3)
       GROUP BY e.key
      """;

  private final Database database;

  PostgresReports(Database database) {
    this.database = database;
  }

  @Override
  public Flux<FileFinding> findings(BatchRecord batch, FindingQuery query) {
    Reconciliation.Announced announced =
        Reconciliation.Announced.of(batch.spec(), batch.state().tally());
    return Pages.of(
        query.after() == null ? "" : query.after(),
        query.limit(),
        PAGE,
        (after, limit) -> findingsPage(batch.key(), announced, query, after, limit),
        FileFinding::file);
  }

  private Flux<FileFinding> findingsPage(
      BatchKey key,
      Reconciliation.Announced announced,
      FindingQuery query,
      String after,
      int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                BatchRows.bind(
                    named(connection, FINDINGS, key)
                        .bind("$3", after)
                        .bind("$4", limit)
                        .bind("$6", announced.byName())
                        .bind("$7", announced.pattern() != null),
                    "$5",
                    query.finding() == null ? null : query.finding().name(),
                    String.class),
                row -> finding(row, announced)));
  }

  private static FileFinding finding(Readable row, Reconciliation.Announced announced) {
    UUID sameBatch = row.get("same_batch", UUID.class);
    FileAccount account = FileAccountJson.read(BatchRows.text(row, "account"));
    return Reconciliation.of(
            BatchRows.text(row, "file"),
            account,
            announced,
            sameBatch == null ? null : new SameContent(sameBatch, BatchRows.text(row, "same_file")))
        .orElseThrow(() -> new IllegalStateException("a file without a finding was read"));
  }

  @Override
  public Flux<FailureGroup> failures(BatchKey key) {
    return database.read(
        connection ->
            BatchRows.query(
                named(connection, FAILURES, key),
                row ->
                    new FailureGroup(
                        row.get("error_code", String.class),
                        BatchRows.value(row, "files", Long.class),
                        BatchRows.value(row, "first_at", Instant.class),
                        BatchRows.value(row, "last_at", Instant.class),
                        FileAccountJson.read(BatchRows.text(row, "account"))
                            .toManifest(BatchRows.text(row, "file")))));
  }

  @Override
  public Flux<FileInBatch> history(String namespace, HistoryQuery query) {
    return database.read(
        connection -> {
          HistoryQuery.Place after = query.after();
          String file = query.file();
          PostgresqlStatement statement =
              connection
                  .createStatement(file == null ? BY_CONTENT : BY_NAME)
                  .bind("$1", namespace)
                  .bind("$2", file == null ? Objects.requireNonNull(query.checksum()) : file)
                  .bind("$6", query.limit());
          BatchRows.bind(statement, "$3", after == null ? null : after.openedAt(), Instant.class);
          BatchRows.bind(statement, "$4", after == null ? null : after.batch(), UUID.class);
          BatchRows.bind(statement, "$5", after == null ? null : after.file(), String.class);
          return BatchRows.query(
              statement,
              row ->
                  new FileInBatch(
                      BatchRows.value(row, "id", UUID.class),
                      row.get("table_name", String.class),
                      row.get("period", String.class),
                      BatchStatus.valueOf(BatchRows.text(row, "status")),
                      BatchRows.value(row, "opened_at", Instant.class),
                      FileAccountJson.read(BatchRows.text(row, "account"))
                          .toManifest(BatchRows.text(row, "file"))));
        });
  }

  @Override
  public Mono<Usual> usual(BatchRecord batch) {
    String table = batch.spec().table();
    if (table == null || batch.spec().parent() != null) {
      return Mono.empty();
    }
    return database
        .read(
            connection ->
                BatchRows.query(
                    named(connection, USUAL, batch.key()).bind("$3", table),
                    PostgresReports::usual))
        .filter(usual -> usual.batches() > 0)
        .singleOrEmpty();
  }

  private static Usual usual(Readable row) {
    return new Usual(
        BatchRows.value(row, "batches", Long.class),
        figure(row, "seconds_50"),
        figure(row, "seconds_95"),
        figure(row, "rows_50"),
        figure(row, "rows_95"),
        figure(row, "bytes_50"),
        figure(row, "bytes_95"));
  }

  private static double figure(Readable row, String column) {
    Double value = row.get(column, Double.class);
    return value == null ? 0 : value;
  }

  @Override
  public Flux<TableAudit> tables(TableQuery query) {
    return database.read(
        connection -> {
          TableQuery.Place after = query.after();
          String[] statuses = query.statuses().stream().map(Enum::name).toArray(String[]::new);
          PostgresqlStatement statement =
              connection
                  .createStatement(TABLES)
                  .bind("$1", query.namespace())
                  .bind("$7", query.limit());
          BatchRows.bind(statement, "$2", query.table(), String.class);
          BatchRows.bind(statement, "$3", query.period(), String.class);
          BatchRows.bind(statement, "$4", statuses.length == 0 ? null : statuses, String[].class);
          BatchRows.bind(statement, "$5", after == null ? null : after.openedAt(), Instant.class);
          BatchRows.bind(statement, "$6", after == null ? null : after.batch(), UUID.class);
          return BatchRows.query(statement, PostgresReports::audit);
        });
  }

  private static TableAudit audit(Readable row) {
    return new TableAudit(
        BatchRows.text(row, "table_name"),
        row.get("period", String.class),
        BatchStatus.valueOf(BatchRows.text(row, "status")),
        BatchRows.value(row, "id", UUID.class),
        BatchRows.value(row, "batches", Long.class),
        BatchRows.value(row, "opened_at", Instant.class),
        row.get("started_at", Instant.class),
        row.get("ended_at", Instant.class));
  }

  @Override
  public Mono<PeriodReport> period(String namespace, String table, String period) {
    TableQuery one = new TableQuery(namespace, table, period, Set.of(), null, 1);
    return tables(one)
        .singleOrEmpty()
        .flatMap(
            audit ->
                Mono.zip(
                    periodFiles(namespace, table, period),
                    periodHistory(namespace, table, period).collectList(),
                    (files, history) -> new PeriodReport(audit, files, history)));
  }

  private Mono<FileFigures> periodFiles(String namespace, String table, String period) {
    record OfState(FileState state, long files, long rows, long rejectedRows, long bytes) {}
    return database
        .read(
            connection ->
                BatchRows.query(
                    load(connection, PERIOD_FILES, namespace, table, period),
                    row ->
                        new OfState(
                            FileState.valueOf(BatchRows.text(row, "state")),
                            BatchRows.value(row, "files", Long.class),
                            BatchRows.value(row, "rows", Long.class),
                            BatchRows.value(row, "rejected_rows", Long.class),
                            BatchRows.value(row, "bytes", Long.class))))
        .collectList()
        .map(
            states -> {
              Map<FileState, Long> counts = new EnumMap<>(FileState.class);
              states.forEach(of -> counts.put(of.state(), of.files()));
              OfState done =
                  states.stream()
                      .filter(of -> of.state() == FileState.COMPLETED)
                      .findFirst()
                      .orElse(new OfState(FileState.COMPLETED, 0, 0, 0, 0));
              return FigureSums.of(counts, done.rows(), done.rejectedRows(), done.bytes());
            });
  }

  private Flux<BatchInHistory> periodHistory(String namespace, String table, String period) {
    return database.read(
        connection ->
            BatchRows.query(
                load(connection, PERIOD_HISTORY, namespace, table, period),
                row ->
                    new BatchInHistory(
                        BatchRows.value(row, "id", UUID.class),
                        row.get("name", String.class),
                        BatchStatus.valueOf(BatchRows.text(row, "status")),
                        BatchRows.value(row, "run", Integer.class),
                        BatchRows.value(row, "opened_at", Instant.class),
                        row.get("ended_at", Instant.class))));
  }

  @Override
  public Mono<PeriodSummary> summary(String namespace, @Nullable String period) {
    return Mono.zip(
            counted(namespace, period, LOADS_BY_STATUS),
            counted(namespace, period, ROOTS_BY_STATUS),
            counted(namespace, period, SUBS_BY_STATUS),
            figures(namespace, period))
        .map(all -> new PeriodSummary(period, all.getT1(), all.getT2(), all.getT3(), all.getT4()));
  }

  private record Count(BatchStatus status, long batches) {}

  private Mono<Map<BatchStatus, Long>> counted(
      String namespace, @Nullable String period, String sql) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    ofPeriod(connection, sql, namespace, period),
                    row ->
                        new Count(
                            BatchStatus.valueOf(BatchRows.text(row, "status")),
                            BatchRows.value(row, "batches", Long.class))))
        .collect(
            () -> new EnumMap<BatchStatus, Long>(BatchStatus.class),
            (counts, count) -> counts.put(count.status(), count.batches()))
        .map(counts -> counts);
  }

  private Mono<FileFigures> figures(String namespace, @Nullable String period) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    ofPeriod(connection, TALLIES, namespace, period),
                    row ->
                        Map.entry(
                            BatchRows.text(row, "key"), BatchRows.value(row, "total", Long.class))))
        .collectMap(Map.Entry::getKey, Map.Entry::getValue)
        .map(
            totals -> {
              FigureSums sums = new FigureSums();
              sums.add(Tally.fromMap(totals));
              return sums.figures();
            });
  }

  private static PostgresqlStatement ofPeriod(
      PostgresqlConnection connection, String sql, String namespace, @Nullable String period) {
    PostgresqlStatement statement =
        connection.createStatement(sql).bind("$1", namespace).bindNull("$2", String.class);
    return BatchRows.bind(statement, "$3", period, String.class);
  }

  private static PostgresqlStatement load(
      PostgresqlConnection connection, String sql, String namespace, String table, String period) {
    return connection
        .createStatement(sql)
        .bind("$1", namespace)
        .bind("$2", table)
        .bind("$3", period);
  }

  private static PostgresqlStatement named(
      PostgresqlConnection connection, String sql, BatchKey key) {
    return connection.createStatement(sql).bind("$1", key.namespace()).bind("$2", key.id());
  }
}
