package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.LogBody;
import io.fileaudit.core.store.RetentionStore;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Retention in PostgreSQL, through the owner's function. Thread-safe. */
final class PostgresRetention implements RetentionStore {
  private static final String LEFT_OVER =
      "SELECT namespace, batch FROM purged WHERE left_over ORDER BY purged_at LIMIT $1";

  /**
   * $1 and $2 namespaces with an age of their own, $3 the standard age, $4 those kept for ever, $5
   * limit.
   */
  private static final String OUTDATED =
      """
      WITH roots AS (
        SELECT b.namespace, b.id, s.ended_at
          FROM batch_state s JOIN batch b ON b.namespace = s.namespace AND b.id = s.batch
          LEFT JOIN unnest($1::text[], $2::float8[]) AS a(namespace, seconds) ON a.namespace = s.namespace
         WHERE s.ended_at IS NOT NULL AND s.status NOT IN ('PENDING', 'RUNNING') AND b.parent IS NULL
           AND s.namespace <> ALL ($4::text[])
           AND s.ended_at < clock_timestamp() - make_interval(secs => coalesce(a.seconds, $3::float8))
         ORDER BY s.ended_at LIMIT $5)
      SELECT namespace, batch FROM (
        SELECT r.namespace, c.id AS batch, r.ended_at, 0 AS rank FROM roots r JOIN batch c ON c.namespace = r.namespace AND c.parent = r.id
        UNION ALL
        SELECT r.namespace, r.id, r.ended_at, 1 FROM roots r) all_of
       ORDER BY ended_at, rank
      """;

  private final Database database;

  PostgresRetention(Database database) {
    this.database = database;
  }

  @Override
  public Flux<BatchKey> outdated(Ages ages, int limit) {
    Flux<BatchKey> begun =
        database.read(
            connection ->
                BatchRows.query(
                    connection.createStatement(LEFT_OVER).bind("$1", limit),
                    PostgresRetention::key));
    return ages.isNever() ? begun : Flux.concat(begun, ended(ages, limit));
  }

  private Flux<BatchKey> ended(Ages ages, int limit) {
    List<Map.Entry<String, Duration>> own = List.copyOf(ages.byNamespace().entrySet());
    return database.read(
        connection -> {
          PostgresqlStatement statement =
              connection
                  .createStatement(OUTDATED)
                  .bind("$1", own.stream().map(Map.Entry::getKey).toArray(String[]::new))
                  .bind(
                      "$2", own.stream().map(age -> seconds(age.getValue())).toArray(Double[]::new))
                  .bind("$4", ages.forever().toArray(String[]::new))
                  .bind("$5", limit);
          @Nullable Duration standard = ages.standard();
          BatchRows.bind(
              statement, "$3", standard == null ? null : seconds(standard), Double.class);
          return BatchRows.query(statement, PostgresRetention::key);
        });
  }

  private static double seconds(Duration age) {
    return age.toMillis() / 1000.0;
  }

  private static BatchKey key(Readable row) {
    return new BatchKey(
        BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class));
  }

  @Override
  public Mono<Boolean> purge(BatchKey key, int rows) {
    return database.transaction(
        connection ->
            entry(connection, key)
                .defaultIfEmpty("")
                .flatMap(body -> step(connection, key, body, rows)));
  }

  /** What the log will say; empty where the batch itself is gone already. */
  private static Mono<String> entry(PostgresqlConnection connection, BatchKey key) {
    return BatchRows.query(
            named(
                connection,
                "SELECT run, clock_timestamp() AS now FROM batch_state WHERE namespace = $1 AND batch = $2 FOR UPDATE",
                key),
            row ->
                LogBody.purged(
                    key,
                    BatchRows.value(row, "run", Integer.class),
                    BatchRows.value(row, "now", Instant.class)))
        .singleOrEmpty();
  }

  private static Mono<Boolean> step(
      PostgresqlConnection connection, BatchKey key, String body, int rows) {
    return BatchRows.query(
            named(connection, "SELECT coalesce(purge_batch($1, $2, $3, $4)::text, '') AS done", key)
                .bind("$3", body)
                .bind("$4", rows),
            row -> BatchRows.text(row, "done"))
        .single()
        .filter(done -> !done.isEmpty())
        .map("true"::equals);
  }

  @Override
  public Mono<Boolean> isPurged(BatchKey key) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    named(
                        connection,
                        "SELECT 1 AS one FROM purged WHERE namespace = $1 AND batch = $2",
                        key),
                    row -> true))
        .hasElements();
  }

  private static PostgresqlStatement named(
      PostgresqlConnection connection, String sql, BatchKey key) {
    return connection.createStatement(sql).bind("$1", key.namespace()).bind("$2", key.id());
  }
}
