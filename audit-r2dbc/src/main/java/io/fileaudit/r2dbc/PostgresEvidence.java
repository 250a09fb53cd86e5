package io.fileaudit.r2dbc;

import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.EvidenceStore;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Evidence in PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresEvidence implements EvidenceStore {
  private static final String OF_BATCH =
      "SELECT number, namespace, batch, body FROM log WHERE namespace = $1 AND batch = $2 AND number IS NOT NULL ORDER BY number";

  /** Also places whose entry is gone, or whose leaf is. */
  private static final String PLACES =
      """
      SELECT coalesce(l.number, n.place + 1) AS number, n.hash, l.namespace, l.batch, l.body,
          EXISTS (SELECT FROM batch b WHERE b.namespace = l.namespace AND b.id = l.batch) AS there
        FROM (SELECT place, hash FROM log_node WHERE level = 0 AND place >= $1 ORDER BY place LIMIT $2) n
        FULL JOIN (SELECT number, namespace, batch, body FROM log WHERE number > $1 ORDER BY number LIMIT $2) l
          ON l.number = n.place + 1
       ORDER BY 1 LIMIT $2
      """;

  private static final String LEAVES =
      "SELECT seq, leaf FROM ledger WHERE namespace = $1 AND batch = $2 AND seq >= $3 ORDER BY seq LIMIT $4";

  private static final int PAGE = 10_000;

  /** An entry may say as much as an opening does, which names thousands of files. */
  private static final int LOG_PAGE = 200;

  private static final String HEADS =
      """
      SELECT last_seq, (ack::json #>> '{tree,size}')::bigint AS size, ack::json #>> '{tree,root}' AS root FROM chunk
       WHERE namespace = $1 AND batch = $2 AND last_seq >= $3 AND ack::json -> 'tree' ->> 'root' IS NOT NULL
       ORDER BY last_seq LIMIT $4
      """;

  private static final String KEEP =
      "INSERT INTO checkpoint (size, note, signed_at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT (size) DO NOTHING";

  private final Database database;

  PostgresEvidence(Database database) {
    this.database = database;
  }

  @Override
  public Mono<Long> size() {
    return database.transaction(connection -> new LogNumbers(connection).giveAll());
  }

  @Override
  public Mono<Map<Node, Hash>> nodes(Collection<Node> wanted) {
    return database.read(connection -> new LogNodes(connection).find(wanted).flux()).single();
  }

  @Override
  public Mono<Signed> lastSigned() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(
                        "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1"),
                    row ->
                        new Signed(
                            BatchRows.value(row, "size", Long.class), BatchRows.text(row, "note"))))
        .singleOrEmpty();
  }

  @Override
  public Mono<Void> keep(Signed signed) {
    return database
        .transaction(
            connection ->
                BatchRows.update(
                    connection
                        .createStatement(KEEP)
                        .bind("$1", signed.size())
                        .bind("$2", signed.note())))
        .then();
  }

  @Override
  public Flux<LogEntry> entries(BatchKey key) {
    return database.read(
        connection ->
            BatchRows.query(
                of(connection.createStatement(OF_BATCH), key), PostgresEvidence::entry));
  }

  @Override
  public Flux<LogPlace> log(long above) {
    return Pages.of(above, Integer.MAX_VALUE, LOG_PAGE, this::places, LogPlace::number);
  }

  private Flux<LogPlace> places(long above, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                connection.createStatement(PLACES).bind("$1", above).bind("$2", limit),
                row ->
                    new LogPlace(
                        BatchRows.value(row, "number", Long.class),
                        hash(row, "hash"),
                        row.get("body", String.class) == null ? null : entry(row),
                        BatchRows.value(row, "there", Boolean.class))));
  }

  @Override
  public Flux<TreeHead> heads(BatchKey key) {
    // What was committed together was acknowledged with one head.
    return Pages.of(
            0L,
            Integer.MAX_VALUE,
            PAGE,
            (from, limit) -> acknowledged(key, from, limit),
            chunk -> chunk.lastSeq() + 1)
        .map(Acknowledged::head)
        .distinctUntilChanged();
  }

  private record Acknowledged(long lastSeq, TreeHead head) {}

  private Flux<Acknowledged> acknowledged(BatchKey key, long from, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                of(connection.createStatement(HEADS), key).bind("$3", from).bind("$4", limit),
                row ->
                    new Acknowledged(
                        BatchRows.value(row, "last_seq", Long.class),
                        new TreeHead(
                            BatchRows.value(row, "size", Long.class),
                            BatchRows.text(row, "root")))));
  }

  @Override
  public Flux<Leaf> leaves(BatchKey key) {
    return Pages.of(
        0L,
        Integer.MAX_VALUE,
        PAGE,
        (from, limit) -> leaves(key, from, limit),
        leaf -> leaf.seq() + 1);
  }

  private Flux<Leaf> leaves(BatchKey key, long from, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                of(connection.createStatement(LEAVES), key).bind("$3", from).bind("$4", limit),
                PostgresEvidence::leaf));
  }

  private static Leaf leaf(Readable row) {
    return new Leaf(BatchRows.value(row, "seq", Long.class), hash(row, "leaf"));
  }

  /** What is no hash was not kept as one. */
  private static @Nullable Hash hash(Readable row, String column) {
    byte[] hash = row.get(column, byte[].class);
    return hash == null || hash.length != Hash.BYTES ? null : Hash.of(hash);
  }

  private static PostgresqlStatement of(PostgresqlStatement statement, BatchKey key) {
    return statement.bind("$1", key.namespace()).bind("$2", key.id());
  }

  private static LogEntry entry(Readable row) {
    return new LogEntry(
        BatchRows.value(row, "number", Long.class),
        new BatchKey(BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)),
        BatchRows.text(row, "body"));
  }
}
