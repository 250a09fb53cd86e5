package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.store.CommitOutcome;
import io.fileaudit.core.store.OpenRules;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One commit: locks the batches (parents before sub-batches, then by key: the order of every
 * transaction), reads what the plans need, plans each chunk by the core's pure function, and writes
 * ledger, accounts, states, chunks and refusals. Serves one transaction; its steps run one after
 * the other.
 */
final class CommitTransaction {
  private static final String LOCK = lock("");
  private static final String LOCK_UNHELD = lock(" SKIP LOCKED");

  private static final String THERE =
      """
      SELECT b.namespace, b.id AS batch FROM unnest($1::text[], $2::uuid[]) AS w(namespace, batch)
        JOIN batch b ON b.namespace = w.namespace AND b.id = w.batch
      """;

  private static String lock(String waiting) {
    return """
      WITH locked AS MATERIALIZED (
        SELECT s.* FROM unnest($1::text[], $2::uuid[]) AS w(namespace, batch)
          JOIN batch_state s ON s.namespace = w.namespace AND s.batch = w.batch
          JOIN batch p ON p.namespace = w.namespace AND p.id = w.batch
         ORDER BY p.parent IS NOT NULL, s.namespace, s.batch FOR UPDATE OF s%s)
      SELECT l.namespace, l.batch, b.spec, clock_timestamp() AS now, l.refused_ever,
      """
            .formatted(waiting)
        + BatchRows.STATE_COLUMNS.replaceAll("(\\w+)", "l.$1")
        + " FROM locked l JOIN batch b ON b.namespace = l.namespace AND b.id = l.batch";
  }

  private static final String CHUNKS =
      """
      SELECT c.id, c.ack FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS w(namespace, batch, id)
        JOIN chunk c ON c.namespace = w.namespace AND c.batch = w.batch AND c.id = w.id
      """;

  private static final String MARKS =
      """
      SELECT p.namespace, p.batch, p.position, p.span
        FROM unnest($1::text[], $2::uuid[], $3::text[]) AS w(namespace, batch, producer)
        JOIN producer p ON p.namespace = w.namespace AND p.batch = w.batch AND p.producer = w.producer
      """;

  private static final String LIMITS =
      """
      SELECT b.namespace, b.id AS batch, b.limits FROM unnest($1::text[], $2::uuid[]) AS w(namespace, batch)
        JOIN batch b ON b.namespace = w.namespace AND b.id = w.batch
      """;

  private static final String ACCOUNTS =
      """
      SELECT w.namespace, w.batch, w.file, m.account
        FROM unnest($1::text[], $2::uuid[], $3::text[]) AS w(namespace, batch, file)
       CROSS JOIN LATERAL (
         SELECT account FROM manifest m WHERE m.namespace = w.namespace AND m.batch = w.batch
            AND left(m.file, 600) = left(w.file COLLATE "C", 600) AND m.file = w.file COLLATE "C" LIMIT 1) m
      """;

  private static final String OPEN =
      "SELECT number FROM rejected WHERE namespace = $1 AND batch = $2 AND number = ANY($3) AND resolution IS NULL";

  /** A locked batch and what is planned for it. */
  static final class Locked {
    final Chunk chunk;
    final BatchSpec spec;
    final BatchState state;
    final Instant now;
    final boolean refusedEver;
    final Map<String, FileAccount> accounts;
    final Map<Long, byte[]> byPosition = new HashMap<>();
    final Map<String, byte[]> byId = new HashMap<>();
    final Set<Long> open = new HashSet<>();
    @Nullable Mark mark;
    @Nullable Limits limits;
    @Nullable CommitPlan plan;

    Locked(Chunk chunk, BatchSpec spec, BatchState state, boolean refusedEver, Instant now) {
      this(chunk, spec, state, refusedEver, now, WrittenBatches.accounts());
    }

    Locked(
        Chunk chunk,
        BatchSpec spec,
        BatchState state,
        boolean refusedEver,
        Instant now,
        Map<String, FileAccount> accounts) {
      this.accounts = accounts;
      this.refusedEver = refusedEver;
      this.chunk = chunk;
      this.spec = spec;
      this.state = state;
      this.now = now;
    }

    BatchKey key() {
      return chunk.batch();
    }

    @Nullable Long position() {
      Mark present = mark;
      return present == null ? null : present.position();
    }

    /** Where the producer stands after the commit; null where it has no position yet. */
    @Nullable Mark nextMark() {
      Mark present = mark;
      Long first = Objects.requireNonNull(plan).firstPosition();
      Long last = plan.lastPosition();
      if (first == null || last == null) {
        return present;
      }
      return present == null
          ? new Mark(last, last - first)
          : new Mark(Math.max(present.position(), last), Math.max(present.span(), last - first));
    }
  }

  /**
   * Where a producer stands in a batch.
   *
   * @param position the highest that was accepted
   * @param span the widest range of positions of one chunk
   */
  record Mark(long position, long span) {}

