package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.ledger.LedgerBody;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Looks up what the ledger of a locked batch has under keys that may have been used before. */
final class LedgerKeys {
  private final PostgresqlConnection connection;
  private final BatchKey key;

  LedgerKeys(PostgresqlConnection connection, BatchKey key) {
    this.connection = connection;
    this.key = key;
  }

  Mono<Void> read(
      Known.Questions questions,
      @Nullable String producer,
      CommitTransaction.@Nullable Mark mark,
      Map<Long, byte[]> byPosition,
      Map<String, byte[]> byId) {
    Mono<Void> positions =
        questions.positions().isEmpty() || producer == null || mark == null
            ? Mono.empty()
            : readPositions(questions, producer, mark, byPosition);
    return positions.then(
        Mono.defer(
            () -> questions.ids().isEmpty() ? Mono.<Void>empty() : readIds(questions, byId)));
  }

  /**
   * A position lies in a chunk whose last position is at most one span above it: only those chunks'
   * ledger rows are read.
   */
  private Mono<Void> readPositions(
      Known.Questions questions,
      String producer,
      CommitTransaction.Mark mark,
      Map<Long, byte[]> found) {
    return BatchRows.query(
            connection
                .createStatement(
                    """
                    SELECT l.body FROM (
                        SELECT DISTINCT c.first_seq, c.last_seq
                          FROM unnest($4::bigint[]) AS w(position)
                          JOIN chunk c ON c.namespace = $1 AND c.batch = $2 AND c.producer = $3
                           AND c.last_position >= w.position AND c.last_position <= w.position + $5
                           AND c.first_position <= w.position) c
                      JOIN ledger l ON l.namespace = $1 AND l.batch = $2 AND l.seq >= c.first_seq AND l.seq <= c.last_seq
                    """)
                .bind("$1", key.namespace())
                .bind("$2", key.id())
                .bind("$3", producer)
                .bind("$4", questions.positions().toArray(new Long[0]))
                .bind("$5", mark.span()),
            row -> BatchRows.text(row, "body"))
        .doOnNext(
            body -> {
              Long position = LedgerBody.positionOf(body);
              if (position != null && questions.positions().contains(position)) {
                found.put(position, LedgerBody.eventOf(body));
              }
            })
        .then();
  }

  private Mono<Void> readIds(Known.Questions questions, Map<String, byte[]> found) {
    return BatchRows.query(
            connection
                .createStatement(
                    "SELECT event_id, body FROM ledger WHERE namespace = $1 AND batch = $2 AND event_id = ANY($3)")
                .bind("$1", key.namespace())
                .bind("$2", key.id())
                .bind("$3", questions.ids().toArray(new String[0])),
            row ->
                Map.entry(
                    BatchRows.text(row, "event_id"),
                    LedgerBody.eventOf(BatchRows.text(row, "body"))))
        .doOnNext(entry -> found.put(entry.getKey(), entry.getValue()))
        .then();
  }
}
