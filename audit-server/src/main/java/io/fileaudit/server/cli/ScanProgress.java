package io.fileaudit.server.cli;

import java.util.function.LongSupplier;

/**
 * Shows on stderr how far a scan has come: a line that is written over on a terminal, else a plain
 * line every ten seconds. Used by the scanning thread alone.
 */
final class ScanProgress {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int SHOWN_NAME = 40;

  private final Console console;
  private final LongSupplier nanoTime;
  private long shownAt;
  private long found;
  private long completed;
  private long failed;
  private long skipped;
  private long bytes;
  private long bytesOfThis;
  private String current = "";

  /** Shows on that console, by a monotonic clock of nanoseconds. */
  ScanProgress(Console console, LongSupplier nanoTime) {
    this.console = console;
    this.nanoTime = nanoTime;
    this.shownAt = nanoTime.getAsLong();
  }

  void found() {
    found++;
    show();
  }

  void reading(String name) {
    current = name;
    bytesOfThis = 0;
    show();
  }

  void reached(long bytesSoFar) {
    bytesOfThis = bytesSoFar;
    show();
  }

  void completed(long all) {
    completed++;
    bytes += all;
    bytesOfThis = 0;
    show();
  }

  void failed() {
    failed++;
    bytesOfThis = 0;
    show();
  }

  void skipped() {
    skipped++;
    show();
  }

  private void show() {
    long now = nanoTime.getAsLong();
    if (now - shownAt < (console.errTerminal() ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    shownAt = now;
    if (console.errTerminal()) {
      console.show(line() + "  " + shortened(Printable.of(current)));
    } else {
      console.say(line());
    }
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    line.append(Figures.count(completed))
        .append(" of ")
        .append(Figures.count(found, "file", "files"));
    line.append(", ").append(Figures.size(bytes + bytesOfThis));
    if (failed > 0) {
      line.append(", ").append(Figures.count(failed)).append(" failed");
    }
    if (skipped > 0) {
      line.append(", ").append(Figures.count(skipped)).append(" skipped");
    }
    return line.toString();
  }

  private static String shortened(String name) {
    int characters = name.codePointCount(0, name.length());
    return characters <= SHOWN_NAME
        ? name
        : "…" + name.substring(name.offsetByCodePoints(0, characters - SHOWN_NAME + 1));
  }
}
