package io.fileaudit.server.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads an input line by line into a window, on a thread of its own that nobody waits for: a read
 * from a pipe cannot be interrupted. Blank lines count and are not sent.
 */
final class InputLines {
  /** Somewhat above the 65,536 bytes that the service takes; what is behind is not read. */
  private static final int MOST_BYTES = 70_000;

  private static final int[] BYTE_ORDER_MARK = {0xef, 0xbb, 0xbf};

  private final InputStream input;
  private final LineWindow window;
  private long number;

  private InputLines(InputStream input, LineWindow window) {
    this.input = new BufferedInputStream(input, 64 * 1024);
    this.window = window;
  }

  /** Begins to read; what goes wrong ends the window with a {@link CommandException}. */
  static void read(InputStream input, LineWindow window) {
    Thread thread = new Thread(() -> new InputLines(input, window).run(), "audit-input");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      passOverMark();
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = input.read(); next >= 0; next = input.read()) {
        if (next == '\n') {
          put(line.toByteArray());
          line.reset();
        } else if (line.size() < MOST_BYTES) {
          line.write(next);
        }
      }
      put(line.toByteArray());
      window.end(null);
    } catch (IOException e) {
      window.end(
          new CommandException(ExitCode.USAGE, "the input cannot be read: " + e.getMessage()));
    } catch (InterruptedException e) {
      window.end(new CommandException(ExitCode.INTERRUPTED, "interrupted"));
    } catch (RuntimeException e) {
      window.end(e);
    }
  }

  private void passOverMark() throws IOException {
    input.mark(BYTE_ORDER_MARK.length);
    for (int expected : BYTE_ORDER_MARK) {
      if (input.read() != expected) {
        input.reset();
        return;
      }
    }
  }

  private void put(byte[] line) throws InterruptedException {
    number++;
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        window.put(SentLine.of(number, line));
        return;
      }
    }
  }
}
