package io.fileaudit.server.file;

import org.jspecify.annotations.Nullable;

/**
 * A line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe
 * in front, because names come from whoever loads.
 */
final class CsvLine {
  private static final String FORMULA = "=+-@\t\r";

  private CsvLine() {}

  /** Those cells; null is an empty one. */
  static String of(@Nullable Object... cells) {
    StringBuilder line = new StringBuilder(200);
    for (Object cell : cells) {
      append(line, cell);
    }
    line.setLength(line.length() - 1);
    return line.append("\r\n").toString();
  }

  private static void append(StringBuilder line, @Nullable Object value) {
    String text = value == null ? "" : value.toString();
    if (!text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean quoted = text.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    line.append(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text).append(',');
  }
}
