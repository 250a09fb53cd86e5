package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.Reconciliation;
import io.fileaudit.core.file.Attempt;
import io.fileaudit.core.file.Ending;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.r2dbc.CommitTransaction.Locked;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes what was planned for the locked batches of a commit: one COPY for the ledger, and one
 * statement for accounts, marks, chunks and states.
 */
final class CommitWrites {
  /** Names up to so many characters are in the index as they are. */
  static final int INDEXED_CHARACTERS = 600;

  private static final String WRITE =
      """
      WITH accounts AS (
        INSERT INTO manifest AS m (namespace, batch, file, long_name, state, run, attempt, rows, rejected_rows, bytes,
            checksum, error_code, account, expected, short, counted)
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[],
            $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $42::boolean[],
            $43::boolean[], $44::boolean[])
        ON CONFLICT (namespace, batch, left(file, 600), long_name) DO UPDATE SET
            state = excluded.state, run = excluded.run, attempt = excluded.attempt, rows = excluded.rows,
            rejected_rows = excluded.rejected_rows, bytes = excluded.bytes, checksum = excluded.checksum,
            error_code = excluded.error_code, account = excluded.account, expected = excluded.expected,
            short = excluded.short),
      marks AS (
        INSERT INTO producer AS p (namespace, batch, producer, position, span, last_at)
        SELECT * FROM unnest($14::text[], $15::uuid[], $16::text[], $17::bigint[], $18::bigint[], $19::timestamptz[])
        ON CONFLICT (namespace, batch, producer) DO UPDATE SET
            position = greatest(p.position, excluded.position), span = greatest(p.span, excluded.span),
            last_at = excluded.last_at),
      chunks AS (
        INSERT INTO chunk (namespace, batch, id, producer, first_position, last_position, first_seq, last_seq, ack)
        SELECT * FROM unnest($20::text[], $21::uuid[], $22::uuid[], $23::text[], $24::bigint[], $25::bigint[],
            $26::bigint[], $27::bigint[], $28::text[]))
      UPDATE batch_state s SET status = w.status, run = w.run, next_seq = w.next_seq, tree = w.tree, version = w.version,
          started_at = w.started_at, last_activity_at = w.last_activity_at, last_progress_at = w.last_progress_at,
          tally = w.tally, refused_ever = s.refused_ever OR w.refused, check_at = least(w.check_at, s.check_at),
          last_node = $41
        FROM unnest($29::text[], $30::uuid[], $31::text[], $32::int[], $33::bigint[], $34::bigint[],
            $35::timestamptz[], $36::timestamptz[], $37::timestamptz[], $38::text[], $39::boolean[], $40::timestamptz[],
            $45::bytea[])
          AS w(namespace, batch, status, run, next_seq, version, started_at, last_activity_at, last_progress_at, tally,
            refused, check_at, tree)
       WHERE s.namespace = w.namespace AND s.batch = w.batch
      """;

  private final PostgresqlConnection connection;
  private final List<Locked> batches;
  private final String node;

  CommitWrites(PostgresqlConnection connection, List<Locked> batches, String node) {
    this.connection = connection;
    this.node = node;
    // Rows are written in one order, or two writers could wait for each other.
    this.batches = batches.stream().sorted(Comparator.comparing(Locked::key)).toList();
  }

  Mono<Void> run() {
    return copyLedger()
        .then(Mono.defer(this::writeRefusals))
        .then(Mono.defer(this::writeAccountsAndStates));
  }

  private static CommitPlan plan(Locked batch) {
    return Objects.requireNonNull(batch.plan);
  }

  private Mono<Void> copyLedger() {
    LedgerCopy copy = new LedgerCopy();
    for (Locked batch : batches) {
      plan(batch).rows().forEach(row -> copy.add(batch.key(), row));
    }
    return copy.send(connection);
  }

  /** One statement for all other tables: a round trip costs more than most of what they take. */
  private Mono<Void> writeAccountsAndStates() {
    if (batches.isEmpty()) {
      return Mono.empty();
    }
    PostgresqlStatement statement = connection.createStatement(WRITE);
    bindAccounts(statement);
    bindMarks(statement);
    bindChunks(statement);
    bindStates(statement);
    return BatchRows.update(statement).then();
  }

  private record Shown(
      BatchKey key, String file, FileAccount account, @Nullable Attempt attempt, boolean counted) {
    @Nullable Ending ending() {
      return attempt == null ? null : attempt.ending();
    }

    static <T> Column.Value<Shown, T> ofAttempt(Column.Value<Attempt, T> value) {
      return shown -> shown.attempt == null ? null : value.of(shown.attempt);
    }

    static <T> Column.Value<Shown, T> ofEnding(Column.Value<Ending, T> value) {
      return shown -> {
        Ending ending = shown.ending();
        return ending == null ? null : value.of(ending);
      };
    }
  }

