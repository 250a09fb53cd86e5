package io.fileaudit.r2dbc;

import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.store.FileQuery;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Pages of a batch's files. A text is looked for among the next names first, where a frequent one
 * is found soon, and then by the index of pieces of names, which knows all places of a rare one but
 * not their order.
 */
final class FilePages {
  /** More than anybody asks for to look at; who wants more reads all. */
  private static final int LARGEST_PAGE = 1_001;

  private static final int WALKED = 4_000;
  private static final String ORDER = " ORDER BY left(m.file, 600), m.file LIMIT ";

  /**
   * The bound of every page, said as a number, so that few rows are expected of it whatever its
   * size.
   */
  private static final String FEW = ORDER + LARGEST_PAGE;

  private final Database database;
  private final BatchKey key;
  private final FileQuery query;

  FilePages(Database database, BatchKey key, FileQuery query) {
    this.database = database;
    this.key = key;
    this.query = query;
  }

  /** Files behind a name. */
  Flux<Manifest> page(String after, int limit) {
    String text = query.text();
    if (text == null || query.limit() > LARGEST_PAGE) {
      return all(after, limit);
    }
    String pattern = Needle.pattern(text);
    return among(after, limit, text)
        .collectList()
        .flatMapMany(
            found ->
                found.size() == limit
                    ? Flux.fromIterable(found)
                    : pattern == null ? all(after, limit) : byPieces(after, limit, text, pattern));
  }

  private Flux<Manifest> all(String after, int limit) {
    Conditions given = new Conditions();
    return read(
        given,
        "SELECT m.file, m.account FROM (SELECT m.file, m.account FROM manifest m "
            + behind(given, after)
            + given.when("AND strpos(m.file, ?) > 0", query.text())
            + FEW
            + ") m"
            + ORDER
            + given.value(limit));
  }

  private Flux<Manifest> among(String after, int limit, String text) {
    Conditions given = new Conditions();
    return read(
        given,
        "SELECT m.file, m.account FROM (SELECT m.file, m.account FROM manifest m "
            + behind(given, after)
            + ORDER
            + WALKED
            + ") m "
            + given.when("WHERE strpos(m.file, ?) > 0", text)
            + ORDER
            + given.value(limit));
  }

  /** Without the namespace no index but that of pieces can be meant; hits are counted out later. */
  private Flux<Manifest> byPieces(String after, int limit, String text, String pattern) {
    Conditions given = new Conditions();
    return read(
        given,
        "WITH hit AS MATERIALIZED (SELECT m.namespace, m.batch, m.file, m.state, m.error_code FROM manifest m "
            + given.when("WHERE m.batch = ? AND m.file LIKE ?", key.id(), pattern)
            + given.when("AND strpos(m.file, ?) > 0", text)
            + "), page AS MATERIALIZED (SELECT m.namespace, m.batch, m.file FROM hit m "
            + behind(given, after)
            + ORDER
            + given.value(limit)
            + ") SELECT m.file, m.account FROM page p JOIN LATERAL (SELECT * FROM manifest o"
            + " WHERE o.namespace = p.namespace AND o.batch = p.batch AND left(o.file, 600) = left(p.file, 600)"
            + " AND o.file = p.file LIMIT 1) m ON true ORDER BY left(m.file, 600), m.file");
  }

  private String behind(Conditions given, String after) {
    return given.when("WHERE m.namespace = ? AND m.batch = ?", key.namespace(), key.id())
        + given.when("AND m.state = ?", state())
        + given.when("AND m.state = 'FAILED' AND m.error_code = ?", query.error())
        + given.when("AND left(m.file, 600) >= left(?::text COLLATE \"C\", 600)", after)
        + given.when("AND m.file > ?::text COLLATE \"C\"", after);
  }

  private @Nullable String state() {
    return query.state() == null ? null : query.state().name();
  }

  private Flux<Manifest> read(Conditions given, String sql) {
    return database.read(
        connection ->
            BatchRows.query(
                given.on(connection, sql),
                row ->
                    FileAccountJson.read(BatchRows.text(row, "account"))
                        .toManifest(BatchRows.text(row, "file"))));
  }
}
