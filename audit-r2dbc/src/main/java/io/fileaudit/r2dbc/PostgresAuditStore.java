package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.ChangeBatch;
import io.fileaudit.core.store.CommitOutcome;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.FileQuery;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.OpenedBatch;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.ProducerMark;
import io.fileaudit.core.store.Rejected;
import io.fileaudit.core.store.RejectedRules;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WebhookStore;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * The durable store, on PostgreSQL 14 or later. Thread-safe; signals come on the driver's threads.
 * A call that writes is one transaction under the batch row's lock, READ COMMITTED, and is finished
 * once begun. A call that reads many rows reads them page by page as they are requested and holds a
 * connection only for the page.
 */
public final class PostgresAuditStore implements AuditStore, WatchStore {
  private static final int PAGE = 1_000;
  private static final int GIVE_WAY = 5;
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMillis(1500);

  private static final int MOST_COUNTED = 100_000;

  /**
   * From namespace to namespace along the index, which begins with it: ended batches cost nothing.
   */
  private static final String COUNT_OPEN =
      """
      WITH RECURSIVE n AS (
        (SELECT namespace FROM batch_state ORDER BY namespace LIMIT 1)
        UNION ALL
        SELECT (SELECT s.namespace FROM batch_state s WHERE s.namespace > n.namespace ORDER BY s.namespace LIMIT 1)
          FROM n WHERE n.namespace IS NOT NULL)
      SELECT
        coalesce(sum((SELECT count(*) FROM (SELECT FROM batch_state s
          WHERE s.namespace = n.namespace AND s.status = 'PENDING' LIMIT $1) p)), 0)::bigint AS pending,
        coalesce(sum((SELECT count(*) FROM (SELECT FROM batch_state s
          WHERE s.namespace = n.namespace AND s.status = 'RUNNING' LIMIT $1) r)), 0)::bigint AS running
        FROM n WHERE n.namespace IS NOT NULL
      """;

  private final Database database;
  private final String node;
  private final Duration grace;
  private final WrittenBatches written = new WrittenBatches();
  private final Changes changes;

  private PostgresAuditStore(Database database, String node, Duration grace) {
    this.database = database;
    this.node = node;
    this.grace = grace;
    this.changes = new Changes(database, Schedulers.parallel());
  }

  /** A store on that database, whose schema is up to date. Connects when it is first used. */
  public static PostgresAuditStore open(PostgresSettings settings) {
    return open(settings, "node", GRACE);
  }

  /**
   * The same, for a node of that name.
   *
   * @param grace how long after the last sign of a silent node the loaders that it served have to
   *     find another
   */
  public static PostgresAuditStore open(PostgresSettings settings, String node, Duration grace) {
    return new PostgresAuditStore(new Database(settings), node, grace);
  }

  /** The credentials of the same database, over the same connections. */
  public CredentialStore credentials() {
    return new PostgresCredentialStore(database);
  }

  /** Reports over the same database and connections. */
  public ReportStore reports() {
    return new PostgresReports(database);
  }

  /** Expectations on the tables of the same database. */
  public ExpectationStore expectations() {
    return new PostgresExpectations(database);
  }

  /** Retention of the same database. */
  public RetentionStore retention() {
    return new PostgresRetention(database);
  }

  /** What changed in the same database. */
  public FeedStore feeds() {
    return new PostgresFeeds(database, changes);
  }

  /**
   * Changes of status in the same database that are to be sent; this node's own only where its
   * settings ask for them.
   */
  public OutboxStore outbox() {
    return new PostgresOutbox(database);
  }

  /** Takes reports on batches of the same database. */
  public LineageStore lineage() {
    return report ->
        database
            .transaction(
                connection -> new LineageTransaction(connection, report, node, written).run())
            // Runs may name each other as parents, in any order: one of them gives way.
            .retryWhen(Retry.max(GIVE_WAY).filter(PostgresErrors::isDeadlock))
            .doOnNext(decided -> changes.tell(List.of(report.key())));
  }

  /** Evidence of the same database. */
  public EvidenceStore evidence() {
    return new PostgresEvidence(database);
  }

  /** Webhooks of the same database, and what they have to tell. */
  public WebhookStore webhooks() {
    return new PostgresWebhooks(database);
  }

  /** How the connections to the database are used at this moment. */
  public PoolUse poolUse() {
    return database.use();
  }

  /** Gives the connections back; lazy. Calls after it fail with {@code unavailable}. */
  public Mono<Void> close() {
    return database.close();
  }

