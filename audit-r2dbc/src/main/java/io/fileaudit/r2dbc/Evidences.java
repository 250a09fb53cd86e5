package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Expiry;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Gathers what a judgement is made of, after the batch was locked. */
final class Evidences {
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

  Mono<Expiry.Evidence> of(BatchRecord batch) {
    return lastSign(batch)
        .map(sign -> evidence(batch, silentUntil(sign, batch)))
        .defaultIfEmpty(evidence(batch, null));
  }

  private static Expiry.Evidence evidence(BatchRecord batch, @Nullable Instant silentUntil) {
    return new Expiry.Evidence(
        batch.limits(), batch.state(), batch.outages(), silentUntil, batch.now());
  }

  private Mono<Instant> lastSign(BatchRecord batch) {
    return BatchRows.query(
            connection
                .createStatement(
                    "SELECT n.last_at FROM batch_state s JOIN node n ON n.name = s.last_node WHERE s.namespace = $1 AND s.batch = $2")
                .bind("$1", batch.key().namespace())
                .bind("$2", batch.key().id()),
            row -> BatchRows.value(row, "last_at", Instant.class))
        .singleOrEmpty();
  }

  private @Nullable Instant silentUntil(Instant lastSign, BatchRecord batch) {
    return lastSign.plus(silence).isBefore(batch.now()) ? lastSign.plus(grace) : null;
  }
}
