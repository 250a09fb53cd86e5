package io.fileaudit.server.cli;

import io.fileaudit.api.json.AuditJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints items as they come, in any of the formats. A table's widths are those of its first 1,000
 * rows, so that a long list needs no memory; a wider value further down pushes its row to the
 * right. Not thread-safe.
 */
final class ListPrinter<T> {
  private static final int MEASURED_ROWS = 1_000;
  private static final String GAP = "  ";

  private final Console console;
  private final OutputFormat format;
  private final List<Column<T>> tableColumns;
  private final List<Column<T>> csvColumns;
  private final List<List<String>> held = new ArrayList<>();
  private int[] widths = {};
  private boolean begun;

  /** A printer of a list; a table and a CSV file may show different columns. */
  ListPrinter(
      Console console,
      OutputFormat format,
      List<Column<T>> tableColumns,
      List<Column<T>> csvColumns) {
    this.console = console;
    this.format = format;
    this.tableColumns = tableColumns;
    this.csvColumns = csvColumns;
  }

  void print(T item) {
    switch (format) {
      case JSONL -> console.data(json(item));
      case JSON -> {
        console.data((begun ? "," : "[") + json(item));
        begun = true;
      }
      case CSV -> {
        header();
        console.data(csv(csvColumns.stream().map(column -> column.of(item)).toList()));
      }
      case TABLE ->
          row(tableColumns.stream().map(column -> Printable.of(column.of(item))).toList());
    }
  }

  /** Prints what is still held back; only after the last item, and not where items are missing. */
  void finish() {
    switch (format) {
      case JSON -> console.data(begun ? "]" : "[]");
      case CSV -> header();
      case TABLE -> {
        if (!begun) {
          measure();
        }
      }
      case JSONL -> {}
    }
  }

  private void header() {
    if (!begun) {
      begun = true;
      console.data(csv(csvColumns.stream().map(Column::name).toList()));
    }
  }

  private void row(List<String> cells) {
    if (begun) {
      console.text(line(cells));
      return;
    }
    held.add(cells);
    if (held.size() == MEASURED_ROWS) {
      measure();
    }
  }

  private void measure() {
    begun = true;
    if (held.isEmpty()) {
      return;
    }
    List<String> header =
        tableColumns.stream().map(column -> column.name().toUpperCase(Locale.ROOT)).toList();
    widths = new int[tableColumns.size()];
    held.add(0, header);
    for (List<String> cells : held) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(cells.get(i)));
      }
    }
    held.forEach(cells -> console.text(line(cells)));
    held.clear();
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String padding = " ".repeat(Math.max(0, widths[i] - length(cells.get(i))));
      line.append(i == 0 ? "" : GAP);
      if (tableColumns.get(i).right()) {
        line.append(padding).append(cells.get(i));
      } else {
        line.append(cells.get(i)).append(padding);
      }
    }
    return line.toString().stripTrailing();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String json(Object item) {
    return AuditJson.lenient().writeValueAsString(item);
  }

  private static String csv(List<String> cells) {
    return String.join(",", cells.stream().map(ListPrinter::csvCell).toList());
  }

  /** A cell that a spreadsheet would take for a formula gets a leading apostrophe. */
  private static String csvCell(String cell) {
    String safe = !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0 ? "'" + cell : cell;
    boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
  }
}
