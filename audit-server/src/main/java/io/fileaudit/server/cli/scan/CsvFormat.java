package io.fileaudit.server.cli.scan;

/**
 * What must be known of a CSV file to count its records. The delimiter need not be; the encoding
 * may be any in which the ASCII characters are single bytes of their own (UTF-8, Latin-1,
 * Windows-1252 and the like).
 *
 * @param header whether the first record names the columns and is not counted
 * @param quote the quoting character, ASCII; {@link #UNQUOTED} where line ends always end a record
 */
public record CsvFormat(boolean header, char quote) {

  /** In the place of a quoting character: the file knows no quoting. */
  public static final char UNQUOTED = '\0';

  /** As RFC 4180 has it: double quotes, and no header unless said otherwise. */
  public static final CsvFormat RFC_4180 = new CsvFormat(false, '"');

  /**
   * Refuses quoting characters that cannot be told from a line end, or are not one byte in every
   * encoding.
   */
  public CsvFormat {
    if (quote >= 0x80 || quote == '\n' || quote == '\r') {
      throw new IllegalArgumentException(
          "the quoting character must be one ASCII character other than a line end, not code "
              + (int) quote);
    }
  }

  /** The same format, with or without a header. */
  public CsvFormat withHeader(boolean header) {
    return new CsvFormat(header, quote);
  }
}
