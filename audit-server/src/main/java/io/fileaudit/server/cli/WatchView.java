package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.LimitView;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a batch that is watched is shown: as one line, or as a block of lines that fits a terminal. A
 * function of values.
 *
 * @param batch where it stood
 * @param sinceSeconds how long ago that was
 * @param rowsPerSecond how fast it is; null where that is not known yet
 * @param notice what else is to be said, as that the service is away
 */
record WatchView(
    Snapshot batch, double sinceSeconds, @Nullable Double rowsPerSecond, @Nullable String notice) {
  private static final String GAP = "  ";
  private static final int WIDEST_BAR = 60;
  private static final int PERCENT = 6;

  /** Everything in one line, without the batch's name. */
  String line() {
    return String.join(GAP, parts());
  }

  /** A block of lines of which none is wider; the first word of the second is the status. */
  List<String> block(int width) {
    List<String> lines = new ArrayList<>();
    lines.add(cut(title(), width));
    String line = "";
    for (String part : parts()) {
      if (line.isEmpty()) {
        line = cut(part, width);
      } else if (length(line) + GAP.length() + length(part) <= width) {
        line += GAP + part;
      } else {
        lines.add(line);
        line = cut(part, width);
      }
    }
    lines.add(line);
    Double progress = batch.progress();
    if (progress != null) {
      lines.add(bar(Math.min(1, Math.max(0, progress)), width));
    }
    return lines;
  }

  private String title() {
    StringBuilder title = new StringBuilder();
    if (batch.table() != null) {
      title.append(batch.table());
      title.append(batch.period() == null ? "" : "@" + batch.period()).append(GAP);
    }
    title.append(batch.id());
    return Printable.of(title.append(batch.name() == null ? "" : GAP + batch.name()).toString());
  }

  private List<String> parts() {
    List<String> parts = new ArrayList<>();
    BatchStatus status = batch.status();
    parts.add(status.name());
    batch.flags().forEach(flag -> parts.add(flag.name()));
    if (batch.run() > 1) {
      parts.add("run " + batch.run());
    }
    FileCounts files = batch.totals().files();
    long done = files.completed() + files.failed() + files.skipped();
    parts.add(
        files.expected() > 0
            ? Figures.count(done) + "/" + Figures.count(files.expected()) + " files"
            : Figures.count(done, "file", "files"));
    parts.add(Figures.count(files.failed()) + " failed");
    add(parts, files.running(), "running");
    add(parts, files.skipped(), "skipped");
    add(parts, batch.totals().refused(), "refused");
    parts.add(Figures.count(batch.totals().rows() + batch.totals().rowsInFlight()) + " rows");
    if (status.isOpen()) {
      if (rowsPerSecond != null) {
        parts.add(Figures.count(Math.round(rowsPerSecond)) + " rows/s");
      }
      Double idle = batch.idleSeconds();
      if (idle != null) {
        parts.add("idle " + clock(idle + sinceSeconds) + idleLimit());
      }
    } else {
      parts.add("took " + Figures.seconds(batch.elapsedSeconds()));
      verdict(parts);
    }
    if (notice != null) {
      parts.add(notice);
    }
    return parts;
  }

  private void verdict(List<String> parts) {
    Verdict verdict = batch.verdict();
    if (verdict == null) {
      return;
    }
    parts.add(BatchReport.reason(verdict));
    if (verdict.findings() != null && !verdict.findings().isEmpty()) {
      parts.add("because " + verdict.findings().inWords());
    }
    if (verdict.message() != null) {
      parts.add(Printable.of(verdict.message()));
    }
  }

  private String idleLimit() {
    LimitView limit = batch.limits().get("idle");
    return limit == null || limit.after() == null
        ? ""
        : " of " + clock(limit.after().toMillis() / 1000.0);
  }

  private static void add(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(Figures.count(count) + " " + what);
    }
  }

  /** Whole seconds: a clock that is drawn once a second. */
  private static String clock(double seconds) {
    return seconds < 60 ? Math.round(Math.floor(seconds)) + "s" : Figures.seconds(seconds);
  }

  private static String bar(double share, int width) {
    int cells = Math.max(1, Math.min(WIDEST_BAR, width - PERCENT - 2));
    int full = (int) Math.floor(share * cells);
    return "["
        + "#".repeat(full)
        + ".".repeat(cells - full)
        + "]"
        + String.format(Locale.ROOT, "%4d %%", (int) Math.floor(share * 100));
  }

  private static String cut(String text, int width) {
    return length(text) <= width
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
