package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunFacts;
import io.fileaudit.core.lineage.RunPlan;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.ReportRules;
import io.fileaudit.core.store.RunReport;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One report on a batch as a run: opens what is not there, the parent first, locks the batch, plans
 * by the core's pure function, and carries out the plan by the same commit and decision as any
 * other. Serves one transaction.
 */
final class LineageTransaction {
  private static final String PRESENT =
      """
      SELECT (SELECT spec FROM batch WHERE namespace = $1 AND id = $2) AS spec,
          EXISTS (SELECT 1 FROM purged WHERE namespace = $1 AND batch = $2) AS purged
      """;

  private static final String FACTS =
      """
      SELECT f.facts, EXISTS (SELECT 1 FROM ledger l WHERE l.namespace = w.namespace AND l.batch = w.batch
          AND l.event_id = $3) AS known
        FROM (SELECT $1::text AS namespace, $2::uuid AS batch) w
        LEFT JOIN lineage_run f ON f.namespace = w.namespace AND f.batch = w.batch
      """;

  private static final String FILES =
      "SELECT file FROM manifest WHERE namespace = $1 AND batch = $2 AND run = $3";

  private static final String KEEP =
      """
      INSERT INTO lineage_run AS l (namespace, batch, facts) VALUES ($1, $2, $3)
      ON CONFLICT (namespace, batch) DO UPDATE SET facts = excluded.facts WHERE l.facts <> excluded.facts
      """;

  private static final String DESCRIBE =
      """
      WITH described AS (
        UPDATE batch SET period = $3, parent = $4, spec = $5, words = $6 WHERE namespace = $1 AND id = $2
        RETURNING namespace, id, table_name, load_period)
      UPDATE batch_state s SET load_period = d.load_period,
          load_table = CASE WHEN d.load_period IS NOT NULL THEN d.table_name END
        FROM described d WHERE s.namespace = d.namespace AND s.batch = d.id
      """;

  /** What were sub-batches of a batch that becomes one itself go on beside it. */
  private static final String MOVE =
      """
      UPDATE batch SET parent = $3, spec = jsonb_set(spec::jsonb, '{parent}', to_jsonb($3::text))::text
       WHERE namespace = $1 AND parent = $2
      """;

  private final PostgresqlConnection connection;
  private final RunReport report;
  private final RunEvent event;
  private final String node;
  private final WrittenBatches written;

  LineageTransaction(
      PostgresqlConnection connection, RunReport report, String node, WrittenBatches written) {
    this.connection = connection;
    this.report = report;
    this.event = report.event();
    this.node = node;
    this.written = written;
  }

  Mono<Decided> run() {
    return parent()
        .flatMap(parent -> open(parent.orElse(null)).thenReturn(parent))
        .flatMap(
            parent ->
                BatchRows.lock(connection, report.key(), "UPDATE")
                    .then(Mono.defer(this::find))
                    .flatMap(batch -> take(batch, parent.orElse(null))));
  }

  private Mono<BatchRecord> find() {
    return BatchRows.find(connection, report.key());
  }

  private PostgresqlStatement statement(String sql, BatchKey key) {
    return connection.createStatement(sql).bind("$1", key.namespace()).bind("$2", key.id());
  }

  private record Present(@Nullable String spec, boolean isPurged) {}

  /** How the batch was opened, which it is where it is not there. */
  private Mono<BatchSpec> opened(OpenBatch opening) {
    return present(opening.key())
        .flatMap(
            present -> {
              if (present.spec() != null) {
                return Mono.just(BatchRows.spec(present.spec()));
              }
              return present.isPurged()
                  ? Mono.error(() -> OpenTransaction.purged(opening.key()))
                  : create(opening);
            });
  }

  private Mono<Present> present(BatchKey key) {
    return BatchRows.query(
            statement(PRESENT, key),
            row ->
                new Present(
                    row.get("spec", String.class), BatchRows.value(row, "purged", Boolean.class)))
        .single();
  }

  /** Somebody else may open it at the same time, whose specification counts then. */
  private Mono<BatchSpec> create(OpenBatch opening) {
    return new OpenTransaction(connection, opening)
        .createUnderAnyParent()
        .flatMap(
            created ->
                created
                    ? Mono.just(opening.spec())
                    : present(opening.key())
                        .map(present -> BatchRows.spec(Objects.requireNonNull(present.spec()))));
  }

  private Mono<Optional<UUID>> parent() {
    RunEvent.Parent named = event.parent();
    if (named == null) {
      return Mono.just(Optional.empty());
    }
    OpenBatch opening = report.opening(named.run(), named.job().spec());
    return opened(opening)
        .map(spec -> Optional.ofNullable(ReportRules.parent(event, named.run(), spec)));
  }

