package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.WatchStore.Heard;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** Notes heartbeats of many batches in one statement. Serves one transaction. */
final class Heartbeats {
  // What somebody holds is passed over: one batch that is held keeps no other from being heard.
  private static final String NOTE =
      """
      WITH locked AS MATERIALIZED (
        SELECT s.namespace, s.batch FROM unnest($1::text[], $2::uuid[], $3::int[]) AS w(namespace, batch, run)
          JOIN batch_state s ON s.namespace = w.namespace AND s.batch = w.batch
         WHERE s.status IN ('PENDING', 'RUNNING') AND s.run = w.run FOR UPDATE OF s SKIP LOCKED)
      UPDATE batch_state s SET last_activity_at = clock_timestamp(), last_node = $4
        FROM locked l WHERE s.namespace = l.namespace AND s.batch = l.batch
      RETURNING s.namespace, s.batch
      """;

  private final PostgresqlConnection connection;
  private final String node;

  Heartbeats(PostgresqlConnection connection, String node) {
    this.connection = connection;
    this.node = node;
  }

  Mono<Heard> note(List<Heartbeat> beats) {
    Column namespaces = Column.of(beats, String.class, beat -> beat.key().namespace());
    Column ids = Column.of(beats, UUID.class, beat -> beat.key().id());
    return BatchRows.query(
            connection
                .createStatement(NOTE)
                .bind("$1", namespaces)
                .bind("$2", ids)
                .bind("$3", Column.of(beats, Integer.class, Heartbeat::run))
                .bind("$4", node),
            row ->
                new BatchKey(
                    BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)))
        .collect(Collectors.toSet())
        .flatMap(
            noted ->
                BatchRows.find(connection, namespaces, ids)
                    .collectMap(BatchRecord::key, Function.identity())
                    .map(batches -> new Heard(batches, noted)));
  }
}
