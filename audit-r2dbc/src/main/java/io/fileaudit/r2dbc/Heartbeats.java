package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Heartbeat;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Notes heartbeats of many batches in one statement. Serves one transaction. */
final class Heartbeats {
  // The rows are locked in the order of every transaction; run and status are looked at after the
  // lock.
  private static final String NOTE =
      """
      WITH locked AS MATERIALIZED (
        SELECT s.namespace, s.batch FROM unnest($1::text[], $2::uuid[], $3::int[]) AS w(namespace, batch, run)
          JOIN batch_state s ON s.namespace = w.namespace AND s.batch = w.batch
          JOIN batch p ON p.namespace = w.namespace AND p.id = w.batch
         WHERE s.status IN ('PENDING', 'RUNNING') AND s.run = w.run
         ORDER BY p.parent IS NOT NULL, s.namespace, s.batch FOR UPDATE OF s)
      UPDATE batch_state s SET last_activity_at = clock_timestamp(), last_node = $4
        FROM locked l WHERE s.namespace = l.namespace AND s.batch = l.batch
      """;

  private final PostgresqlConnection connection;
  private final String node;

  Heartbeats(PostgresqlConnection connection, String node) {
    this.connection = connection;
    this.node = node;
  }

  Mono<Map<BatchKey, BatchRecord>> note(List<Heartbeat> beats) {
    String[] namespaces = Columns.of(beats, String.class, beat -> beat.key().namespace());
    UUID[] ids = Columns.of(beats, UUID.class, beat -> beat.key().id());
    return BatchRows.update(
            connection
                .createStatement(NOTE)
                .bind("$1", namespaces)
                .bind("$2", ids)
                .bind("$3", Columns.of(beats, Integer.class, Heartbeat::run))
                .bind("$4", node))
        .thenMany(Flux.defer(() -> BatchRows.find(connection, namespaces, ids)))
        .collectMap(BatchRecord::key, Function.identity());
  }
}
