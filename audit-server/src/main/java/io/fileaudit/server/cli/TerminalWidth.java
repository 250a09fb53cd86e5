package io.fileaudit.server.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** How many columns the terminal has at this moment, as {@code stty} says; else what is usual. */
final class TerminalWidth {
  private static final File TERMINAL = new File("/dev/tty");
  private static final int USUAL = 80;
  private static final int NARROWEST = 20;

  private TerminalWidth() {}

  /** Asks anew each time, because windows are resized. */
  static int columns(Environment environment) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(TERMINAL)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        return usable(said.strip().substring(said.indexOf(' ') + 1));
      }
    } catch (IOException | NumberFormatException e) {
      // No such program, or no terminal: as below.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String set = environment.get("COLUMNS");
    try {
      return set == null ? USUAL : usable(set);
    } catch (NumberFormatException e) {
      return USUAL;
    }
  }

  private static int usable(String columns) {
    int number = Integer.parseInt(columns);
    return number == 0 ? USUAL : Math.max(NARROWEST, number);
  }
}
