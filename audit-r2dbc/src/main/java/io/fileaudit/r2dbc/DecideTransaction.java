package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.SubBatches;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.ReportRules;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One decision: locks the batch (a parent first, then its open children by id), reads all evidence
 * and the clock in later statements, decides by the core's pure function, and writes. Serves one
 * transaction.
 */
final class DecideTransaction {
  private static final String LOCK_CHILDREN =
      """
      SELECT s.batch FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
       WHERE b.namespace = $1 AND b.parent = $2 ORDER BY s.batch FOR UPDATE OF s
      """;

  private static final String CHILDREN =
      "SELECT "
          + BatchRows.RECORD_COLUMNS
          + BatchRows.RECORD_FROM
          + "WHERE b.namespace = $1 AND b.parent = $2 ORDER BY b.id";

  private final PostgresqlConnection connection;

  DecideTransaction(PostgresqlConnection connection) {
    this.connection = connection;
  }

  Mono<Decided> run(Decide request) {
    return lock(request.key(), request.wish().wanted() == BatchStatus.RUNNING)
        .flatMap(batch -> repeatOrDecide(request, batch));
  }

  /** Decides what a report on a locked batch asks for, which may take the place of an ending. */
  Mono<Decided> report(Decide request, Lineage report) {
    return BatchRows.find(connection, request.key())
        .flatMap(
            batch -> {
              boolean revises = !batch.state().status().isOpen();
              DecisionPlan plan =
                  DecisionPlan.reported(
                      request.wish(),
                      batch.spec(),
                      ReportRules.withOutput(batch.state(), report),
                      batch.refusals(),
                      batch.now());
              Verdict verdict = plan.verdict();
              return verdict == null
                  ? Mono.just(Decided.nothing(batch))
                  : write(request, batch.limits(), plan, verdict, revises)
                      .then(Mono.defer(() -> decided(request.key(), List.of())));
            });
  }

  /** Takes an ended batch up again, where it has ended. */
  Mono<Void> resume(OpenBatch request) {
    return lock(request.key(), true)
        .flatMap(
            batch -> {
              DecisionPlan.Wish wish = OpenRules.resumeWish(request, batch.state());
              return wish == null
                  ? Mono.<Decided>empty()
                  : decide(new Decide(request.key(), wish), batch, List.of());
            })
        .then();
  }

  /**
   * Judges a batch by its limits; empty where it is not there. Whoever holds the batch for long
   * keeps no other from being judged: it is looked at again.
   */
  Mono<Decided> expire(BatchKey key, String node, Duration grace, Duration silence) {
    return BatchRows.update(connection.createStatement("SET LOCAL lock_timeout = '500ms'"))
        .then(Mono.defer(() -> BatchRows.lock(connection, key, "UPDATE")))
        .thenMany(children(LOCK_CHILDREN, key, row -> BatchRows.value(row, "batch", UUID.class)))
        .then(Mono.defer(() -> children(CHILDREN, key, BatchRows::record).collectList()))
        .flatMap(
            children ->
                BatchRows.find(connection, key)
                    .flatMap(
                        batch ->
                            new Evidences(connection, grace, silence)
                                .of(List.of(batch))
                                .flatMap(
                                    evidence -> judge(batch, children, evidence.get(0), node))));
  }

  private Mono<Decided> judge(
      BatchRecord batch, List<BatchRecord> children, Expiry.Evidence evidence, String node) {
    Expiry expiry = Expiry.judge(evidence);
    if (expiry.over() == null) {
      return rearm(batch, expiry).thenReturn(Decided.nothing(batch));
    }
    DecisionPlan plan = expiry.end(batch.state(), evidence.now(), node);
    Verdict verdict = Objects.requireNonNull(plan.verdict());
    DecisionPlan.Wish wish =
        new DecisionPlan.Wish(batch.state().run(), BatchStatus.TIMED_OUT, null, null, node);
    return write(new Decide(batch.key(), wish), batch.limits(), plan, verdict)
        .then(Mono.defer(() -> cascade(node, children, evidence.now())))
        .flatMap(along -> decided(batch.key(), along));
  }

  private Mono<Long> rearm(BatchRecord batch, Expiry expiry) {
    PostgresqlStatement statement =
        connection
            .createStatement(
                "UPDATE batch_state SET check_at = $3 WHERE namespace = $1 AND batch = $2")
            .bind("$1", batch.key().namespace())
            .bind("$2", batch.key().id());
    return BatchRows.update(BatchRows.bind(statement, "$3", expiry.checkAt(), Instant.class));
  }

