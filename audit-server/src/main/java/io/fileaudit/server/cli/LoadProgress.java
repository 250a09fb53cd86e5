package io.fileaudit.server.cli;

import io.fileaudit.server.cli.load.BadRow;
import java.util.function.LongSupplier;

/**
 * Shows on stderr how far a load has come: a bar that is written over on a terminal, else a plain
 * line every ten seconds. Thread-safe.
 */
final class LoadProgress {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int BAR = 24;

  private final Console console;
  private final LongSupplier nanoTime;
  private final long beganAt;
  private long shownAt;
  private long files;
  private long bytesInAll;
  private long ended;
  private long failed;
  private long skipped;
  private long rows;
  private long bytes;

  /** Shows on that console, by a monotonic clock of nanoseconds. */
  LoadProgress(Console console, LongSupplier nanoTime) {
    this.console = console;
    this.nanoTime = nanoTime;
    this.beganAt = nanoTime.getAsLong();
    this.shownAt = beganAt;
  }

  synchronized void found(long size) {
    files++;
    bytesInAll += size;
    show();
  }

  /** Of the file that is being read, since it was last said; negative where it begins again. */
  synchronized void read(long moreRows, long moreBytes) {
    rows += moreRows;
    bytes += moreBytes;
    show();
  }

  synchronized void completed() {
    ended++;
    show();
  }

  synchronized void failed(String name, String code, String message) {
    ended++;
    failed++;
    console.say(Printable.of("failed  " + name + "  " + code + ": " + message));
  }

  synchronized void skipped() {
    ended++;
    skipped++;
    show();
  }

  void bad(String name, BadRow row) {
    console.say(
        Printable.of(
            "bad row  " + name + " line " + row.line() + "  " + row.code() + ": " + row.message()));
  }

  void say(String line) {
    console.say(Printable.of(line));
  }

  private void show() {
    long now = nanoTime.getAsLong();
    if (now - shownAt < (console.errTerminal() ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    shownAt = now;
    if (console.errTerminal()) {
      console.show(bar() + " " + line(now));
    } else {
      console.say(line(now));
    }
  }

  private String bar() {
    double share = bytesInAll == 0 ? 0 : Math.min(1.0, (double) bytes / bytesInAll);
    int full = (int) (share * BAR);
    return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
  }

  private String line(long now) {
    double seconds = Math.max((now - beganAt) / 1e9, 0.001);
    StringBuilder line = new StringBuilder();
    line.append(Figures.count(ended)).append(" of ").append(Figures.count(files, "file", "files"));
    line.append(", ").append(Figures.size(bytes));
    line.append(", ").append(Figures.count(rows, "row", "rows"));
    line.append(", ").append(Figures.count((long) (rows / seconds))).append("/s");
    if (failed > 0) {
      line.append(", ").append(Figures.count(failed)).append(" failed");
    }
    if (skipped > 0) {
      line.append(", ").append(Figures.count(skipped)).append(" skipped");
    }
    return line.toString();
  }
}
