package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.OpenedBatch;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** Opens a batch, or compares with the one that is there. Serves one transaction. */
final class OpenTransaction {
  private static final String INSERT =
      """
      INSERT INTO batch (namespace, id, name, table_name, period, parent, labels, spec, limits, words, opened_at)
      SELECT $1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, clock_timestamp()
       WHERE NOT EXISTS (SELECT FROM purged WHERE namespace = $1 AND batch = $2)
      ON CONFLICT (namespace, id) DO NOTHING RETURNING opened_at
      """;

  private static final String INSERT_STATE =
      """
      INSERT INTO batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, started_at, ended_at,
          last_activity_at, last_progress_at, tally, verdict, check_at, opened_at, tree, load_table, load_period)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $7, $15, $16, $17)
      """;

  private final PostgresqlConnection connection;
  private final OpenBatch request;

  OpenTransaction(PostgresqlConnection connection, OpenBatch request) {
    this.connection = connection;
    this.request = request;
  }

  Mono<OpenedBatch> run() {
    return BatchRows.find(connection, request.key())
        .flatMap(this::present)
        .switchIfEmpty(Mono.defer(this::create));
  }

  /**
   * Opens a batch that is not there, whatever its parent has come to. False where somebody else
   * opened it in the meantime, or it was purged.
   */
  Mono<Boolean> createUnderAnyParent() {
    return insert().flatMap(openedAt -> describe(openedAt).thenReturn(true)).defaultIfEmpty(false);
  }

  private Mono<OpenedBatch> create() {
    OpenRules.checkFirstRun(request);
    return checkParent(request.spec())
        .then(Mono.defer(this::insert))
        .flatMap(openedAt -> describe(openedAt).then(found(true)))
        // Somebody else opened it between the look and the insert; its row is visible to the next
        // statement.
        .switchIfEmpty(
            Mono.defer(() -> BatchRows.find(connection, request.key()).flatMap(this::present)))
        .switchIfEmpty(Mono.error(() -> purged(request.key())));
  }

  /** No id is opened again: whoever kept the batch's evidence would take another for it. */
  static AuditException purged(BatchKey key) {
    return new AuditException(
        ProblemType.PURGED, "batch " + key.id() + " was older than what is kept, and is gone");
  }

  private Mono<Void> checkParent(BatchSpec spec) {
    UUID parent = spec.parent();
    if (parent == null) {
      return Mono.empty();
    }
    BatchKey key = new BatchKey(request.key().namespace(), parent);
    return BatchRows.lock(connection, key, "SHARE")
        .then(Mono.defer(() -> BatchRows.find(connection, key)))
        .doOnNext(found -> OpenRules.checkParent(parent, found.spec(), found.state()))
        .switchIfEmpty(Mono.error(() -> missingParent(parent)))
        .then();
  }

  private static RuntimeException missingParent(UUID parent) {
    try {
      OpenRules.checkParent(parent, null, null);
    } catch (AuditException e) {
      return e;
    }
    throw new IllegalStateException("a parent that is not there was not refused");
  }

  private Mono<Instant> insert() {
    BatchSpec spec = request.spec().withResume(false);
    PostgresqlStatement statement =
        connection
            .createStatement(INSERT)
            .bind("$1", request.key().namespace())
            .bind("$2", request.key().id())
            .bind("$7", BatchRows.json(new TreeMap<>(spec.labels())))
            .bind("$8", BatchRows.json(spec))
            .bind("$9", BatchRows.json(request.limits()))
            .bind("$10", BatchQuery.words(spec));
    BatchRows.bind(statement, "$3", spec.name(), String.class);
    BatchRows.bind(statement, "$4", spec.table(), String.class);
    BatchRows.bind(statement, "$5", spec.period(), String.class);
    BatchRows.bind(statement, "$6", spec.parent(), UUID.class);
    return BatchRows.query(statement, row -> BatchRows.value(row, "opened_at", Instant.class))
        .singleOrEmpty();
  }

  /** Writes what belongs to a new batch: its state, its log entry, and what it expects by name. */
  private Mono<Void> describe(Instant openedAt) {
    BatchState opened = BatchState.opened(openedAt);
    Optional<CommitTransaction.Locked> declared = declared(opened, openedAt);
    PostgresqlStatement statement =
        connection
            .createStatement(INSERT_STATE)
            .bind("$1", request.key().namespace())
            .bind("$2", request.key().id());
    BatchRows.bindState(
        statement, declared.map(batch -> batch.state).orElse(opened), request.limits(), openedAt);
    BatchSpec spec = request.spec();
    boolean ofALoad = spec.parent() == null && spec.table() != null;
    BatchRows.bind(statement, "$16", ofALoad ? spec.table() : null, String.class);
    BatchRows.bind(
        statement,
        "$17",
        ofALoad ? Objects.requireNonNullElse(spec.period(), "") : null,
        String.class);
    return BatchRows.update(statement)
        .then(LogRows.write(connection, List.of(LogRows.opened(request.key(), openedAt, spec))))
        .then(
            Mono.defer(
                () ->
                    declared
                        .map(batch -> new CommitWrites(connection, List.of(batch), request.node()))
                        .map(CommitWrites::run)
                        .orElseGet(Mono::empty)));
  }

  /** What the batch expects by name: the writes of a commit, and the state that has them. */
  private Optional<CommitTransaction.Locked> declared(BatchState opened, Instant now) {
    BatchSpec spec = request.spec();
    return spec.expected() == null
        ? Optional.empty()
        : OpenRules.expectationChunk(request, spec.expected().files())
            .map(chunk -> declared(chunk, opened, now));
  }

  private CommitTransaction.Locked declared(Chunk chunk, BatchState opened, Instant now) {
    BatchSpec spec = request.spec();
    CommitPlan plan = CommitPlan.of(chunk, spec, opened, Known.NOTHING, Map.of(), now);
    BatchState state = OpenRules.declared(opened, plan.state());
    CommitTransaction.Locked batch = new CommitTransaction.Locked(chunk, spec, state, false, now);
    batch.plan = plan.withState(state);
    return batch;
  }

  private Mono<OpenedBatch> present(BatchRecord found) {
    OpenRules.checkSame(request, found.spec());
    if (!request.spec().resume()) {
      return Mono.just(new OpenedBatch(found, false));
    }
    return new DecideTransaction(connection).resume(request).then(found(false));
  }

  private Mono<OpenedBatch> found(boolean created) {
    return Mono.defer(() -> BatchRows.find(connection, request.key()))
        .map(batch -> new OpenedBatch(batch, created));
  }
}
