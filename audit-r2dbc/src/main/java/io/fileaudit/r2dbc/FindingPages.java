package io.fileaudit.r2dbc;

import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.file.SameContent;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Reconciliation;
import io.fileaudit.core.file.FileAccountJson;
import io.fileaudit.core.store.FindingQuery;
import io.r2dbc.spi.Readable;
import java.util.UUID;
import reactor.core.publisher.Flux;

/**
 * Pages of the files of a batch that differ from what was announced. What is missing, short or
 * unfinished has indexes; for the rest each file up to the end of what is asked for is looked at.
 */
final class FindingPages {
  private static final String SAME =
      """
      SELECT o.batch, o.file
        FROM manifest o JOIN batch ob ON ob.namespace = o.namespace AND ob.id = o.batch
        JOIN batch b ON b.namespace = m.namespace AND b.id = m.batch
       WHERE m.state = 'COMPLETED' AND o.namespace = m.namespace AND o.checksum = m.checksum AND o.state = 'COMPLETED'
         AND (CASE WHEN o.batch = m.batch THEN o.file <> m.file
              ELSE ob.table_name = b.table_name AND ob.opened_at < b.opened_at END)
       ORDER BY ob.opened_at, o.batch, left(o.file, 600), o.file LIMIT 1
      """;

  private static final String ORDER = " ORDER BY left(m.file, 600), m.file LIMIT ";
  private static final int LARGEST_PAGE = 1_001;

  private final Database database;
  private final BatchRecord batch;
  private final Reconciliation.Announced announced;
  private final FindingQuery query;

  FindingPages(
      Database database,
      BatchRecord batch,
      Reconciliation.Announced announced,
      FindingQuery query) {
    this.database = database;
    this.batch = batch;
    this.announced = announced;
    this.query = query;
  }

  /** Findings behind a name. */
  Flux<FileFinding> page(String after, int limit) {
    Conditions given = new Conditions();
    Finding finding = query.finding();
    String sql =
        "SELECT m.file, m.account, d.batch AS same_batch, d.file AS same_file FROM "
            + source(given, after)
            + " m LEFT JOIN LATERAL ("
            + SAME
            + ") d ON true"
            + (finding == null ? " WHERE d.batch IS NOT NULL OR " + differs() : "")
            + (finding == Finding.DUPLICATE_CONTENT ? " WHERE d.batch IS NOT NULL" : "")
            + ORDER
            + given.value(limit);
    return database.read(connection -> BatchRows.query(given.on(connection, sql), this::finding));
  }

  /** The files that can be of a page. */
  private String source(Conditions given, String after) {
    Finding finding = query.finding();
    if (finding == null || finding == Finding.DUPLICATE_CONTENT) {
      return "(SELECT * FROM manifest m" + behind(given, after) + ")";
    }
    if (finding == Finding.UNFINISHED) {
      return "(SELECT m.* FROM (VALUES ('DISCOVERED'), ('RUNNING')) st(state) CROSS JOIN LATERAL"
          + " (SELECT * FROM manifest m"
          + behind(given, after)
          + "AND m.state = st.state"
          + ORDER
          + LARGEST_PAGE
          + ") m)";
    }
    return "(SELECT * FROM manifest m"
        + behind(given, after)
        + "AND "
        + switch (finding) {
          case MISSING -> "m.state = 'EXPECTED'";
          case SHORT -> "m.short";
          default -> unexpected();
        }
        + ORDER
        + LARGEST_PAGE
        + ")";
  }

  private String differs() {
    return "m.state IN ('EXPECTED', 'DISCOVERED', 'RUNNING') OR m.short OR (" + unexpected() + ")";
  }

  private String unexpected() {
    if (announced.pattern() != null) {
      return "NOT m.counted AND NOT m.expected AND m.state <> 'EXPECTED'";
    }
    return announced.byName() ? "NOT m.expected AND m.state <> 'EXPECTED'" : "false";
  }

  private String behind(Conditions given, String after) {
    return given.when(
            " WHERE m.namespace = ? AND m.batch = ?", batch.key().namespace(), batch.key().id())
        + given.when("AND left(m.file, 600) >= left(?::text COLLATE \"C\", 600)", after)
        + given.when("AND m.file > ?::text COLLATE \"C\"", after)
        + given.when("AND left(m.file, 600) <= left(?::text COLLATE \"C\", 600)", query.until())
        + given.when("AND m.file <= ?::text COLLATE \"C\"", query.until());
  }

  private FileFinding finding(Readable row) {
    UUID sameBatch = row.get("same_batch", UUID.class);
    return Reconciliation.of(
            BatchRows.text(row, "file"),
            FileAccountJson.read(BatchRows.text(row, "account")),
            announced,
            sameBatch == null ? null : new SameContent(sameBatch, BatchRows.text(row, "same_file")))
        .orElseThrow(() -> new IllegalStateException("a file without a finding was read"));
  }
}
