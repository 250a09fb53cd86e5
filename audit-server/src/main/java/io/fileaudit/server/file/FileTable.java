package io.fileaudit.server.file;

import io.fileaudit.api.file.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * Writes files as CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front, because names come from whoever loads.
 */
final class FileTable {
  static final String HEADER =
      "file,state,run,attempt,rows,rejected_rows,bytes,checksum,started_at,ended_at,error_code,error_message,conflict\r\n";

  private static final String FORMULA = "=+-@\t\r";

  private FileTable() {}

  static String line(Manifest file) {
    StringBuilder line = new StringBuilder(200);
    cell(line, file.file());
    cell(line, file.state());
    cell(line, file.run());
    cell(line, file.attempt());
    cell(line, file.rows());
    cell(line, file.rejectedRows());
    cell(line, file.bytes());
    cell(line, file.checksum());
    cell(line, file.startedAt());
    cell(line, file.endedAt());
    cell(line, file.error() == null ? null : file.error().code());
    cell(line, file.error() == null ? null : file.error().message());
    cell(line, file.conflict());
    line.setLength(line.length() - 1);
    return line.append("\r\n").toString();
  }

  private static void cell(StringBuilder line, @Nullable Object value) {
    String text = value == null ? "" : value.toString();
    if (!text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean quoted = text.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    line.append(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text).append(',');
  }
}
