package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Expiry;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Gathers what a judgement is made of, after the batch was locked. */
final class Evidences {
  private static final String SIGNS =
      """
      SELECT s.namespace, s.batch, n.last_at FROM unnest($1::text[], $2::uuid[]) AS w(namespace, batch)
        JOIN batch_state s ON s.namespace = w.namespace AND s.batch = w.batch
        JOIN node n ON n.name = s.last_node
      """;

  private final PostgresqlConnection connection;
  private final Duration grace;
  private final Duration silence;

  /**
   * Evidence by these rules.
   *
   * @param grace how long after the last sign of a silent node its batches wait
   * @param silence after how long without a sign a node is silent
   */
  Evidences(PostgresqlConnection connection, Duration grace, Duration silence) {
    this.connection = connection;
    this.grace = grace;
    this.silence = silence;
  }

  /** The evidence about locked batches, in their order. */
  Mono<List<Expiry.Evidence>> of(List<BatchRecord> batches) {
    return BatchRows.query(
            connection
                .createStatement(SIGNS)
                .bind("$1", Column.of(batches, String.class, batch -> batch.key().namespace()))
                .bind("$2", Column.of(batches, UUID.class, batch -> batch.key().id())),
            row ->
                Map.entry(
                    new BatchKey(
                        BatchRows.text(row, "namespace"),
                        BatchRows.value(row, "batch", UUID.class)),
                    BatchRows.value(row, "last_at", Instant.class)))
        .collectMap(Map.Entry::getKey, Map.Entry::getValue)
        .map(
            signs ->
                batches.stream().map(batch -> evidence(batch, signs.get(batch.key()))).toList());
  }

  private Expiry.Evidence evidence(BatchRecord batch, @Nullable Instant lastSign) {
    return new Expiry.Evidence(
        batch.limits(),
        batch.state(),
        batch.outages(),
        lastSign == null ? null : silentUntil(lastSign, batch),
        batch.now());
  }

  private @Nullable Instant silentUntil(Instant lastSign, BatchRecord batch) {
    return lastSign.plus(silence).isBefore(batch.now()) ? lastSign.plus(grace) : null;
  }
}
