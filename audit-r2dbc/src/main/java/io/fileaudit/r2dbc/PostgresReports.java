package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.file.FailureGroup;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.table.BatchInHistory;
import io.fileaudit.api.table.FileFigures;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Reconciliation;
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
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reports over PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresReports implements ReportStore {
  private static final int PAGE = 1_000;

  private static final String FILE_BEHIND =
      """
      SELECT m.file FROM manifest m
       WHERE m.namespace = $1 AND m.batch = $2
         AND left(m.file, 600) >= left($3::text COLLATE "C", 600) AND m.file > $3::text COLLATE "C"
       ORDER BY left(m.file, 600), m.file LIMIT 1 OFFSET $4
      """;

  private static final String FAILURES =
      """
      SELECT f.error_code, f.files, f.first_at, f.last_at, m.file, m.account
        FROM (SELECT error_code, count(*) AS files, min(file) AS sample,
                min(ended) AS first_at, max(ended) AS last_at
               FROM (SELECT error_code, file, (account::json -> 'attempts' -> -1 ->> 'ended')::timestamptz AS ended
                       FROM manifest WHERE namespace = $1 AND batch = $2 AND state = 'FAILED' OFFSET 0) e
              GROUP BY error_code) f
        JOIN manifest m ON m.namespace = $1 AND m.batch = $2 AND left(m.file, 600) = left(f.sample, 600) AND m.file = f.sample
       ORDER BY f.files DESC, f.error_code COLLATE "C"
      """;

  private static final String HISTORY =
      """
      SELECT b.id, b.table_name, b.period, b.opened_at, s.status, m.file, m.account
        FROM manifest m JOIN batch b ON b.namespace = m.namespace AND b.id = m.batch
        JOIN batch_state s ON s.namespace = m.namespace AND s.batch = m.batch
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

  private static final String PERIOD_HISTORY =
      """
      SELECT b.id, b.name, b.opened_at, s.status, s.run, s.ended_at
        FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
       WHERE b.namespace = $1 AND b.table_name = $2 AND b.load_period = $3
       ORDER BY b.opened_at DESC, b.id DESC LIMIT 100
      """;

  private static final String PERIOD_FILES =
      """
      WITH roots AS (
        SELECT id, opened_at FROM batch
         WHERE namespace = $1 AND table_name = $2 AND load_period = $3),
      members AS (
        SELECT id, opened_at FROM roots
        UNION ALL
        SELECT c.id, c.opened_at FROM batch c JOIN roots ON c.namespace = $1 AND c.parent = roots.id),
      newest AS (
        SELECT DISTINCT ON (m.file) m.state, m.rows, m.rejected_rows, m.bytes
          FROM members CROSS JOIN LATERAL (SELECT * FROM manifest WHERE namespace = $1 AND batch = members.id OFFSET 0) m
         ORDER BY m.file, members.opened_at DESC, members.id DESC)
      SELECT state, count(*) AS files, coalesce(sum(rows), 0)::bigint AS rows,
          coalesce(sum(rejected_rows), 0)::bigint AS rejected_rows, coalesce(sum(bytes), 0)::bigint AS bytes
        FROM newest GROUP BY state
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
        new FindingPages(database, batch, announced, query)::page,
        FileFinding::file);
  }

  @Override
  public Mono<String> fileBehind(BatchKey key, String after, int count) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    named(connection, FILE_BEHIND, key).bind("$3", after).bind("$4", count - 1),
                    row -> BatchRows.text(row, "file")))
        .singleOrEmpty();
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
    Conditions given = new Conditions();
    HistoryQuery.Place after = query.after();
    String sql =
        HISTORY
            + given.when("WHERE m.namespace = ?", namespace)
            + given.when("AND left(m.file, 600) = left(?::text COLLATE \"C\", 600)", query.file())
            + given.when("AND m.file = ?::text COLLATE \"C\"", query.file())
            + given.when("AND m.checksum = ?", query.checksum())
            + (after == null
                ? ""
                : given.when("AND (b.opened_at, b.id) <= (?, ?)", after.openedAt(), after.batch())
                    + given.when(
                        "AND ((b.opened_at, b.id) < (?, ?) OR m.file > ?::text COLLATE \"C\")",
                        after.openedAt(),
                        after.batch(),
                        after.file()))
            + "ORDER BY b.opened_at DESC, b.id DESC, m.file LIMIT "
            + given.value(query.limit());
    return database.read(
        connection ->
            BatchRows.query(
                given.on(connection, sql),
                row ->
                    new FileInBatch(
                        BatchRows.value(row, "id", UUID.class),
                        row.get("table_name", String.class),
                        row.get("period", String.class),
                        BatchStatus.valueOf(BatchRows.text(row, "status")),
                        BatchRows.value(row, "opened_at", Instant.class),
                        FileAccountJson.read(BatchRows.text(row, "account"))
                            .toManifest(BatchRows.text(row, "file")))));
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
    return new TablePages(database, query).page();
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
    return new Summaries(database, namespace, period).summary();
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
