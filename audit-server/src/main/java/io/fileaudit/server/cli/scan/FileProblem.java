package io.fileaudit.server.cli.scan;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/**
 * Why a file could not be taken stock of: a code that programs can rely on and a sentence for
 * people. The sentence does not repeat the file's name; the event that carries it does.
 */
public record FileProblem(Code code, String message) {

  /** The kinds of problem. {@link #text()} is what goes over the wire and never changes. */
  public enum Code {
    /**
     * Nothing is there: removed since it was listed, never existed, or a link that leads to
     * nothing.
     */
    NOT_FOUND,
    PERMISSION_DENIED,
    /** Size, modification time or identity moved while it was read, or it was removed meanwhile. */
    CHANGED_WHILE_READING,
    /** A pipe, socket, device or directory where a file was expected. */
    NOT_A_REGULAR_FILE,
    /**
     * A link to a directory that was met inside a directory: not followed, for it may lead in a
     * circle.
     */
    LINK_TO_DIRECTORY,
    IO_ERROR,
    /** The CSV file ends inside quotes. */
    UNTERMINATED_QUOTE;

    /** The code as it is written in events, such as {@code not-found}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Names what the operating system said in one of the codes above. */
  public static FileProblem of(IOException error) {
    if (error instanceof NoSuchFileException missing) {
      String reason = missing.getReason();
      return new FileProblem(Code.NOT_FOUND, reason == null ? "no such file" : reason);
    }
    if (error instanceof AccessDeniedException) {
      return new FileProblem(Code.PERMISSION_DENIED, "permission denied");
    }
    String said =
        error instanceof FileSystemException fromFiles ? fromFiles.getReason() : error.getMessage();
    return new FileProblem(Code.IO_ERROR, said == null ? error.getClass().getSimpleName() : said);
  }

  /** The same problem, with words before its sentence that say where it arose. */
  FileProblem during(String what) {
    return new FileProblem(code, what + ": " + message);
  }
}
