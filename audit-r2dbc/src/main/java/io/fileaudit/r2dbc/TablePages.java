package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.store.TableQuery;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Pages of loads, that is of tables and periods, the one whose deciding batch was opened last
 * first. The next batches are looked at first, of which most speak for a load of their own; where
 * they are reruns of few loads, the loads are gone through instead, from one to the next.
 */
final class TablePages {
  private static final int WALKED = 500;
  private static final int LARGEST_PAGE = 1_001;
  private static final String NEWEST = " ORDER BY b.opened_at DESC, b.id DESC ";

  /** The batch that decides about load {@code l}: the newest open root batch, else the newest. */
  private static final String DECIDES =
      """
       LEFT JOIN LATERAL (
         SELECT s.batch FROM batch_state s
          WHERE s.namespace = $1 AND s.load_table = l.table_name AND s.load_period = l.period
            AND s.status IN ('PENDING', 'RUNNING')
          ORDER BY s.opened_at DESC, s.batch DESC LIMIT 1) o ON true
       JOIN LATERAL (
         SELECT r.id FROM batch r
          WHERE r.namespace = $1 AND r.table_name = l.table_name AND r.load_period = l.period
          ORDER BY r.opened_at DESC, r.id DESC LIMIT 1) n ON true
       JOIN LATERAL (
         SELECT s.* FROM batch_state s WHERE s.namespace = $1 AND s.batch = coalesce(o.batch, n.id) LIMIT 1) s ON true
      """;

  private static final String COLUMNS =
      """
      SELECT b.*, (SELECT count(*) FROM batch r WHERE r.namespace = $1 AND r.table_name = b.table_name
           AND r.load_period = coalesce(b.period, '')) AS batches
        FROM (SELECT * FROM (SELECT s.batch AS id, l.table_name, nullif(l.period, '') AS period, s.opened_at, s.status,
           s.started_at, s.ended_at
      """;

  private final Database database;
  private final TableQuery query;
  private final String @Nullable [] statuses;

  TablePages(Database database, TableQuery query) {
    this.database = database;
    this.query = query;
    this.statuses =
        query.statuses().isEmpty()
            ? null
            : query.statuses().stream().map(Enum::name).toArray(String[]::new);
  }

  Flux<TableAudit> page() {
    if (query.table() != null && query.period() != null) {
      return amongLoads();
    }
    return amongBatches()
        .collectList()
        .zipWith(candidates())
        .flatMapMany(
            found ->
                found.getT1().size() == query.limit() || found.getT2() < WALKED
                    ? Flux.fromIterable(found.getT1())
                    : amongLoads());
  }

  private Flux<TableAudit> amongBatches() {
    Conditions given = new Conditions();
    String walked = walked(given);
    return read(
        given, "FROM (" + walked + ") l" + DECIDES + "WHERE coalesce(o.batch, n.id) = l.id");
  }

  /** How many batches were looked at: where it were not all that could be, there may be more. */
  private Mono<Long> candidates() {
    Conditions given = new Conditions();
    String sql = "SELECT count(*) AS batches FROM (" + walked(given) + ") l";
    return database
        .read(
            connection ->
                BatchRows.query(
                    given.on(connection, sql), row -> BatchRows.value(row, "batches", Long.class)))
        .single();
  }

  /** The next root batches of tables, of the statuses that are asked for. */
  private String walked(Conditions given) {
    String namespace = given.value(query.namespace());
    String where =
        "WHERE s.namespace = "
            + namespace
            + " AND s.load_table IS NOT NULL"
            + given.when("AND s.load_table = ?", query.table())
            + given.when("AND s.load_period = ?", query.period())
            + given.when("AND (s.opened_at, s.batch) < (?, ?)", openedAt(), batch());
    String newest = " ORDER BY s.opened_at DESC, s.batch DESC LIMIT " + WALKED;
    String columns = "s.batch AS id, s.load_table AS table_name, s.load_period AS period";
    if (statuses == null) {
      return "SELECT " + columns + " FROM batch_state s " + where + newest;
    }
    return "SELECT "
        + columns
        + " FROM unnest("
        + given.value(statuses)
        + "::text[]) st(status) CROSS JOIN LATERAL (SELECT * FROM batch_state s "
        + where
        + " AND s.status = st.status"
        + newest
        + ") s"
        + newest;
  }

  private Flux<TableAudit> amongLoads() {
    Conditions given = new Conditions();
    String ofNamespace = given.when("WHERE b.namespace = ?", query.namespace());
    return read(given, loads(given, ofNamespace) + DECIDES + "WHERE true");
  }

  /** Goes from a load to the next one in the index, however many batches each of them has. */
  private String loads(Conditions given, String ofNamespace) {
    String table = query.table();
    String period = query.period();
    if (table != null && period != null) {
      return given.when("FROM (SELECT ?::text AS table_name, ?::text AS period) l", table, period);
    }
    String columns = "b.table_name, b.load_period";
    String next = "(b.table_name, b.load_period) > (l.table_name, l.period)";
    if (period != null) {
      columns = "b.table_name," + given.when("?::text", period);
      next = "b.table_name > l.table_name";
    }
    String order =
        period == null ? " ORDER BY b.table_name, b.load_period" : " ORDER BY b.table_name";
    String from =
        " FROM batch b "
            + ofNamespace
            + "AND b.load_period IS NOT NULL"
            + given.when("AND b.table_name = ?", table);
    return "FROM (WITH RECURSIVE l(table_name, period) AS ((SELECT "
        + columns
        + from
        + order
        + " LIMIT 1) UNION ALL SELECT f.* FROM l CROSS JOIN LATERAL (SELECT "
        + columns
        + from
        + " AND "
        + next
        + order
        + " LIMIT 1) f) SELECT * FROM l) l";
  }

  private @Nullable Instant openedAt() {
    return query.after() == null ? null : query.after().openedAt();
  }

  private @Nullable UUID batch() {
    return query.after() == null ? null : query.after().batch();
  }

  private Flux<TableAudit> read(Conditions given, String from) {
    String sql =
        COLUMNS
            + from
            + given.when(" AND s.status = ANY(?)", (Object) statuses)
            + given.when(" AND (s.opened_at, s.batch) < (?, ?)", openedAt(), batch())
            + " ORDER BY s.opened_at DESC, s.batch DESC LIMIT "
            + Math.max(query.limit(), LARGEST_PAGE)
            + ") b"
            + NEWEST
            + "LIMIT "
            + given.value(query.limit())
            + ") b"
            + NEWEST;
    return database.read(
        connection -> BatchRows.query(given.on(connection, sql), TablePages::audit));
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
}