  private void bindAccounts(PostgresqlStatement statement) {
    List<Shown> changed = new ArrayList<>();
    for (Locked batch : batches) {
      plan(batch).accounts().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              entry ->
                  changed.add(
                      new Shown(
                          batch.key(),
                          entry.getKey(),
                          entry.getValue(),
                          entry.getValue().shown(),
                          Reconciliation.counts(entry.getKey(), batch.spec.expected()))));
    }
    statement
        .bind("$1", Column.of(changed, String.class, row -> row.key().namespace()))
        .bind("$2", Column.of(changed, UUID.class, row -> row.key().id()))
        .bind("$3", Column.of(changed, String.class, Shown::file))
        .bind("$4", Column.of(changed, String.class, row -> longName(row.file())))
        .bind("$5", Column.of(changed, String.class, row -> row.account().state().name()))
        .bind("$6", Column.of(changed, Integer.class, Shown.ofAttempt(Attempt::run)))
        .bind("$7", Column.of(changed, Integer.class, Shown.ofAttempt(Attempt::number)))
        .bind("$8", Column.of(changed, Long.class, Shown.ofAttempt(Attempt::shownRows)))
        .bind("$9", Column.of(changed, Long.class, Shown.ofAttempt(Attempt::shownRejectedRows)))
        .bind("$10", Column.of(changed, Long.class, Shown.ofAttempt(Attempt::shownBytes)))
        .bind("$11", Column.of(changed, String.class, Shown.ofEnding(Ending::checksum)))
        .bind("$12", Column.of(changed, String.class, Shown.ofEnding(Ending::errorCode)))
        .bind("$13", Column.of(changed, String.class, row -> FileAccountJson.write(row.account())))
        .bind("$42", Column.of(changed, Boolean.class, row -> row.account().expected() != null))
        .bind("$43", Column.of(changed, Boolean.class, row -> row.account().isShort()))
        .bind("$44", Column.of(changed, Boolean.class, Shown::counted));
  }

  /**
   * What tells names apart whose indexed beginnings are the same: empty for a name that is indexed
   * whole.
   */
  static String longName(String file) {
    if (file.codePointCount(0, file.length()) <= INDEXED_CHARACTERS) {
      return "";
    }
    return Sha256.hex(file.getBytes(StandardCharsets.UTF_8));
  }

  private void bindMarks(PostgresqlStatement statement) {
    List<Locked> numbered =
        batches.stream().filter(batch -> plan(batch).lastPosition() != null).toList();
    statement
        .bind("$14", namespaces(numbered))
        .bind("$15", ids(numbered))
        .bind("$16", Column.of(numbered, String.class, batch -> batch.chunk.producer()))
        .bind("$17", Column.of(numbered, Long.class, batch -> plan(batch).lastPosition()))
        .bind("$18", Column.of(numbered, Long.class, CommitWrites::span))
        .bind("$19", Column.of(numbered, Instant.class, batch -> batch.now));
  }

  private static long span(Locked batch) {
    Long first = plan(batch).firstPosition();
    Long last = plan(batch).lastPosition();
    return first == null || last == null ? 0 : last - first;
  }

  private void bindChunks(PostgresqlStatement statement) {
    statement
        .bind("$20", namespaces(batches))
        .bind("$21", ids(batches))
        .bind("$22", Column.of(batches, UUID.class, batch -> batch.chunk.id()))
        .bind("$23", Column.of(batches, String.class, batch -> batch.chunk.producer()))
        .bind("$24", Column.of(batches, Long.class, batch -> plan(batch).firstPosition()))
        .bind("$25", Column.of(batches, Long.class, batch -> plan(batch).lastPosition()))
        .bind("$26", Column.of(batches, Long.class, batch -> plan(batch).ack().firstSeq()))
        .bind("$27", Column.of(batches, Long.class, batch -> plan(batch).ack().lastSeq()))
        .bind("$28", Column.of(batches, String.class, batch -> BatchRows.json(plan(batch).ack())));
  }

  private Mono<Void> writeRefusals() {
    return Flux.fromIterable(batches)
        .concatMap(batch -> new Refusals(connection, batch).run(), 1)
        .then();
  }

  private void bindStates(PostgresqlStatement statement) {
    List<Locked> changed =
        batches.stream()
            .filter(
                batch ->
                    !plan(batch).state().equals(batch.state) || !plan(batch).refused().isEmpty())
            .toList();
    statement
        .bind("$29", namespaces(changed))
        .bind("$30", ids(changed))
        .bind("$31", state(changed, String.class, state -> state.status().name()))
        .bind("$32", state(changed, Integer.class, BatchState::run))
        .bind("$33", state(changed, Long.class, BatchState::nextSeq))
        .bind("$34", state(changed, Long.class, BatchState::version))
        .bind("$35", state(changed, Instant.class, BatchState::startedAt))
        .bind("$36", state(changed, Instant.class, BatchState::lastActivityAt))
        .bind("$37", state(changed, Instant.class, BatchState::lastProgressAt))
        .bind("$38", state(changed, String.class, state -> BatchRows.json(state.tally().toMap())))
        .bind("$39", Column.of(changed, Boolean.class, batch -> !plan(batch).refused().isEmpty()))
        .bind("$40", Column.of(changed, Instant.class, CommitWrites::checkAt))
        .bind("$41", node)
        .bind("$45", state(changed, byte[].class, state -> state.tree().bytes()));
  }

  /**
   * With the first event of a run other limits begin to count; apart from that nothing moves the
   * time of the next look. An earlier one stays: a sub-batch may have begun the run before.
   */
  private static @Nullable Instant checkAt(Locked batch) {
    Limits limits = batch.limits;
    return limits == null ? null : Expiry.checkAt(limits, plan(batch).state(), batch.now);
  }

  private static <T> Column state(
      List<Locked> changed, Class<T> type, Column.Value<BatchState, T> value) {
    return Column.of(changed, type, batch -> value.of(plan(batch).state()));
  }

  private static Column namespaces(List<Locked> batches) {
    return Column.of(batches, String.class, batch -> batch.key().namespace());
  }

  private static Column ids(List<Locked> batches) {
    return Column.of(batches, UUID.class, batch -> batch.key().id());
  }
}