  private Mono<BatchRecord> lock(BatchKey key, boolean resumes) {
    return BatchRows.find(connection, key)
        .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
        .flatMap(
            found ->
                resumes && found.spec().parent() != null ? lockParent(found) : Mono.just(found))
        .flatMap(found -> BatchRows.lock(connection, key, "UPDATE"))
        .flatMap(locked -> BatchRows.find(connection, key));
  }

  private Mono<BatchRecord> lockParent(BatchRecord child) {
    UUID parent = Objects.requireNonNull(child.spec().parent());
    BatchKey key = new BatchKey(child.key().namespace(), parent);
    return BatchRows.lock(connection, key, "SHARE")
        .flatMap(locked -> BatchRows.find(connection, key))
        .doOnNext(found -> OpenRules.checkParent(parent, found.spec(), found.state()))
        .thenReturn(child);
  }

  private Mono<Decided> repeatOrDecide(Decide request, BatchRecord batch) {
    if (request.sent() == null) {
      return decideWithChildren(request, batch);
    }
    return readMark(request)
        .flatMap(mark -> readKnown(request, mark))
        .flatMap(
            known ->
                OpenRules.isRepeat(request, known)
                    ? Mono.just(Decided.nothing(batch))
                    : corrected(request, batch)
                        .flatMap(present -> decideWithChildren(request, present)));
  }

  /** The batch without what was refused of this very event, which is judged by itself. */
  private Mono<BatchRecord> corrected(Decide request, BatchRecord batch) {
    OpenRules.checkTime(request, batch.now());
    Event event = Objects.requireNonNull(request.sent()).event();
    boolean refusedBefore = batch.state().status().isOpen() && batch.refusals().all() > 0;
    if (!refusedBefore) {
      return Mono.just(batch);
    }
    Long[] positions = event.position() == null ? new Long[0] : new Long[] {event.position()};
    String[] ids = event.id() == null ? new String[0] : new String[] {event.id()};
    return Refusals.resolve(connection, request.key(), request.producer(), positions, ids)
        .then(Mono.defer(() -> BatchRows.find(connection, request.key())));
  }

  private static final CommitTransaction.Mark NO_MARK = new CommitTransaction.Mark(-1, 0);

  private Mono<CommitTransaction.Mark> readMark(Decide request) {
    if (request.producer() == null) {
      return Mono.just(NO_MARK);
    }
    return BatchRows.query(
            connection
                .createStatement(
                    "SELECT position, span FROM producer WHERE namespace = $1 AND batch = $2 AND producer = $3")
                .bind("$1", request.key().namespace())
                .bind("$2", request.key().id())
                .bind("$3", request.producer()),
            row ->
                new CommitTransaction.Mark(
                    BatchRows.value(row, "position", Long.class),
                    BatchRows.value(row, "span", Long.class)))
        .single(NO_MARK);
  }

  private Mono<Known> readKnown(Decide request, CommitTransaction.Mark mark) {
    Known known = new Known(new HashMap<>(), new HashMap<>());
    Known.Questions questions =
        OpenRules.questions(request, mark.position() < 0 ? null : mark.position());
    return new LedgerKeys(connection, request.key())
        .read(questions, request.producer(), mark, known.byPosition(), known.byId())
        .thenReturn(known);
  }

  private Mono<Decided> decideWithChildren(Decide request, BatchRecord batch) {
    return children(LOCK_CHILDREN, request.key(), row -> BatchRows.value(row, "batch", UUID.class))
        .then(Mono.defer(() -> children(CHILDREN, request.key(), BatchRows::record).collectList()))
        .flatMap(children -> decide(request, batch, children));
  }

  private <T> Flux<T> children(
      String sql, BatchKey key, java.util.function.Function<io.r2dbc.spi.Readable, T> mapping) {
    return BatchRows.query(
        connection.createStatement(sql).bind("$1", key.namespace()).bind("$2", key.id()), mapping);
  }

