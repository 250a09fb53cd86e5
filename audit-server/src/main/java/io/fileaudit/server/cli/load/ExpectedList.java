package io.fileaudit.server.cli.load;

import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.server.cli.scan.CsvFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads which files should come from a list: one name a line, or CSV with {@code
 * name,rows,bytes,checksum} of which all but the name may be left out or empty. A first line that
 * begins with {@code name} or {@code file} and a comma is a header.
 */
public final class ExpectedList {
  private static final int MOST_FIELDS = 4;
  private static final RowFormat FORMAT =
      new RowFormat(',', CsvFormat.RFC_4180, StandardCharsets.UTF_8, "");

  private ExpectedList() {}

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  public static List<ExpectedFile> read(InputStream in) throws IOException {
    List<ExpectedFile> files = new ArrayList<>();
    RowReader reader = new RowReader(in, FORMAT);
    RowChunk chunk = new RowChunk();
    try {
      boolean first = true;
      while (reader.fill(chunk)) {
        if (!chunk.bad().isEmpty()) {
          BadRow bad = chunk.bad().get(0);
          throw wrong(bad.line(), bad.message());
        }
        for (int row = 0; row < chunk.rows(); row++) {
          List<String> fields = chunk.fields(row);
          if (!first || !isHeader(fields)) {
            files.add(file(fields, chunk.line(row)));
          }
          first = false;
        }
      }
    } catch (UnreadableFile e) {
      throw new IllegalArgumentException("the list of expected files: " + e.reason(), e);
    }
    return files;
  }

  private static boolean isHeader(List<String> fields) {
    return fields.size() > 1 && (fields.get(0).equals("name") || fields.get(0).equals("file"));
  }

  private static ExpectedFile file(List<String> fields, long line) {
    String name = fields.get(0).strip();
    if (name.isEmpty() || fields.size() > MOST_FIELDS) {
      throw wrong(line, "expected a name, or name,rows,bytes,checksum");
    }
    return new ExpectedFile(
        name, number(fields, 1, "rows", line), number(fields, 2, "bytes", line), field(fields, 3));
  }

  private static @Nullable String field(List<String> fields, int index) {
    String field = index < fields.size() ? fields.get(index).strip() : "";
    return field.isEmpty() ? null : field;
  }

  private static @Nullable Long number(List<String> fields, int index, String name, long line) {
    String field = field(fields, index);
    try {
      return field == null ? null : Long.valueOf(field);
    } catch (NumberFormatException e) {
      throw wrong(line, name + " is \"" + field + "\", expected a number");
    }
  }

  private static IllegalArgumentException wrong(long line, String what) {
    return new IllegalArgumentException("the list of expected files, line " + line + ": " + what);
  }
}
