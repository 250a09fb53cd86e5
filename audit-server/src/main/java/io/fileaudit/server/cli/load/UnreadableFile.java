package io.fileaudit.server.cli.load;

import io.fileaudit.server.cli.scan.FileProblem;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.ZipException;

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

  /** More bad rows than are put up with. */
  public static final String BAD_ROWS = "bad-rows";

  private final String code;
  private final long line;

  public UnreadableFile(String code, String message) {
    this(code, message, 0);
  }

  UnreadableFile(String code, String message, long line) {
    super(message);
    this.code = code;
    this.line = line;
  }

  /** The line that is at fault, from 1; 0 where it is no single one. */
  public long line() {
    return line;
  }

  /** What an error while reading comes to: damage of an archive, or what the disk said. */
  public static UnreadableFile of(IOException error) {
    if (error instanceof EOFException || error instanceof ZipException) {
      String said =
          error instanceof EOFException ? "it ends too early" : String.valueOf(error.getMessage());
      return new UnreadableFile(CORRUPT_ARCHIVE, "not whole: " + said);
    }
    FileProblem problem = FileProblem.of(error);
    return new UnreadableFile(problem.code().text(), problem.message());
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
