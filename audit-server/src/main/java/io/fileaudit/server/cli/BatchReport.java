package io.fileaudit.server.cli;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Prints a batch for people: what it is, where it stands, its figures, and why it ended so. */
final class BatchReport {
  private static final String LINE = "%-9s %s";

  private BatchReport() {}

  /** Prints it in that format; a list of one where the format is for lists. */
  static void print(Console console, OutputFormat format, Snapshot batch) {
    switch (format) {
      case TABLE -> print(console, batch);
      case JSON, JSONL -> console.data(AuditJson.lenient().writeValueAsString(batch));
      case CSV -> {
        ListPrinter<Snapshot> list = BatchColumns.printer(console, format);
        list.print(batch);
        list.finish();
      }
    }
  }

  private static void print(Console console, Snapshot batch) {
    line(console, "batch", batch.id().toString());
    if (batch.name() != null) {
      line(console, "name", batch.name());
    }
    if (batch.table() != null) {
      line(console, "table", batch.table() + (batch.period() == null ? "" : "@" + batch.period()));
    }
    String run = batch.run() == 1 ? "" : "  (run " + batch.run() + ")";
    String flags = batch.flags().isEmpty() ? "" : "  " + batch.flags();
    console.text(String.format(LINE, "status", console.status(batch.status(), 1) + run + flags));
    line(console, "files", files(batch.totals().files()));
    line(console, "bytes", Figures.count(batch.totals().bytes()));
    line(console, "rows", Figures.count(batch.totals().rows()) + inFlight(batch));
    if (batch.totals().rejectedRows() > 0) {
      line(console, "rejected", Figures.count(batch.totals().rejectedRows(), "row", "rows"));
    }
    if (batch.totals().refused() > 0) {
      line(console, "refused", Figures.count(batch.totals().refused(), "event", "events"));
    }
    line(console, "opened", batch.openedAt() + "  by the service's clock");
    line(console, "elapsed", Figures.seconds(batch.elapsedSeconds()));
    Double idle = batch.idleSeconds();
    if (idle != null) {
      line(console, "idle", Figures.seconds(idle));
    }
    Verdict verdict = batch.verdict();
    if (verdict != null) {
      verdict(console, verdict);
    }
  }

  private static String inFlight(Snapshot batch) {
    long rows = batch.totals().rowsInFlight();
    return rows == 0 ? "" : "  and " + Figures.count(rows) + " in files still running";
  }

  private static void verdict(Console console, Verdict verdict) {
    StringBuilder text = new StringBuilder(verdict.reason().name());
    if (verdict.requested() != null) {
      text.append(", ").append(verdict.requested()).append(" was asked for");
    }
    if (verdict.limit() != null) {
      text.append(", limit ")
          .append(verdict.limit().wireName())
          .append(' ')
          .append(verdict.after());
    }
    line(console, "verdict", text.append(", at ").append(verdict.decidedAt()).toString());
    if (verdict.limit() != null) {
      line(console, "evidence", evidence(verdict));
    }
    Findings findings = verdict.findings();
    if (findings != null && !findings.isEmpty()) {
      line(console, "because", findings.inWords());
    }
    if (verdict.message() != null) {
      line(console, "message", verdict.message());
    }
  }

  /** The times that a limit was judged by, as the service's clock had them. */
  private static String evidence(Verdict verdict) {
    return "opened "
        + verdict.openedAt()
        + ", first event "
        + time(verdict.startedAt())
        + ", last heard of "
        + time(verdict.lastActivityAt())
        + ", last progress "
        + time(verdict.lastProgressAt());
  }

  private static String time(@Nullable Instant time) {
    return time == null ? "never" : time.toString();
  }

  /** The files by state, those that are not there left out. */
  static String files(FileCounts files) {
    StringJoiner text = new StringJoiner(", ");
    text.add(Figures.count(files.completed()) + " completed");
    add(text, files.failed(), "failed");
    add(text, files.running(), "running");
    add(text, files.discovered(), "discovered");
    add(text, files.skipped(), "skipped");
    add(text, files.missing(), "missing");
    add(text, files.expected(), "expected");
    return text.toString();
  }

  private static void add(StringJoiner text, long count, String what) {
    if (count > 0) {
      text.add(Figures.count(count) + " " + what);
    }
  }

  private static void line(Console console, String name, String value) {
    console.text(String.format(LINE, name, Printable.of(value)));
  }
}
