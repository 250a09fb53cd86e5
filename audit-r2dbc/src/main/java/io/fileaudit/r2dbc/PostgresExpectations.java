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
                                        next_due_at = excluded.next_due_at, missed_from = NULL, missed_due = NULL
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
  public Mono<TableExpectation> judge(Held passed, Schedule schedule) {
    TableExpectation before = passed.expectation();
    return database.transaction(
        connection ->
            BatchRows.update(
                    named(
                            connection,
                            """
                            UPDATE expectation e SET from_at = next_due_at, next_due_at = $4,
                                missed_from = CASE WHEN w.opened THEN NULL ELSE e.from_at END,
                                missed_due = CASE WHEN w.opened THEN NULL ELSE e.next_due_at END
                              FROM (SELECT e.namespace, e.table_name,
                            """
                                + WAS_OPENED.formatted("e.from_at")
                                + """
                                   AS opened FROM expectation e
                                WHERE e.namespace = $1 AND e.table_name = $2 FOR UPDATE) w
                             WHERE e.namespace = w.namespace AND e.table_name = w.table_name AND e.next_due_at = $3
                               AND e.next_due_at + e.grace <= clock_timestamp()
                            """,
                            passed.namespace(),
                            before.table())
                        .bind("$3", before.nextDueAt())
                        .bind("$4", schedule.after(before.nextDueAt())))
                .filter(rows -> rows > 0)
                .flatMap(
                    rows -> one(connection, passed.namespace(), before.table()).singleOrEmpty()));
  }
}