  @Override
  public Mono<OpenedBatch> open(OpenBatch request) {
    return database
        .transaction(connection -> new OpenTransaction(connection, request).run())
        .doOnNext(opened -> changes.tell(List.of(request.key())));
  }

  @Override
  public Mono<List<CommitOutcome>> commit(List<Chunk> chunks, boolean again) {
    return commit(chunks, again, true);
  }

  @Override
  public Mono<List<CommitOutcome>> commitUnheld(List<Chunk> chunks, boolean again) {
    return commit(chunks, again, false);
  }

  private Mono<List<CommitOutcome>> commit(List<Chunk> chunks, boolean again, boolean waits) {
    AtomicReference<@Nullable CommitTransaction> begun = new AtomicReference<>();
    return database
        .transaction(
            connection -> {
              CommitTransaction transaction =
                  new CommitTransaction(connection, chunks, node, written, waits);
              begun.set(transaction);
              return transaction.run(again);
            })
        .doOnNext(outcomes -> Objects.requireNonNull(begun.get()).remember())
        .doOnNext(outcomes -> tell(chunks, outcomes))
        .doOnError(error -> written.clear());
  }

  private void tell(List<Chunk> chunks, List<CommitOutcome> outcomes) {
    changes.tell(
        IntStream.range(0, chunks.size())
            .filter(i -> outcomes.get(i) instanceof CommitOutcome.Committed)
            .mapToObj(i -> chunks.get(i).batch())
            .toList());
  }

  @Override
  public Mono<Decided> decide(Decide request) {
    return database
        .transaction(connection -> new DecideTransaction(connection).run(request))
        .doOnNext(this::tell);
  }

  private void tell(Decided decided) {
    if (decided.changed()) {
      changes.tell(
          Stream.concat(Stream.of(decided.batch()), decided.along().stream())
              .map(BatchRecord::key)
              .toList());
    }
  }

  @Override
  public Mono<BatchRecord> change(ChangeBatch request) {
    return database
        .transaction(connection -> new ChangeTransaction(connection, request).run())
        .doOnNext(changed -> changes.tell(List.of(request.key())));
  }

  @Override
  public Mono<Long> dismiss(BatchKey key, Set<Long> numbers) {
    Long[] which = numbers.isEmpty() ? null : numbers.toArray(Long[]::new);
    return database
        .transaction(connection -> dismiss(connection, key, which))
        .doOnNext(dismissed -> changes.tell(List.of(key)));
  }

  private static Mono<Long> dismiss(
      PostgresqlConnection connection, BatchKey key, Long @Nullable [] which) {
    return BatchRows.lock(connection, key, "UPDATE")
        .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
        .flatMap(locked -> Refusals.resolve(connection, key, which, RejectedRules.DISMISSED))
        .flatMap(
            dismissed ->
                dismissed == 0
                    ? Mono.just(dismissed)
                    : BatchRows.nextVersion(connection, key).thenReturn(dismissed));
  }

  @Override
  public Mono<BatchRecord> find(BatchKey key) {
    return database.read(connection -> BatchRows.find(connection, key).flux()).singleOrEmpty();
  }

  @Override
  public Flux<BatchRecord> list(BatchQuery query) {
    return new BatchPages(database, query).page();
  }

  @Override
  public Flux<Manifest> files(BatchKey key, FileQuery query) {
    return Pages.of(
        query.after() == null ? "" : query.after(),
        query.limit(),
        PAGE,
        new FilePages(database, key, query)::page,
        Manifest::file);
  }

  @Override
  public Mono<FileAccount> account(BatchKey key, String file) {
    return database
        .read(
            connection ->
                BatchRows.query(
                    named(
                            connection,
                            """
                            SELECT account FROM manifest WHERE namespace = $1 AND batch = $2
                               AND left(file, 600) = left($3::text COLLATE "C", 600) AND file = $3::text COLLATE "C"
                            """,
                            key)
                        .bind("$3", file),
                    row -> FileAccountJson.read(BatchRows.text(row, "account"))))
        .singleOrEmpty();
  }

  private record LedgerText(long seq, String body) {}

  @Override
  public Flux<String> ledger(BatchKey key, long from) {
    return Pages.of(
            from,
            Integer.MAX_VALUE,
            PAGE,
            (next, limit) -> ledgerPage(key, next, limit),
            row -> row.seq() + 1)
        .map(LedgerText::body);
  }

