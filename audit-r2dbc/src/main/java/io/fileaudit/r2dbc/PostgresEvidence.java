package io.fileaudit.r2dbc;

import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.EvidenceStore;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Evidence in PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresEvidence implements EvidenceStore {
  private static final String ENTRIES =
      """
      SELECT l.number, l.namespace, l.batch, l.body,
          EXISTS (SELECT FROM batch b WHERE b.namespace = l.namespace AND b.id = l.batch) AS there
        FROM log l
      """;

  private static final String OF_BATCH =
      ENTRIES + "WHERE l.namespace = $1 AND l.batch = $2 AND l.number IS NOT NULL ORDER BY l.number";

  private static final String ABOVE = ENTRIES + "WHERE l.number > $1 ORDER BY l.number LIMIT $2";

  private static final String HEADS =
      """
      SELECT (ack::json #>> '{tree,size}')::bigint AS size, ack::json #>> '{tree,root}' AS root FROM chunk
       WHERE namespace = $1 AND batch = $2 AND last_seq IS NOT NULL AND ack::json -> 'tree' ->> 'root' IS NOT NULL
       ORDER BY 1
      """;

  private static final String KEEP =
      "INSERT INTO checkpoint (size, note, signed_at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT (size) DO NOTHING";

  private final Database database;

  PostgresEvidence(Database database) {
    this.database = database;
  }

  @Override
  public Mono<Long> size() {
    return database.transaction(connection -> new LogNumbers(connection).give());
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
                            BatchRows.value(row, "size", Long.class),
                            BatchRows.text(row, "note"))))
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
  public Flux<LogEntry> entries(long above, int limit) {
    return database.read(
        connection ->
            BatchRows.query(
                connection.createStatement(ABOVE).bind("$1", above).bind("$2", limit),
                PostgresEvidence::entry));
  }

  @Override
  public Flux<Head> heads(BatchKey key) {
    return database.read(
        connection ->
            BatchRows.query(
                of(connection.createStatement(HEADS), key),
                row ->
                    new Head(
                        BatchRows.value(row, "size", Long.class), BatchRows.text(row, "root"))));
  }

  private static PostgresqlStatement of(PostgresqlStatement statement, BatchKey key) {
    return statement.bind("$1", key.namespace()).bind("$2", key.id());
  }

  private static LogEntry entry(Readable row) {
    return new LogEntry(
        BatchRows.value(row, "number", Long.class),
        new BatchKey(BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class)),
        BatchRows.value(row, "there", Boolean.class),
        BatchRows.text(row, "body"));
  }
}
