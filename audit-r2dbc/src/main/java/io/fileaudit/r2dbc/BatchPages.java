package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.BatchQuery;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Pages of batches, newest first. Table, period and parent have indexes in that order, and so has a
 * status by itself. What is found by no such index is looked for among the next batches first,
 * where the frequent is found soon, and then by the index that knows the rare.
 */
final class BatchPages {
  private static final int WALKED = 1_000;

  /**
   * More than anybody asks for. Said as a number in the statement, it lets few rows be expected of
   * a page whatever its size, and what is read of them be looked up one by one.
   */
  private static final int LARGEST_PAGE = 1_001;

  private static final String NEWEST = " ORDER BY b.opened_at DESC, b.id DESC ";
  private static final String STATE =
      " JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id ";

  private final Database database;
  private final BatchQuery query;
  private final String @Nullable [] statuses;
  private final @Nullable String labels;

  BatchPages(Database database, BatchQuery query) {
    this.database = database;
    this.query = query;
    this.statuses =
        query.statuses().isEmpty()
            ? null
            : query.statuses().stream().map(Enum::name).toArray(String[]::new);
    this.labels = query.labels().isEmpty() ? null : BatchRows.json(query.labels());
  }

  Flux<BatchRecord> page() {
    boolean placed = query.table() != null || query.period() != null || query.parent() != null;
    if (labels == null && query.text() == null) {
      if (statuses == null) {
        return direct();
      }
      if (!placed) {
        return byStatus();
      }
    }
    return among()
        .collectList()
        .flatMapMany(
            found -> found.size() == query.limit() ? Flux.fromIterable(found) : byWhatIsRare());
  }

  /** All conditions are in the index that the order is read from. */
  private Flux<BatchRecord> direct() {
    Conditions given = new Conditions();
    return read(given, "SELECT b.* FROM batch b " + walk(given) + order());
  }

  private Flux<BatchRecord> byStatus() {
    Conditions given = new Conditions();
    return read(
        given,
        "SELECT b.* FROM unnest("
            + given.value(statuses())
            + "::text[]) st(status) JOIN LATERAL (SELECT s.namespace, s.batch AS id, s.opened_at FROM batch_state s"
            + given.when("WHERE s.namespace = ? AND s.status = st.status", query.namespace())
            + given.when("AND (s.opened_at, s.batch) < (?, ?)", openedAt(), id())
            + " ORDER BY s.opened_at DESC, s.batch DESC LIMIT "
            + Math.max(query.limit(), LARGEST_PAGE)
            + ") b ON true"
            + order());
  }

  private Flux<BatchRecord> among() {
    Conditions given = new Conditions();
    return read(
        given,
        "SELECT b.* FROM (SELECT b.* FROM batch b "
            + walk(given)
            + NEWEST
            + "LIMIT "
            + WALKED
            + ") b "
            + STATE
            + "WHERE true "
            + others(given)
            + order());
  }

  /** Without the namespace no index but that of the condition can be meant. */
  private Flux<BatchRecord> byWhatIsRare() {
    Conditions given = new Conditions();
    String pattern = query.smallText() == null ? null : Needle.pattern(query.smallText());
    String hits;
    if (pattern != null) {
      hits = "SELECT b.* FROM batch b" + given.when("WHERE b.words LIKE ?", pattern);
    } else if (labels != null) {
      hits = "SELECT b.* FROM batch b" + given.when("WHERE b.labels @> ?::jsonb", labels);
    } else if (statuses != null) {
      hits =
          "SELECT b.* FROM (SELECT s.namespace, s.batch FROM batch_state s"
              + given.when(
                  "WHERE s.namespace = ? AND s.status = ANY(?)", query.namespace(), statuses)
              + " OFFSET 0) s JOIN batch b ON b.namespace = s.namespace AND b.id = s.batch";
    } else {
      hits = "SELECT b.* FROM batch b" + walk(given);
    }
    return read(
        given,
        "SELECT b.* FROM (WITH hit AS MATERIALIZED ("
            + hits
            + ") SELECT * FROM hit) b "
            + STATE
            + walk(given)
            + others(given)
            + order());
  }

  private String walk(Conditions given) {
    return given.when("WHERE b.namespace = ?", query.namespace())
        + given.when("AND b.table_name = ?", query.table())
        + given.when("AND b.period = ?", query.period())
        + given.when("AND b.parent = ?", query.parent())
        + given.when("AND (b.opened_at, b.id) < (?, ?)", openedAt(), id());
  }

  private String others(Conditions given) {
    return given.when("AND s.status = ANY(?)", (Object) statuses)
        + given.when("AND b.labels @> ?::jsonb", labels)
        + given.when("AND strpos(b.words, ?) > 0", query.smallText());
  }

  private String order() {
    return NEWEST + "LIMIT " + Math.max(query.limit(), LARGEST_PAGE);
  }

  private String[] statuses() {
    return statuses == null ? new String[0] : statuses;
  }

  private @Nullable Instant openedAt() {
    return query.after() == null ? null : query.after().openedAt();
  }

  private @Nullable UUID id() {
    return query.after() == null ? null : query.after().id();
  }

  /** The records of the batches that a statement chooses; only of these more is read. */
  private Flux<BatchRecord> read(Conditions given, String chosen) {
    String page =
        "(SELECT * FROM (" + chosen + ") b" + NEWEST + "LIMIT " + given.value(query.limit());
    return database.read(
        connection ->
            BatchRows.query(
                given.on(connection, BatchRows.records(page + ") w") + NEWEST), BatchRows::record));
  }
}
