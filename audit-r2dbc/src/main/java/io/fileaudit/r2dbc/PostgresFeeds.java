package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.Logged;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What feeds read of the database. */
final class PostgresFeeds implements FeedStore {
  private static final String OPEN =
      """
      SELECT batch, version, coalesce(last_activity_at, 'epoch') AS heard FROM batch_state
       WHERE namespace = $1 AND status IN ('PENDING', 'RUNNING')
      """;

  private static final String LOGGED =
      """
      SELECT l.namespace, l.batch, b.spec, b.labels::text AS labels, coalesce(l.number, 0) AS number, l.version, l.verdict
        FROM log l LEFT JOIN batch b ON b.namespace = l.namespace AND b.id = l.batch
      """;

  private static final String OF_BATCH =
      LOGGED
          + "WHERE l.namespace = $1 AND l.batch = $2 AND l.verdict IS NOT NULL AND l.version > $3 ORDER BY l.version";

  private static final String OF_NAMESPACE =
      LOGGED
          + "WHERE l.namespace = $1 AND l.number > $2 AND l.verdict IS NOT NULL AND l.number IS NOT NULL"
          + " ORDER BY l.number LIMIT $3";

  private final Database database;
  private final Changes changes;

  PostgresFeeds(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  @Override
  public Flux<BatchKey> changes() {
    return changes.all();
  }

  @Override
  public Flux<BatchRecord> findAll(Collection<BatchKey> keys) {
    List<BatchKey> asked = List.copyOf(keys);
    return asked.isEmpty()
        ? Flux.empty()
        : database.read(
            connection ->
                BatchRows.find(
                    connection,
                    Column.of(asked, String.class, BatchKey::namespace),
                    Column.of(asked, UUID.class, BatchKey::id)));
  }

  @Override
  public Flux<Mark> open(String namespace) {
    return database.read(
        connection ->
            BatchRows.query(
                connection.createStatement(OPEN).bind("$1", namespace),
                row ->
                    new Mark(
                        new BatchKey(namespace, BatchRows.value(row, "batch", UUID.class)),
                        BatchRows.value(row, "version", Long.class),
                        BatchRows.value(row, "heard", Instant.class))));
  }

  @Override
  public Flux<Logged> decided(BatchKey key, long version) {
    return database.read(
        connection ->
            BatchRows.query(
                connection
                    .createStatement(OF_BATCH)
                    .bind("$1", key.namespace())
                    .bind("$2", key.id())
                    .bind("$3", version),
                PostgresFeeds::logged));
  }

  @Override
  public Mono<Long> numberLog() {
    return database.transaction(connection -> new LogNumbers(connection).give());
  }

  @Override
  public Flux<Logged> logged(String namespace, long number, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                connection
                    .createStatement(OF_NAMESPACE)
                    .bind("$1", namespace)
                    .bind("$2", number)
                    .bind("$3", limit),
                PostgresFeeds::logged));
  }

  private static Logged logged(Readable row) {
    String spec = row.get("spec", String.class);
    String labels = row.get("labels", String.class);
    return new Logged(
        new BatchKey(BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)),
        spec == null ? BatchSpec.builder().build() : BatchRows.spec(spec),
        labels == null ? Map.of() : BatchRows.labels(labels),
        BatchRows.value(row, "number", Long.class),
        BatchRows.value(row, "version", Long.class),
        BatchRows.verdict(BatchRows.text(row, "verdict")));
  }

  @Override
  public Mono<Instant> clock() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement("SELECT clock_timestamp() AS now"),
                    row -> BatchRows.value(row, "now", Instant.class)))
        .single();
  }
}
