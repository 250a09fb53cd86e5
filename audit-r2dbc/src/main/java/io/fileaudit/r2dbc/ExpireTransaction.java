package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.RollUp;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.WatchStore.Judged;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Judges many batches at once by their limits. It waits for no lock: what somebody else holds is
 * left, and so are parents, whose sub-batches have to be locked after them. Evidence is read after
 * the locks are held, as for one. Serves one transaction.
 */
final class ExpireTransaction {
  private static final String LOCK =
      """
      SELECT s.namespace, s.batch FROM unnest($1::text[], $2::uuid[]) AS w(namespace, batch)
        JOIN batch_state s ON s.namespace = w.namespace AND s.batch = w.batch
       WHERE s.status IN ('PENDING', 'RUNNING') FOR UPDATE OF s SKIP LOCKED
      """;

  private static final String END =
      """
      UPDATE batch_state s SET status = w.status, next_seq = w.next_seq, tree = w.tree, version = w.version, ended_at = w.ended_at,
          verdict = w.verdict, check_at = NULL
        FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[],
          $8::bytea[]) AS w(namespace, batch, status, next_seq, version, ended_at, verdict, tree)
       WHERE s.namespace = w.namespace AND s.batch = w.batch
      """;

  private static final String REARM =
      """
      UPDATE batch_state s SET check_at = w.check_at
        FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS w(namespace, batch, check_at)
       WHERE s.namespace = w.namespace AND s.batch = w.batch
      """;

  /**
   * A batch that ends.
   *
   * @param row the row of its ledger that says so
   * @param state the batch afterwards
   */
  private record Over(
      BatchRecord batch, Verdict verdict, OpenRules.DecisionRow row, BatchState state) {
    static Over of(BatchRecord batch, DecisionPlan plan, String node) {
      DecisionPlan.Wish wish =
          new DecisionPlan.Wish(batch.state().run(), BatchStatus.TIMED_OUT, null, null, node);
      Verdict verdict = Objects.requireNonNull(plan.verdict());
      OpenRules.DecisionRow row =
          OpenRules.row(new Decide(batch.key(), wish), verdict, verdict.decidedAt());
      return new Over(batch, verdict, row, plan.state().withRow(row.body()));
    }
  }

  private record Open(BatchRecord batch, @Nullable Instant checkAt) {}

  private final PostgresqlConnection connection;
  private final Evidences evidences;
  private final String node;
  private final List<Over> over = new ArrayList<>();
  private final List<Open> open = new ArrayList<>();

  ExpireTransaction(PostgresqlConnection connection, Evidences evidences, String node) {
    this.connection = connection;
    this.evidences = evidences;
    this.node = node;
  }

  Mono<Judged> run(List<BatchKey> keys) {
    return lock(keys)
        .collectList()
        .flatMap(locked -> read(locked).filter(ExpireTransaction::hasNoSubBatches).collectList())
        .flatMap(batches -> evidences.of(batches).doOnNext(all -> judge(batches, all)))
        .then(Mono.defer(this::end))
        .then(Mono.defer(this::rearm))
        .then(Mono.fromSupplier(() -> judged(keys)));
  }

  private Flux<BatchKey> lock(List<BatchKey> keys) {
    return BatchRows.query(
        connection
            .createStatement(LOCK)
            .bind("$1", Column.of(keys, String.class, BatchKey::namespace))
            .bind("$2", Column.of(keys, UUID.class, BatchKey::id)),
        row ->
            new BatchKey(
                BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)));
  }

  private Flux<BatchRecord> read(List<BatchKey> locked) {
    return BatchRows.find(
        connection,
        Column.of(locked, String.class, BatchKey::namespace),
        Column.of(locked, UUID.class, BatchKey::id));
  }

  private static boolean hasNoSubBatches(BatchRecord batch) {
    return batch.below().equals(RollUp.NONE);
  }

  private void judge(List<BatchRecord> batches, List<Expiry.Evidence> evidence) {
    for (int i = 0; i < batches.size(); i++) {
      BatchRecord batch = batches.get(i);
      Expiry expiry = Expiry.judge(evidence.get(i));
      if (expiry.over() == null) {
        open.add(new Open(batch, expiry.checkAt()));
      } else {
        over.add(Over.of(batch, expiry.end(batch.state(), batch.now(), node), node));
      }
    }
  }

  private Mono<Void> end() {
    if (over.isEmpty()) {
      return Mono.empty();
    }
    LedgerCopy copy = new LedgerCopy();
    for (Over one : over) {
      copy.add(one.batch().key(), one.row());
    }
    List<LogRows.Entry> entries =
        over.stream()
            .map(one -> LogRows.decided(one.batch().key(), one.verdict(), one.state(), false))
            .toList();
    return copy.send(connection)
        .then(Mono.defer(() -> LogRows.write(connection, entries)))
        .then(Mono.defer(this::writeEndings));
  }

  private Mono<Void> writeEndings() {
    return BatchRows.update(
            connection
                .createStatement(END)
                .bind("$1", Column.of(over, String.class, one -> one.batch().key().namespace()))
                .bind("$2", Column.of(over, UUID.class, one -> one.batch().key().id()))
                .bind("$3", Column.of(over, String.class, one -> one.state().status().name()))
                .bind("$4", Column.of(over, Long.class, one -> one.state().nextSeq()))
                .bind("$5", Column.of(over, Long.class, one -> one.state().version()))
                .bind("$6", Column.of(over, Instant.class, one -> one.state().endedAt()))
                .bind("$7", Column.of(over, String.class, one -> BatchRows.json(one.verdict())))
                .bind("$8", Column.of(over, byte[].class, one -> one.state().tree().bytes())))
        .then();
  }

  private Mono<Void> rearm() {
    if (open.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.update(
            connection
                .createStatement(REARM)
                .bind("$1", Column.of(open, String.class, one -> one.batch().key().namespace()))
                .bind("$2", Column.of(open, UUID.class, one -> one.batch().key().id()))
                .bind("$3", Column.of(open, Instant.class, Open::checkAt)))
        .then();
  }

  private Judged judged(List<BatchKey> keys) {
    List<Decided> decided = new ArrayList<>();
    over.forEach(
        one -> decided.add(new Decided(one.batch().withState(one.state()), true, List.of())));
    open.forEach(one -> decided.add(Decided.nothing(one.batch())));
    Set<BatchKey> left = new HashSet<>(keys);
    decided.forEach(one -> left.remove(one.batch().key()));
    return new Judged(decided, List.copyOf(left));
  }
}
