package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where commands print: what was asked for on stdout, everything else on stderr, both in UTF-8. The
 * one place that knows of the two streams. Thread-safe.
 */
final class Console {
  /** Thrown where nobody reads the output any more. */
  static final class BrokenPipe extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean outTerminal;
  private final boolean errTerminal;
  private final boolean colours;
  private boolean transientLine;
  private int drawnLines;

  /**
   * A console over two streams.
   *
   * @param outTerminal whether a person looks at {@code out} directly
   * @param errTerminal whether a person looks at {@code err} directly
   */
  Console(
      PrintStream out, PrintStream err, boolean outTerminal, boolean errTerminal, boolean colours) {
    this.out = out;
    this.err = err;
    this.outTerminal = outTerminal;
    this.errTerminal = errTerminal;
    this.colours = colours && outTerminal;
  }

  /** The process's own streams. The launcher knows which of them are terminals, Java does not. */
  static Console ofProcess(Environment environment) {
    boolean dumb = "dumb".equals(environment.get("TERM"));
    boolean colours = environment.variables().getOrDefault("NO_COLOR", "").isEmpty() && !dumb;
    return new Console(
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Boolean.getBoolean("audit.stdout.terminal"),
        Boolean.getBoolean("audit.stderr.terminal") && !dumb,
        colours);
  }

  /** Stdout for the library that prints help. */
  PrintWriter outWriter() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  /** Stderr for the library that reads arguments. */
  PrintWriter errWriter() {
    return new PrintWriter(err, true, StandardCharsets.UTF_8);
  }

  boolean outTerminal() {
    return outTerminal;
  }

  boolean errTerminal() {
    return errTerminal;
  }

  /** Prints a line of what was asked for. On a terminal nothing in it can be a command. */
  synchronized void data(String line) {
    clear();
    out.print(outTerminal ? Printable.of(line) : line);
    endLine();
  }

  /** Prints a line whose parts are harmless already; it may hold colours. */
  synchronized void text(String line) {
    clear();
    out.print(line);
    endLine();
  }

  private void endLine() {
    out.print('\n');
    if (out.checkError()) {
      throw new BrokenPipe();
    }
  }

  /** Says something about the work, on stderr. */
  synchronized void say(String line) {
    clear();
    err.print(line + "\n");
    err.flush();
  }

  /** Shows a line on stderr that the next one replaces; nothing where that is no terminal. */
  synchronized void show(String line) {
    if (errTerminal) {
      err.print(CLEAR_LINE + line);
      err.flush();
      transientLine = true;
    }
  }

  /**
   * Draws lines on stdout over those that it drew before; only on a terminal that is wide enough
   * for them. The cursor stays below, so that nothing is to be put right where the process ends.
   */
  synchronized void draw(List<String> lines) {
    StringBuilder text = new StringBuilder();
    if (drawnLines > 0) {
      text.append("\u001b[").append(drawnLines).append('A');
    }
    lines.forEach(line -> text.append(CLEAR_LINE).append(line).append('\n'));
    out.print(text.append("\u001b[J"));
    drawnLines = lines.size();
    out.flush();
    if (out.checkError()) {
      throw new BrokenPipe();
    }
  }

  private void clear() {
    if (transientLine) {
      err.print(CLEAR_LINE);
      err.flush();
      transientLine = false;
    }
  }

  /** A status word, coloured where colours are wanted, filled with spaces to a width. */
  String status(BatchStatus status, int width) {
    String word = String.format("%-" + Math.max(width, 1) + "s", status.name());
    if (!colours) {
      return word;
    }
    String colour =
        switch (status) {
          case COMPLETED -> "32";
          case INCOMPLETE, FAILED, TIMED_OUT -> "31";
          case CANCELLED -> "33";
          case PENDING, RUNNING -> "36";
        };
    return "\u001b[" + colour + "m" + word + "\u001b[0m";
  }
}