  private Mono<Decided> decide(Decide request, BatchRecord batch, List<BatchRecord> children) {
    long open = children.stream().filter(child -> child.state().status().isOpen()).count();
    long otherwise =
        children.stream()
            .map(child -> child.state().status())
            .filter(status -> !status.isOpen() && status != BatchStatus.COMPLETED)
            .count();
    Instant now = batch.now();
    DecisionPlan plan =
        DecisionPlan.of(
            request.wish(),
            batch.spec(),
            batch.state(),
            batch.refusals(),
            new SubBatches(open, otherwise),
            now);
    Verdict verdict = plan.verdict();
    if (verdict == null) {
      return Mono.just(Decided.nothing(batch));
    }
    return write(request, batch.limits(), plan, verdict)
        .then(
            Mono.defer(
                () ->
                    verdict.status().isOpen()
                        ? Mono.just(List.<BatchRecord>of())
                        : cascade(request.wish().node(), children, now)))
        .flatMap(along -> decided(request.key(), along));
  }

  private Mono<Decided> decided(BatchKey key, List<BatchRecord> along) {
    return BatchRows.find(connection, key).map(after -> new Decided(after, true, along));
  }

  /** Ends the open sub-batches and gives them as they are then. */
  private Mono<List<BatchRecord>> cascade(String node, List<BatchRecord> children, Instant now) {
    return Flux.fromIterable(children)
        .filter(child -> child.state().status().isOpen())
        .concatMap(
            child -> {
              DecisionPlan plan = DecisionPlan.parentEnded(node, child.state(), now);
              DecisionPlan.Wish wish =
                  new DecisionPlan.Wish(
                      child.state().run(), BatchStatus.CANCELLED, null, null, node);
              return write(
                      new Decide(child.key(), wish),
                      child.limits(),
                      plan,
                      Objects.requireNonNull(plan.verdict()))
                  .map(child::withState);
            },
            1)
        .collectList();
  }

  /** Writes a decision and gives the state of the batch after it. */
  private Mono<BatchState> write(
      Decide request, Limits limits, DecisionPlan plan, Verdict verdict) {
    return write(request, limits, plan, verdict, false);
  }

  private Mono<BatchState> write(
      Decide request, Limits limits, DecisionPlan plan, Verdict verdict, boolean revises) {
    OpenRules.DecisionRow row = OpenRules.row(request, verdict, verdict.decidedAt());
    BatchState state = plan.state().withRow(row.body());
    LedgerCopy copy = new LedgerCopy();
    copy.add(request.key(), row);
    return copy.send(connection)
        .then(
            Mono.defer(
                () -> row.position() == null ? Mono.<Void>empty() : number(request, row, state)))
        .then(
            Mono.defer(
                () ->
                    LogRows.write(
                        connection,
                        List.of(LogRows.decided(request.key(), verdict, state, revises)))))
        .then(
            Mono.defer(
                () ->
                    BatchRows.writeState(
                        connection, request.key(), state, limits, verdict.decidedAt())))
        .thenReturn(state);
  }

  /** Makes the position of an ENDED event known, as a commit makes those of its chunk known. */
  private Mono<Void> number(Decide request, OpenRules.DecisionRow row, BatchState state) {
    long position = Objects.requireNonNull(row.position());
    String producer = Objects.requireNonNull(request.producer());
    Ack ack =
        new Ack(
            1,
            0,
            false,
            0,
            List.of(),
            row.seq(),
            row.seq(),
            1,
            state.run(),
            state.status(),
            state.version(),
            state.verdict(),
            TreeHead.of(state.tree()));
    PostgresqlStatement chunk =
        connection
            .createStatement(
                "INSERT INTO chunk (namespace, batch, id, producer, first_position, last_position, first_seq, last_seq, ack)"
                    + " VALUES ($1, $2, gen_random_uuid(), $3, $4, $4, $5, $5, $6)")
            .bind("$1", request.key().namespace())
            .bind("$2", request.key().id())
            .bind("$3", producer)
            .bind("$4", position)
            .bind("$5", row.seq())
            .bind("$6", BatchRows.json(ack));
    PostgresqlStatement standing =
        connection
            .createStatement(
                "INSERT INTO producer AS p (namespace, batch, producer, position, span, last_at)"
                    + " VALUES ($1, $2, $3, $4, 0, clock_timestamp()) ON CONFLICT (namespace, batch, producer)"
                    + " DO UPDATE SET position = greatest(p.position, excluded.position), last_at = excluded.last_at")
            .bind("$1", request.key().namespace())
            .bind("$2", request.key().id())
            .bind("$3", producer)
            .bind("$4", position);
    return BatchRows.update(chunk).then(Mono.defer(() -> BatchRows.update(standing))).then();
  }
}