  private Mono<BatchSpec> open(@Nullable UUID parent) {
    OpenBatch opening =
        report.opening(event.run(), RunPlan.described(event.job().spec(), event, parent));
    return opened(opening);
  }

  private record Kept(@Nullable String facts, boolean isKnown) {}

  private Mono<Decided> take(BatchRecord batch, @Nullable UUID parent) {
    ReportRules.checkTime(event, batch.now());
    return BatchRows.query(
            statement(FACTS, batch.key()).bind("$3", RunPlan.id(event)),
            row ->
                new Kept(
                    row.get("facts", String.class), BatchRows.value(row, "known", Boolean.class)))
        .single()
        .flatMap(
            kept ->
                kept.isKnown()
                    ? Mono.just(Decided.nothing(batch))
                    : describe(batch, parent)
                        .then(Mono.defer(() -> plan(batch, facts(kept, batch))))
                        .flatMap(plan -> carryOut(plan, batch)));
  }

  private static RunFacts facts(Kept kept, BatchRecord batch) {
    int run = batch.state().run();
    RunFacts facts = kept.facts() == null ? RunFacts.none(run) : RunFacts.read(kept.facts());
    return facts.run() == run ? facts : RunFacts.none(run);
  }

  private Mono<Void> describe(BatchRecord batch, @Nullable UUID parent) {
    BatchSpec before = batch.spec();
    BatchSpec after = RunPlan.described(before, event, parent);
    if (after.equals(before)) {
      return Mono.empty();
    }
    PostgresqlStatement statement =
        statement(DESCRIBE, batch.key())
            .bind("$5", BatchRows.json(after))
            .bind("$6", BatchQuery.words(after));
    BatchRows.bind(statement, "$3", after.period(), String.class);
    BatchRows.bind(statement, "$4", after.parent(), UUID.class);
    Mono<Void> described = BatchRows.update(statement).then();
    return Objects.equals(before.parent(), after.parent())
        ? described
        : BatchRows.update(
                statement(MOVE, batch.key()).bind("$3", Objects.requireNonNull(after.parent())))
            .then(Mono.defer(() -> described));
  }

  private Mono<RunPlan> plan(BatchRecord batch, RunFacts before) {
    Mono<Set<String>> files =
        RunPlan.needsFiles(event, before)
            ? BatchRows.query(
                    statement(FILES, batch.key()).bind("$3", batch.state().run()),
                    row -> BatchRows.text(row, "file"))
                .collect(Collectors.toSet())
            : Mono.just(Set.of());
    return files.map(
        known -> RunPlan.of(report.chunk(), batch.key(), event, batch.state(), before, known));
  }

  private Mono<Decided> carryOut(RunPlan plan, BatchRecord batch) {
    return commit(plan.chunk())
        .then(Mono.defer(() -> BatchRows.update(keep(plan, batch.key()))))
        .then(
            Mono.defer(
                () ->
                    plan.wanted() == null
                        ? seal(batch).thenReturn(Decided.nothing(batch))
                        : decide(plan, plan.wanted(), batch)));
  }

  private Mono<Void> commit(Chunk chunk) {
    return chunk.lines().isEmpty()
        ? Mono.empty()
        : new CommitTransaction(connection, List.of(chunk), node, written, true)
            .run(false)
            .doOnNext(outcomes -> ReportRules.checkTaken(outcomes.get(0)))
            .then();
  }

  /** What comes when a batch has ended is not under the seal of its ending. */
  private Mono<Void> seal(BatchRecord before) {
    return before.state().status().isOpen()
        ? Mono.empty()
        : find()
            .flatMap(
                after ->
                    LogRows.write(
                        connection,
                        List.of(LogRows.sealed(after.key(), after.state(), after.now()))));
  }

  private PostgresqlStatement keep(RunPlan plan, BatchKey key) {
    return statement(KEEP, key).bind("$3", plan.facts().json());
  }

  private Mono<Decided> decide(RunPlan plan, BatchStatus wanted, BatchRecord batch) {
    return new DecideTransaction(connection)
        .report(
            ReportRules.decide(report, plan, wanted, batch.state().run()),
            (Lineage) plan.report().event())
        .flatMap(
            decided ->
                decided.changed()
                    ? Mono.just(decided)
                    : commit(plan.alone(report.alone()))
                        .then(Mono.defer(() -> seal(batch)))
                        .thenReturn(decided));
  }
}