  private final PostgresqlConnection connection;
  private final List<Chunk> chunks;
  private final String node;
  private final WrittenBatches written;
  private final boolean waits;
  private final Set<BatchKey> held = new HashSet<>();
  private final Map<BatchKey, Locked> locked = new HashMap<>();
  private final Map<UUID, Ack> committedBefore = new HashMap<>();

  /**
   * A commit of those chunks.
   *
   * @param waits whether to wait for batches that another transaction holds, or to leave them
   */
  CommitTransaction(
      PostgresqlConnection connection,
      List<Chunk> chunks,
      String node,
      WrittenBatches written,
      boolean waits) {
    this.connection = connection;
    this.written = written;
    this.waits = waits;
    this.node = node;
    this.chunks = chunks;
  }

  Mono<List<CommitOutcome>> run(boolean again) {
    return lock()
        .then(Mono.defer(this::readHeld))
        .then(Mono.defer(() -> again ? readChunks() : Mono.<Void>empty()))
        .then(Mono.defer(this::readMarks))
        .then(Mono.defer(this::readKnown))
        .then(Mono.defer(this::readOpen))
        .then(Mono.defer(this::readAccounts))
        .then(Mono.defer(this::write))
        .then(Mono.fromSupplier(this::outcomes));
  }

  private Mono<Void> lock() {
    Map<BatchKey, Chunk> byKey = new HashMap<>();
    chunks.forEach(chunk -> byKey.put(chunk.batch(), chunk));
    return BatchRows.query(
            connection
                .createStatement(waits ? LOCK : LOCK_UNHELD)
                .bind("$1", Column.of(chunks, String.class, chunk -> chunk.batch().namespace()))
                .bind("$2", Column.of(chunks, UUID.class, chunk -> chunk.batch().id())),
            row -> {
              BatchKey key =
                  new BatchKey(
                      BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class));
              return locked(Objects.requireNonNull(byKey.get(key)), row);
            })
        .doOnNext(batch -> locked.put(batch.key(), batch))
        .then();
  }

  /** What this node wrote last is taken as it is, where nobody has written since. */
  private Locked locked(Chunk chunk, Readable row) {
    WrittenBatches.Written last = written.take(chunk.batch());
    boolean isPresent =
        last != null && last.version() == BatchRows.value(row, "version", Long.class);
    Locked batch =
        new Locked(
            chunk,
            last == null ? BatchRows.spec(BatchRows.text(row, "spec")) : last.spec(),
            last != null && isPresent ? BatchRows.state(row, last.tally()) : BatchRows.state(row),
            BatchRows.value(row, "refused_ever", Boolean.class),
            BatchRows.value(row, "now", Instant.class),
            last != null && isPresent ? last.accounts() : WrittenBatches.accounts());
    if (last != null && isPresent && Objects.equals(last.producer(), chunk.producer())) {
      batch.mark = last.mark();
    }
    return batch;
  }

  /** Which of those that were left are there: another transaction holds them. */
  private Mono<Void> readHeld() {
    List<Chunk> left = chunks.stream().filter(chunk -> !locked.containsKey(chunk.batch())).toList();
    if (waits || left.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.query(
            connection
                .createStatement(THERE)
                .bind("$1", Column.of(left, String.class, chunk -> chunk.batch().namespace()))
                .bind("$2", Column.of(left, UUID.class, chunk -> chunk.batch().id())),
            row ->
                new BatchKey(
                    BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)))
        .doOnNext(held::add)
        .then();
  }

  /** Finds the chunks that an earlier try has committed and takes them out of this one. */
  private Mono<Void> readChunks() {
    return BatchRows.query(
            connection
                .createStatement(CHUNKS)
                .bind("$1", Column.of(chunks, String.class, chunk -> chunk.batch().namespace()))
                .bind("$2", Column.of(chunks, UUID.class, chunk -> chunk.batch().id()))
                .bind("$3", Column.of(chunks, UUID.class, Chunk::id)),
            row ->
                Map.entry(
                    BatchRows.value(row, "id", UUID.class),
                    AuditJson.lenient().readValue(BatchRows.text(row, "ack"), Ack.class)))
        .doOnNext(
            entry -> {
              committedBefore.put(entry.getKey(), entry.getValue());
              locked.values().removeIf(batch -> batch.chunk.id().equals(entry.getKey()));
            })
        .then();
  }

  private Mono<Void> readMarks() {
    List<Locked> numbered =
        locked.values().stream()
            .filter(batch -> batch.chunk.producer() != null && batch.mark == null)
            .toList();
    if (numbered.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.query(
            keys(connection.createStatement(MARKS), numbered)
                .bind("$3", Column.of(numbered, String.class, batch -> batch.chunk.producer())),
            row -> {
              Locked batch = lockedOf(row);
              batch.mark =
                  new Mark(
                      BatchRows.value(row, "position", Long.class),
                      BatchRows.value(row, "span", Long.class));
              return batch;
            })
        .then();
  }

  private Mono<Void> readKnown() {
    return Flux.fromIterable(List.copyOf(locked.values()))
        // A report is known by its key before anything is planned for it.
        .filter(batch -> batch.chunk.kind() != Chunk.Kind.REPORT)
        .concatMap(
            batch -> {
              Known.Questions questions = Known.Questions.of(batch.chunk, batch.position());
              return questions.isEmpty()
                  ? Mono.<Void>empty()
                  : new LedgerKeys(connection, batch.key())
                      .read(
                          questions,
                          batch.chunk.producer(),
                          batch.mark,
                          batch.byPosition,
                          batch.byId);
            })
        .then();
  }

  /** Which of the refused events that are tried again are still open, now that they are locked. */
  private Mono<Void> readOpen() {
    return Flux.fromIterable(List.copyOf(locked.values()))
        .filter(batch -> batch.chunk.isReplay())
        .concatMap(
            batch ->
                BatchRows.query(
                        connection
                            .createStatement(OPEN)
                            .bind("$1", batch.key().namespace())
                            .bind("$2", batch.key().id())
                            .bind("$3", Column.of(batch.chunk.lines(), Long.class, Line::number)),
                        row -> BatchRows.value(row, "number", Long.class))
                    .doOnNext(batch.open::add),
            1)
        .then();
  }

  private Mono<Void> readAccounts() {
    record Wanted(Locked batch, String file) {}
    List<Wanted> wanted =
        locked.values().stream()
            .flatMap(
                batch ->
                    CommitPlan.filesOf(batch.chunk).stream()
                        .filter(file -> !batch.accounts.containsKey(file))
                        .map(file -> new Wanted(batch, file)))
            .toList();
    if (wanted.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.query(
            connection
                .createStatement(ACCOUNTS)
                .bind("$1", Column.of(wanted, String.class, want -> want.batch().key().namespace()))
                .bind("$2", Column.of(wanted, UUID.class, want -> want.batch().key().id()))
                .bind("$3", Column.of(wanted, String.class, Wanted::file)),
            row -> {
              FileAccount account = FileAccountJson.read(BatchRows.text(row, "account"));
              lockedOf(row).accounts.put(BatchRows.text(row, "file"), account);
              return account;
            })
        .then();
  }

  private Locked lockedOf(Readable row) {
    BatchKey key =
        new BatchKey(BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class));
    return Objects.requireNonNull(locked.get(key));
  }

  private static io.r2dbc.postgresql.api.PostgresqlStatement keys(
      io.r2dbc.postgresql.api.PostgresqlStatement statement, List<Locked> batches) {
    return statement
        .bind("$1", Column.of(batches, String.class, batch -> batch.key().namespace()))
        .bind("$2", Column.of(batches, UUID.class, batch -> batch.key().id()));
  }

  private Mono<Void> write() {
    for (Locked batch : locked.values()) {
      Known known = new Known(batch.byPosition, batch.byId, batch.open);
      batch.plan =
          CommitPlan.of(batch.chunk, batch.spec, batch.state, known, batch.accounts, batch.now);
    }
    return readLimits()
        .then(
            Mono.defer(
                () -> new CommitWrites(connection, List.copyOf(locked.values()), node).run()));
  }

  /**
   * Limits may be changed under the lock, so they are read after it; only the first event of a run
   * needs them.
   */
  private Mono<Void> readLimits() {
    List<Locked> begun =
        locked.values().stream()
            .filter(
                batch ->
                    batch.state.startedAt() == null
                        && batch.plan != null
                        && batch.plan.state().startedAt() != null)
            .toList();
    if (begun.isEmpty()) {
      return Mono.empty();
    }
    return BatchRows.query(
            keys(connection.createStatement(LIMITS), begun),
            row -> {
              Locked batch = lockedOf(row);
              batch.limits = BatchRows.limits(BatchRows.text(row, "limits"));
              return batch;
            })
        .then();
  }

  /** Remembers what was written; called after the commit alone. */
  void remember() {
    for (Locked batch : locked.values()) {
      CommitPlan plan = Objects.requireNonNull(batch.plan);
      batch.accounts.putAll(plan.accounts());
      written.give(
          batch.key(),
          new WrittenBatches.Written(
              batch.spec,
              plan.state().version(),
              plan.state().tally(),
              batch.chunk.producer(),
              batch.nextMark(),
              batch.accounts));
    }
  }

  private List<CommitOutcome> outcomes() {
    return chunks.stream().map(this::outcome).toList();
  }

  private CommitOutcome outcome(Chunk chunk) {
    Ack before = committedBefore.get(chunk.id());
    if (before != null) {
      return new CommitOutcome.Committed(before);
    }
    if (held.contains(chunk.batch())) {
      return new CommitOutcome.Held();
    }
    Locked batch = locked.get(chunk.batch());
    return batch == null || batch.plan == null
        ? new CommitOutcome.Rejected(OpenRules.notFound(chunk.batch()))
        : new CommitOutcome.Committed(batch.plan.ack());
  }
}
