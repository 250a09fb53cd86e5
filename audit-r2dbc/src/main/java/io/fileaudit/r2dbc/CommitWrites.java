package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.r2dbc.CommitTransaction.Locked;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes what was planned for the locked batches of a commit: one COPY, and one statement for each
 * table.
 */
final class CommitWrites {
  /** Names up to so many characters are in the index as they are. */
  static final int INDEXED_CHARACTERS = 600;

  private static final String MANIFESTS =
      """
      INSERT INTO manifest AS m (namespace, batch, file, long_name, state, run, attempt, rows, rejected_rows, bytes,
          checksum, error_code, account)
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bigint[],
          $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[])
      ON CONFLICT (namespace, batch, left(file, 600), long_name) DO UPDATE SET
          state = excluded.state, run = excluded.run, attempt = excluded.attempt, rows = excluded.rows,
          rejected_rows = excluded.rejected_rows, bytes = excluded.bytes, checksum = excluded.checksum,
          error_code = excluded.error_code, account = excluded.account
      """;

  private static final String STATES =
      """
      UPDATE batch_state s SET status = w.status, run = w.run, next_seq = w.next_seq, version = w.version,
          started_at = w.started_at, last_activity_at = w.last_activity_at, last_progress_at = w.last_progress_at,
          tally = w.tally, refused_ever = s.refused_ever OR w.refused, check_at = least(w.check_at, s.check_at),
          last_node = $13
        FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::text[], $11::boolean[], $12::timestamptz[])
          AS w(namespace, batch, status, run, next_seq, version, started_at, last_activity_at, last_progress_at, tally,
            refused, check_at)
       WHERE s.namespace = w.namespace AND s.batch = w.batch
      """;

  private static final String CHUNKS =
      """
      INSERT INTO chunk (namespace, batch, id, producer, first_position, last_position, first_seq, last_seq, ack)
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
          $8::bigint[], $9::text[])
      """;

  private static final String PRODUCERS =
      """
      INSERT INTO producer AS p (namespace, batch, producer, position, span, last_at)
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[])
      ON CONFLICT (namespace, batch, producer) DO UPDATE SET
          position = greatest(p.position, excluded.position), span = greatest(p.span, excluded.span),
          last_at = excluded.last_at
      """;

  private final PostgresqlConnection connection;
  private final List<Locked> batches;
  private final String node;

  CommitWrites(PostgresqlConnection connection, List<Locked> batches, String node) {
    this.connection = connection;
    this.node = node;
    this.batches = batches;
  }

