package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Which columns a list of batches has. */
final class BatchColumns {
  private static final List<Column<Snapshot>> TABLE =
      List.of(
          Column.text("batch", batch -> batch.id()),
          Column.text("status", batch -> batch.status()),
          Column.text("table", batch -> batch.table()),
          Column.text("period", batch -> batch.period()),
          Column.number("completed", batch -> Figures.count(batch.totals().files().completed())),
          Column.number("failed", batch -> Figures.count(batch.totals().files().failed())),
          Column.number("rows", batch -> Figures.count(batch.totals().rows())),
          Column.number("bytes", batch -> Figures.count(batch.totals().bytes())),
          Column.text("opened", batch -> batch.openedAt().truncatedTo(ChronoUnit.SECONDS)),
          Column.text("name", batch -> batch.name()));

  private static final List<Column<Snapshot>> CSV =
      List.of(
          Column.text("id", batch -> batch.id()),
          Column.text("status", batch -> batch.status()),
          Column.number("run", batch -> batch.run()),
          Column.text("table", batch -> batch.table()),
          Column.text("period", batch -> batch.period()),
          Column.text("name", batch -> batch.name()),
          Column.text("parent", batch -> batch.parent()),
          Column.text("opened_at", batch -> batch.openedAt()),
          Column.text("ended_at", batch -> batch.endedAt()),
          Column.number("expected", batch -> batch.totals().files().expected()),
          Column.number("discovered", batch -> batch.totals().files().discovered()),
          Column.number("running", batch -> batch.totals().files().running()),
          Column.number("completed", batch -> batch.totals().files().completed()),
          Column.number("failed", batch -> batch.totals().files().failed()),
          Column.number("skipped", batch -> batch.totals().files().skipped()),
          Column.number("rows", batch -> batch.totals().rows()),
          Column.number("rejected_rows", batch -> batch.totals().rejectedRows()),
          Column.number("bytes", batch -> batch.totals().bytes()),
          Column.number("refused", batch -> batch.totals().refused()));

  private BatchColumns() {}

  /** A printer of batches. */
  static ListPrinter<Snapshot> printer(Console console, OutputFormat format) {
    return new ListPrinter<>(console, format, TABLE, CSV);
  }
}
