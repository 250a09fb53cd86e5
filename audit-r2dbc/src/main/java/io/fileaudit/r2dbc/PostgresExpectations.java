package io.fileaudit.r2dbc;

import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.Schedule;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Expectations in PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresExpectations implements ExpectationStore {
  private static final String WAS_OPENED =
      """
      EXISTS (SELECT 1 FROM batch b WHERE b.namespace = e.namespace AND b.table_name = e.table_name AND b.parent IS NULL
          AND b.opened_at > %s)
      """;

  private static final String SELECT =
      """
      SELECT e.namespace, e.table_name, e.schedule, e.zone, extract(epoch FROM e.grace)::float8 AS grace, e.created_at,
          e.created_by, e.from_at, e.next_due_at,
          CASE WHEN e.missed_from IS NOT NULL AND NOT
      """
          + WAS_OPENED.formatted("e.missed_from")
          + " THEN e.missed_due END AS overdue_since FROM expectation e ";

  /** Keeps the first batch that ends an absence, or else meets what is due next. */
  private static final String SETTLE =
      """
      UPDATE expectation x SET missed_from = NULL, missed_due = NULL,
          from_at = CASE WHEN w.missed THEN greatest(w.from_at, w.opened_at) ELSE w.from_at END,
          met_at = CASE WHEN w.missed THEN NULL ELSE w.opened_at END
        FROM (SELECT e.namespace, e.table_name, e.from_at, e.missed_from IS NOT NULL AS missed, b.opened_at
                FROM expectation e JOIN LATERAL (
                  SELECT b.opened_at FROM batch b WHERE b.namespace = e.namespace AND b.table_name = e.table_name
                     AND b.parent IS NULL AND b.opened_at > coalesce(e.missed_from, e.from_at)
                   ORDER BY b.opened_at LIMIT 1) b ON true
               WHERE e.met_at IS NULL AND %s FOR UPDATE OF e) w
       WHERE x.namespace = w.namespace AND x.table_name = w.table_name
      """;

  private static final String ADVANCE =
      """
      UPDATE expectation SET next_due_at = $4, from_at = greatest(next_due_at, met_at), met_at = NULL,
          missed_from = CASE WHEN met_at IS NULL THEN coalesce(missed_from, from_at) END,
          missed_due = CASE WHEN met_at IS NULL THEN coalesce(missed_due, next_due_at) END
       WHERE namespace = $1 AND table_name = $2 AND next_due_at = $3 AND next_due_at + grace <= clock_timestamp()
      """;

  private final Database database;

  PostgresExpectations(Database database) {
    this.database = database;
  }

  @Override
  public Mono<TableExpectation> put(
      String namespace, String table, NewExpectation wanted, String by, Schedule schedule) {
    return database.transaction(
        connection ->
            BatchRows.query(
                    connection.createStatement("SELECT clock_timestamp() AS now"),
                    row -> BatchRows.value(row, "now", Instant.class))
                .single()
                .flatMap(
                    now ->
                        BatchRows.update(
                            connection
                                .createStatement(
                                    """
                                    INSERT INTO expectation AS e (namespace, table_name, schedule, zone, grace, created_at,
                                        created_by, from_at, next_due_at)
                                    VALUES ($1, $2, $3, $4, make_interval(secs => $5::float8), $6, $7, $6, $8)
                                    ON CONFLICT (namespace, table_name) DO UPDATE SET schedule = excluded.schedule,
                                        zone = excluded.zone, grace = excluded.grace, created_at = excluded.created_at,
                                        created_by = excluded.created_by, from_at = excluded.from_at,
                                        next_due_at = excluded.next_due_at, missed_from = NULL, missed_due = NULL, met_at = NULL
                                    """)
                                .bind("$1", namespace)
                                .bind("$2", table)
                                .bind("$3", Objects.requireNonNull(wanted.schedule()))
                                .bind("$4", Objects.requireNonNull(wanted.zone()))
                                .bind("$5", seconds(wanted))
                                .bind("$6", now)
                                .bind("$7", by)
                                .bind("$8", schedule.after(now))))
                .then(Mono.defer(() -> one(connection, namespace, table).single())));
  }

  private static double seconds(NewExpectation wanted) {
    return Objects.requireNonNull(wanted.grace()).toMillis() / 1000.0;
  }

  private static Flux<TableExpectation> one(
      PostgresqlConnection connection, String namespace, String table) {
    return BatchRows.query(
        named(
            connection, SELECT + "WHERE e.namespace = $1 AND e.table_name = $2", namespace, table),
        row -> held(row).expectation());
  }

  private static PostgresqlStatement named(
      PostgresqlConnection connection, String sql, String namespace, String table) {
    return connection.createStatement(sql).bind("$1", namespace).bind("$2", table);
  }

  private static Held held(Readable row) {
    return new Held(
        BatchRows.text(row, "namespace"),
        new TableExpectation(
            BatchRows.text(row, "table_name"),
            BatchRows.text(row, "schedule"),
            BatchRows.text(row, "zone"),
            Duration.ofMillis(Math.round(BatchRows.value(row, "grace", Double.class) * 1_000)),
            BatchRows.value(row, "created_at", Instant.class),
            BatchRows.text(row, "created_by"),
            BatchRows.value(row, "next_due_at", Instant.class),
            row.get("overdue_since", Instant.class)));
  }

  @Override
  public Mono<TableExpectation> find(String namespace, String table) {
    return database.read(connection -> one(connection, namespace, table)).singleOrEmpty();
  }

  @Override
  public Flux<TableExpectation> list(String namespace, @Nullable Boolean overdue) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection
                        .createStatement(
                            SELECT + "WHERE e.namespace = $1 ORDER BY e.table_name COLLATE \"C\"")
                        .bind("$1", namespace),
                    row -> held(row).expectation()))
        .filter(one -> overdue == null || overdue == (one.overdueSince() != null));
  }

  @Override
  public Mono<Boolean> remove(String namespace, String table) {
    return database.transaction(
        connection ->
            BatchRows.update(
                    named(
                        connection,
                        "DELETE FROM expectation WHERE namespace = $1 AND table_name = $2",
                        namespace,
                        table))
                .map(rows -> rows > 0));
  }

  @Override
  public Flux<Held> passed(int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                connection
                    .createStatement(
                        SELECT
                            + "WHERE e.next_due_at + e.grace <= clock_timestamp() ORDER BY e.next_due_at LIMIT $1")
                    .bind("$1", limit),
                PostgresExpectations::held));
  }

  @Override
  public Mono<Void> settle() {
    return database
        .transaction(
            connection -> BatchRows.update(connection.createStatement(SETTLE.formatted("true"))))
        .then();
  }

  @Override
  public Mono<TableExpectation> judge(Held passed, Schedule schedule) {
    TableExpectation before = passed.expectation();
    return database.transaction(
        connection ->
            lock(connection, passed)
                // What ends an earlier absence is one batch, and what is due now another.
                .then(Mono.defer(() -> settle(connection, passed)))
                .then(Mono.defer(() -> settle(connection, passed)))
                .then(
                    Mono.defer(
                        () ->
                            BatchRows.update(
                                named(connection, ADVANCE, passed.namespace(), before.table())
                                    .bind("$3", before.nextDueAt())
                                    .bind("$4", schedule.after(before.nextDueAt())))))
                .filter(rows -> rows > 0)
                .flatMap(
                    rows -> one(connection, passed.namespace(), before.table()).singleOrEmpty())
                .flatMap(after -> tell(connection, passed, after).thenReturn(after)));
  }

  /** Once for each absence, in the transaction that found it. */
  private static Mono<Long> tell(
      PostgresqlConnection connection, Held passed, TableExpectation after) {
    return passed.expectation().nextDueAt().equals(after.overdueSince())
        ? WebhookRows.tellOverdue(connection, passed.namespace(), after)
        : Mono.just(0L);
  }

  private static Mono<Void> lock(PostgresqlConnection connection, Held passed) {
    return BatchRows.query(
            named(
                connection,
                "SELECT 1 FROM expectation WHERE namespace = $1 AND table_name = $2 FOR UPDATE",
                passed.namespace(),
                passed.expectation().table()),
            row -> true)
        .then();
  }

  private static Mono<Long> settle(PostgresqlConnection connection, Held passed) {
    return BatchRows.update(
        named(
            connection,
            SETTLE.formatted("e.namespace = $1 AND e.table_name = $2"),
            passed.namespace(),
            passed.expectation().table()));
  }
}
