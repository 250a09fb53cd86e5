package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.ChangePlan;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.store.ChangeBatch;
import io.fileaudit.core.store.OpenRules;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Instant;
import java.util.TreeMap;
import reactor.core.publisher.Mono;

/** Changes limits and labels of an open batch under its lock. Serves one transaction. */
final class ChangeTransaction {
  private static final String WRITE_BATCH =
      """
      UPDATE batch SET labels = $3::jsonb, own_limits = $4, limits = $5 WHERE namespace = $1 AND id = $2
      """;

  private static final String WRITE_STATE =
      "UPDATE batch_state SET version = $3, check_at = $4 WHERE namespace = $1 AND batch = $2";

  private final PostgresqlConnection connection;
  private final ChangeBatch request;

  ChangeTransaction(PostgresqlConnection connection, ChangeBatch request) {
    this.connection = connection;
    this.request = request;
  }

  Mono<BatchRecord> run() {
    return BatchRows.lock(connection, request.key(), "UPDATE")
        .flatMap(locked -> BatchRows.find(connection, locked))
        .switchIfEmpty(Mono.error(() -> OpenRules.notFound(request.key())))
        .flatMap(
            batch -> {
              ChangePlan plan =
                  ChangePlan.of(request.run(), request.change(), batch, request.inherited());
              return plan.changed() ? write(plan, batch.now()) : Mono.just(batch);
            });
  }

  private Mono<BatchRecord> write(ChangePlan plan, Instant now) {
    return BatchRows.update(
            connection
                .createStatement(WRITE_BATCH)
                .bind("$1", request.key().namespace())
                .bind("$2", request.key().id())
                .bind("$3", BatchRows.json(new TreeMap<>(plan.labels())))
                .bind("$4", BatchRows.json(plan.own()))
                .bind("$5", BatchRows.json(plan.limits())))
        .then(Mono.defer(() -> rearm(plan, now)))
        .then(Mono.defer(() -> BatchRows.find(connection, request.key())));
  }

  /** The clocks stay: of a parent, those read show what was heard of its sub-batches. */
  private Mono<Long> rearm(ChangePlan plan, Instant now) {
    PostgresqlStatement statement =
        connection
            .createStatement(WRITE_STATE)
            .bind("$1", request.key().namespace())
            .bind("$2", request.key().id())
            .bind("$3", plan.state().version());
    Instant checkAt = Expiry.checkAt(plan.limits(), plan.state(), now);
    return BatchRows.update(BatchRows.bind(statement, "$4", checkAt, Instant.class));
  }
}
