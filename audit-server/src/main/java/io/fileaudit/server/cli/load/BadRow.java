package io.fileaudit.server.cli.load;

/**
 * A row that is not loaded.
 *
 * @param line the line of the file that it begins on, from 1
 * @param code a stable word to group by
 * @param message why, for people
 */
public record BadRow(long line, String code, String message) {
  /** Another number of fields than columns. */
  public static final String WRONG_COLUMNS = "wrong-columns";

  /** It holds U+0000, which PostgreSQL cannot store. */
  public static final String NUL_CHARACTER = "nul-character";

  /** It holds bytes that are no characters in the encoding. */
  public static final String BAD_ENCODING = "bad-encoding";
}
