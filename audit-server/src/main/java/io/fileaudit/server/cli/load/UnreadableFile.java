package io.fileaudit.server.cli.load;

/** Says that a file cannot be loaded for what is in it, or how it can be read. */
public final class UnreadableFile extends Exception {
  private static final long serialVersionUID = 1L;

  /** The file ends inside quotes. */
  public static final String UNTERMINATED_QUOTE = "unterminated-quote";

  /** A record that is longer than {@link RowReader#LONGEST_ROW_BYTES}. */
  public static final String ROW_TOO_LONG = "row-too-long";

  /** A gzip or zip that ends too early or is damaged. */
  public static final String CORRUPT_ARCHIVE = "corrupt-archive";

  /** Its header names a column that the table does not have, or one twice, or there is none. */
  public static final String HEADER_MISMATCH = "header-mismatch";

  private final String code;

  public UnreadableFile(String code, String message) {
    super(message);
    this.code = code;
  }

  /** A stable word to group by. */
  public String code() {
    return code;
  }

  /** Why, for people; the file's name is not in it. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