  private Flux<LedgerText> ledgerPage(BatchKey key, long from, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                named(
                        connection,
                        "SELECT seq, body FROM ledger WHERE namespace = $1 AND batch = $2 AND seq >= $3 ORDER BY seq LIMIT $4",
                        key)
                    .bind("$3", from)
                    .bind("$4", limit),
                row ->
                    new LedgerText(
                        BatchRows.value(row, "seq", Long.class), BatchRows.text(row, "body"))));
  }

  @Override
  public Flux<Verdict> verdicts(BatchKey key) {
    return query(
        key,
        "SELECT verdict FROM log WHERE namespace = $1 AND batch = $2 AND verdict IS NOT NULL ORDER BY seq",
        row -> BatchRows.verdict(BatchRows.text(row, "verdict")));
  }

  @Override
  public Flux<Rejected> rejected(BatchKey key, long after, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                named(
                        connection,
                        "SELECT * FROM rejected WHERE namespace = $1 AND batch = $2 AND number > $3 ORDER BY number LIMIT $4",
                        key)
                    .bind("$3", after)
                    .bind("$4", limit),
                PostgresAuditStore::rejected));
  }

  private static Rejected rejected(Readable row) {
    return new Rejected(
        BatchRows.value(row, "number", Long.class),
        BatchRows.text(row, "type"),
        BatchRows.value(row, "status", Integer.class),
        BatchRows.text(row, "detail"),
        BatchRows.text(row, "text"),
        row.get("producer", String.class),
        row.get("position", Long.class),
        row.get("event_id", String.class),
        BatchRows.value(row, "run", Integer.class),
        BatchRows.value(row, "times", Long.class),
        BatchRows.value(row, "first_at", Instant.class),
        BatchRows.value(row, "last_at", Instant.class),
        RejectedRules.isOverflow(BatchRows.text(row, "name")),
        row.get("resolution", String.class));
  }

  @Override
  public Flux<ProducerMark> producers(BatchKey key) {
    return query(
        key,
        "SELECT producer, position, last_at FROM producer WHERE namespace = $1 AND batch = $2 ORDER BY producer COLLATE \"C\"",
        row ->
            new ProducerMark(
                BatchRows.text(row, "producer"),
                BatchRows.value(row, "position", Long.class),
                BatchRows.value(row, "last_at", Instant.class)));
  }

  @Override
  public Mono<Heard> heartbeat(List<Heartbeat> beats) {
    return database.transaction(connection -> new Heartbeats(connection, node).note(beats));
  }

  @Override
  public Mono<OpenCount> countOpen() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(COUNT_OPEN).bind("$1", MOST_COUNTED),
                    row ->
                        new OpenCount(
                            BatchRows.value(row, "pending", Long.class),
                            BatchRows.value(row, "running", Long.class))))
        .single();
  }

  @Override
  public Flux<BatchKey> due(int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                connection
                    .createStatement(
                        "SELECT namespace, batch FROM batch_state WHERE check_at <= now() ORDER BY check_at LIMIT $1")
                    .bind("$1", limit),
                row ->
                    new BatchKey(
                        BatchRows.text(row, "namespace"),
                        BatchRows.value(row, "batch", UUID.class))));
  }

  @Override
  public Mono<Decided> expire(BatchKey key, String judge) {
    return database
        .transaction(
            connection -> new DecideTransaction(connection).expire(key, judge, grace, SILENCE))
        .doOnNext(this::tell);
  }

  @Override
  public Mono<Judged> expireAll(List<BatchKey> keys, String judge) {
    return database
        .transaction(
            connection ->
                new ExpireTransaction(connection, new Evidences(connection, grace, SILENCE), judge)
                    .run(keys))
        .doOnNext(judged -> judged.decided().forEach(this::tell));
  }

  @Override
  public Mono<Void> signOfLife(String living, Duration gap) {
    return database
        .transaction(connection -> new SignOfLife(connection).give(living, gap).thenReturn(living))
        .then();
  }

  @Override
  public Mono<Void> ping() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(
                        "SELECT current_setting('transaction_read_only') AS read_only"),
                    row -> BatchRows.text(row, "read_only")))
        .single()
        .flatMap(
            readOnly ->
                readOnly.equals("on")
                    ? Mono.error(
                        new AuditException(ProblemType.UNAVAILABLE, PostgresErrors.READ_ONLY))
                    : Mono.empty());
  }

  private <T> Flux<T> query(BatchKey key, String sql, Function<Readable, T> mapping) {
    return database.read(connection -> BatchRows.query(named(connection, sql, key), mapping));
  }

  private static PostgresqlStatement named(
      PostgresqlConnection connection, String sql, BatchKey key) {
    return connection.createStatement(sql).bind("$1", key.namespace()).bind("$2", key.id());
  }
}
