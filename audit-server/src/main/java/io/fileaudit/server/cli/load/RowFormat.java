package io.fileaudit.server.cli.load;

import io.fileaudit.server.cli.scan.CsvFormat;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * How records of a file are written.
 *
 * @param delimiter what stands between fields, ASCII
 * @param csv header and quoting
 * @param encoding how its bytes are characters
 * @param nullText the unquoted field that means NULL
 */
public record RowFormat(char delimiter, CsvFormat csv, Charset encoding, String nullText) {

  /** Comma, double quotes, no header, UTF-8, and an empty field is NULL. */
  public static final RowFormat USUAL =
      new RowFormat(',', CsvFormat.RFC_4180, StandardCharsets.UTF_8, "");

  /** Refuses delimiters that are not one byte, or could be a quote or a line end. */
  public RowFormat {
    if (delimiter == 0
        || delimiter >= 0x80
        || delimiter == '\n'
        || delimiter == '\r'
        || delimiter == csv.quote()) {
      throw new IllegalArgumentException(
          "the delimiter must be one ASCII character other than the quote and a line end, not code "
              + (int) delimiter);
    }
  }
}
