package io.fileaudit.r2dbc;

import io.fileaudit.api.evidence.Hash;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Numbers the entries of the log, densely and in an order that never changes: an entry is numbered
 * once it is committed, under the lock of one row, so that what is committed later comes later. The
 * tree of the log grows with it. Serves one transaction.
 */
final class LogNumbers {
  private static final int MOST = 5_000;

  private static final String WAITING =
      "SELECT h.number, EXISTS (SELECT FROM log WHERE number IS NULL) AS waiting FROM log_head h";

  private static final String WAIT = "SELECT number FROM log_head FOR UPDATE";

  private static final String LOCK = WAIT + " SKIP LOCKED";

  private static final String NUMBER =
      """
      UPDATE log l SET number = n.number
        FROM (SELECT namespace, batch, run, kind,
                $1 + row_number() OVER (ORDER BY recorded_at, namespace, batch, run, kind) AS number
                FROM (SELECT * FROM log WHERE number IS NULL ORDER BY recorded_at LIMIT $2) w) n
       WHERE l.namespace = n.namespace AND l.batch = n.batch AND l.run = n.run AND l.kind = n.kind
      RETURNING l.number, l.body
      """;

  private static final String ADVANCE = "UPDATE log_head SET number = $1";

  private record Head(long number, boolean waiting) {}

  private final PostgresqlConnection connection;

  LogNumbers(PostgresqlConnection connection) {
    this.connection = connection;
  }

  /** The last number that is given; where another transaction gives numbers, it is left to that. */
  Mono<Long> give() {
    return give(LOCK);
  }

  /** The last number once everything that was committed before has one. */
  Mono<Long> giveAll() {
    return give(WAIT);
  }

  private Mono<Long> give(String lock) {
    return BatchRows.query(
            connection.createStatement(WAITING),
            row ->
                new Head(
                    BatchRows.value(row, "number", Long.class),
                    BatchRows.value(row, "waiting", Boolean.class)))
        .single()
        .flatMap(head -> head.waiting() ? number(head.number(), lock) : Mono.just(head.number()));
  }

  private Mono<Long> number(long seen, String lock) {
    return BatchRows.query(
            connection.createStatement(lock), row -> BatchRows.value(row, "number", Long.class))
        .singleOrEmpty()
        .flatMap(this::numberBehind)
        .defaultIfEmpty(seen);
  }

  private record Numbered(long number, String body) {}

  private Mono<Long> numberBehind(long last) {
    return BatchRows.query(
            connection.createStatement(NUMBER).bind("$1", last).bind("$2", MOST),
            row ->
                new Numbered(
                    BatchRows.value(row, "number", Long.class), BatchRows.text(row, "body")))
        .collectSortedList(Comparator.comparingLong(Numbered::number))
        .flatMap(
            numbered ->
                numbered.isEmpty()
                    ? Mono.just(last)
                    : grow(last, numbered)
                        .then(Mono.defer(() -> advance(last + numbered.size())))
                        .then(
                            Mono.defer(
                                () ->
                                    numbered.size() < MOST
                                        ? Mono.just(last + numbered.size())
                                        : numberBehind(last + numbered.size()))));
  }

  private Mono<Long> advance(long number) {
    return BatchRows.update(connection.createStatement(ADVANCE).bind("$1", number));
  }

  private Mono<Void> grow(long size, List<Numbered> numbered) {
    LogNodes nodes = new LogNodes(connection);
    return nodes
        .range(size)
        .flatMap(
            range ->
                nodes.add(
                    range,
                    numbered.stream()
                        .map(one -> Hash.leaf(one.body().getBytes(StandardCharsets.UTF_8)))
                        .toList()));
  }
}
