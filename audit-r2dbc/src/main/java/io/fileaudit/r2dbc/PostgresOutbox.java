package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.StatusChange;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The outbox in PostgreSQL, which a trigger fills. Sending is one transaction under the lock of one
 * row: a node that is lost or frozen meanwhile loses its session, and with it the lock.
 */
final class PostgresOutbox implements OutboxStore {
  private static final int MOST_COUNTED = 10_000;

  /** Where nothing waits, nothing is locked. */
  private static final String LOCK =
      "SELECT one FROM outbox_lock WHERE EXISTS (SELECT FROM outbox) FOR UPDATE SKIP LOCKED";

  private static final String OLDEST =
      """
      SELECT o.*, b.spec, b.labels::text AS labels
        FROM (SELECT * FROM outbox ORDER BY number LIMIT $1) o
        LEFT JOIN LATERAL (SELECT * FROM batch WHERE namespace = o.namespace AND id = o.batch LIMIT 1) b ON true
       ORDER BY o.number
      """;

  private static final String DELETE = "DELETE FROM outbox WHERE number = ANY ($1::bigint[])";

  private static final String BACKLOG =
      """
      SELECT (SELECT count(*)::int FROM (SELECT FROM outbox LIMIT $1) o) AS waiting,
        (SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8 FROM outbox ORDER BY number LIMIT 1) AS seconds
      """;

  private final Database database;

  PostgresOutbox(Database database) {
    this.database = database;
  }

  private record Waiting(long number, StatusChange change) {}

  /** An error of the sending, which is not to be taken for one of the database. */
  private static final class NotSentException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Throwable reason;

    NotSentException(Throwable reason) {
      super(reason.getMessage(), null, false, false);
      this.reason = reason;
    }
  }

  @Override
  public Mono<Integer> send(int limit, Function<List<StatusChange>, Mono<Void>> sending) {
    return database
        .transaction(
            connection ->
                // The rows are read in a later statement than the lock is taken: what was sent
                // before is gone by then.
                BatchRows.query(connection.createStatement(LOCK), row -> true)
                    .singleOrEmpty()
                    .flatMap(locked -> oldest(connection, limit))
                    .flatMap(waiting -> send(connection, waiting, sending))
                    .defaultIfEmpty(0))
        .onErrorMap(NotSentException.class, error -> error.reason);
  }

  private static Mono<List<Waiting>> oldest(PostgresqlConnection connection, int limit) {
    return BatchRows.query(
            connection.createStatement(OLDEST).bind("$1", limit),
            row -> new Waiting(BatchRows.value(row, "number", Long.class), change(row)))
        .collectList()
        .filter(waiting -> !waiting.isEmpty());
  }

  private static Mono<Integer> send(
      PostgresqlConnection connection,
      List<Waiting> waiting,
      Function<List<StatusChange>, Mono<Void>> sending) {
    return Mono.defer(() -> sending.apply(waiting.stream().map(Waiting::change).toList()))
        .onErrorMap(NotSentException::new)
        .then(
            Mono.defer(
                () ->
                    BatchRows.update(
                        connection
                            .createStatement(DELETE)
                            .bind("$1", Column.of(waiting, Long.class, Waiting::number)))))
        .thenReturn(waiting.size());
  }

  /** A change as a row has it beside the batch's spec and labels, which are missing once purged. */
  static StatusChange change(Readable row) {
    String spec = row.get("spec", String.class);
    String labels = row.get("labels", String.class);
    String verdict = row.get("verdict", String.class);
    return new StatusChange(
        new BatchKey(BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)),
        spec == null ? BatchSpec.builder().build() : BatchRows.spec(spec),
        labels == null ? Map.of() : BatchRows.labels(labels),
        BatchRows.value(row, "run", Integer.class),
        BatchStatus.valueOf(BatchRows.text(row, "status")),
        BatchRows.value(row, "version", Long.class),
        BatchRows.value(row, "recorded_at", Instant.class),
        verdict == null ? null : BatchRows.verdict(verdict),
        BatchRows.figures(BatchRows.text(row, "tally")),
        BatchRows.value(row, "events", Long.class),
        BatchRows.value(row, "refused", Long.class),
        tree(row));
  }

  private static @Nullable TreeHead tree(Readable row) {
    Long size = row.get("size", Long.class);
    byte[] tree = row.get("tree", byte[].class);
    return size == null || tree == null ? null : TreeHead.of(CompactRange.of(size, tree));
  }

  @Override
  public Mono<Backlog> backlog() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(BACKLOG).bind("$1", MOST_COUNTED),
                    PostgresOutbox::backlog))
        .single();
  }

  /** What a row says of how much waits, here or elsewhere. */
  static Backlog backlog(Readable row) {
    Double seconds = row.get("seconds", Double.class);
    return new Backlog(
        BatchRows.value(row, "waiting", Integer.class),
        seconds == null ? null : Duration.ofMillis(Math.max(0, Math.round(seconds * 1000))));
  }
}