  Mono<Void> run() {
    return copyLedger()
        .then(Mono.defer(this::writeManifests))
        .then(Mono.defer(this::writeProducers))
        .then(Mono.defer(this::writeChunks))
        .then(Mono.defer(this::writeRefusals))
        .then(Mono.defer(this::writeStates));
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

  private record Shown(BatchKey key, Manifest manifest, String account) {}

  private Mono<Void> writeManifests() {
    List<Shown> changed =
        batches.stream()
            .flatMap(
                batch ->
                    plan(batch).accounts().entrySet().stream()
                        .map(entry -> shown(batch, entry.getKey(), entry.getValue())))
            .sorted(
                Comparator.comparing(Shown::key).thenComparing(shown -> shown.manifest().file()))
            .toList();
    if (changed.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.update(
            connection
                .createStatement(MANIFESTS)
                .bind("$1", Columns.of(changed, String.class, row -> row.key().namespace()))
                .bind("$2", Columns.of(changed, UUID.class, row -> row.key().id()))
                .bind("$3", Columns.of(changed, String.class, row -> row.manifest().file()))
                .bind(
                    "$4", Columns.of(changed, String.class, row -> longName(row.manifest().file())))
                .bind("$5", Columns.of(changed, String.class, row -> row.manifest().state().name()))
                .bind("$6", Columns.of(changed, Integer.class, row -> row.manifest().run()))
                .bind("$7", Columns.of(changed, Integer.class, row -> row.manifest().attempt()))
                .bind("$8", Columns.of(changed, Long.class, row -> row.manifest().rows()))
                .bind("$9", Columns.of(changed, Long.class, row -> row.manifest().rejectedRows()))
                .bind("$10", Columns.of(changed, Long.class, row -> row.manifest().bytes()))
                .bind("$11", Columns.of(changed, String.class, row -> row.manifest().checksum()))
                .bind("$12", Columns.of(changed, String.class, row -> errorCode(row.manifest())))
                .bind("$13", Columns.of(changed, String.class, Shown::account)))
        .then();
  }

  private static Shown shown(Locked batch, String file, FileAccount account) {
    return new Shown(batch.key(), account.toManifest(file), FileAccountJson.write(account));
  }

  private static @Nullable String errorCode(Manifest manifest) {
    return manifest.error() == null ? null : manifest.error().code();
  }

  /**
   * What tells names apart whose indexed beginnings are the same: empty for a name that is indexed
   * whole.
   */
  static String longName(String file) {
    if (file.codePointCount(0, file.length()) <= INDEXED_CHARACTERS) {
      return "";
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(file.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private Mono<Void> writeProducers() {
    List<Locked> numbered =
        batches.stream().filter(batch -> plan(batch).lastPosition() != null).toList();
    if (numbered.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.update(
            keys(connection.createStatement(PRODUCERS), numbered)
                .bind("$3", Columns.of(numbered, String.class, batch -> batch.chunk.producer()))
                .bind("$4", Columns.of(numbered, Long.class, batch -> plan(batch).lastPosition()))
                .bind("$5", Columns.of(numbered, Long.class, CommitWrites::span))
                .bind("$6", Columns.of(numbered, Instant.class, batch -> batch.now)))
        .then();
  }

  private static long span(Locked batch) {
    Long first = plan(batch).firstPosition();
    Long last = plan(batch).lastPosition();
    return first == null || last == null ? 0 : last - first;
  }

  private Mono<Void> writeChunks() {
    if (batches.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.update(
            keys(connection.createStatement(CHUNKS), batches)
                .bind("$3", Columns.of(batches, UUID.class, batch -> batch.chunk.id()))
                .bind("$4", Columns.of(batches, String.class, batch -> batch.chunk.producer()))
                .bind("$5", Columns.of(batches, Long.class, batch -> plan(batch).firstPosition()))
                .bind("$6", Columns.of(batches, Long.class, batch -> plan(batch).lastPosition()))
                .bind("$7", Columns.of(batches, Long.class, batch -> plan(batch).ack().firstSeq()))
                .bind("$8", Columns.of(batches, Long.class, batch -> plan(batch).ack().lastSeq()))
                .bind(
                    "$9",
                    Columns.of(batches, String.class, batch -> BatchRows.json(plan(batch).ack()))))
        .then();
  }

  private Mono<Void> writeRefusals() {
    return Flux.fromIterable(batches)
        .concatMap(batch -> new Refusals(connection, batch).run(), 1)
        .then();
  }

  private Mono<Void> writeStates() {
    List<Locked> changed =
        batches.stream()
            .filter(
                batch ->
                    !plan(batch).state().equals(batch.state) || !plan(batch).refused().isEmpty())
            .toList();
    if (changed.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.update(
            keys(connection.createStatement(STATES), changed)
                .bind("$3", state(changed, String.class, state -> state.status().name()))
                .bind("$4", state(changed, Integer.class, BatchState::run))
                .bind("$5", state(changed, Long.class, BatchState::nextSeq))
                .bind("$6", state(changed, Long.class, BatchState::version))
                .bind("$7", state(changed, Instant.class, BatchState::startedAt))
                .bind("$8", state(changed, Instant.class, BatchState::lastActivityAt))
                .bind("$9", state(changed, Instant.class, BatchState::lastProgressAt))
                .bind(
                    "$10",
                    state(changed, String.class, state -> BatchRows.json(state.tally().toMap())))
                .bind(
                    "$11",
                    Columns.of(changed, Boolean.class, batch -> !plan(batch).refused().isEmpty()))
                .bind("$12", Columns.of(changed, Instant.class, CommitWrites::checkAt))
                .bind("$13", node))
        .then();
  }

  /**
   * With the first event of a run other limits begin to count; apart from that nothing moves the
   * time of the next look. An earlier one stays: a sub-batch may have begun the run before.
   */
  private static @Nullable Instant checkAt(Locked batch) {
    Limits limits = batch.limits;
    return limits == null ? null : Expiry.checkAt(limits, plan(batch).state(), batch.now);
  }

  private static <T> T[] state(
      List<Locked> changed, Class<T> type, Columns.Value<BatchState, T> value) {
    return Columns.of(changed, type, batch -> value.of(plan(batch).state()));
  }

  private static PostgresqlStatement keys(PostgresqlStatement statement, List<Locked> batches) {
    return statement
        .bind("$1", Columns.of(batches, String.class, batch -> batch.key().namespace()))
        .bind("$2", Columns.of(batches, UUID.class, batch -> batch.key().id()));
  }
}
