package io.fileaudit.server.cli;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.LimitView;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
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
    if (batch.parent() != null) {
      line(console, "parent", batch.parent().toString());
    }
    if (!batch.labels().isEmpty()) {
      line(console, "labels", labels(batch.labels()));
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
    batch.limits().forEach((name, limit) -> limit(console, name, limit));
    Usual usual = batch.usual();
    if (usual != null) {
      line(console, "usual", usual(usual));
    }
    Verdict verdict = batch.verdict();
    if (verdict != null) {
      verdict(console, verdict);
    }
  }

  private static String labels(Map<String, String> labels) {
    StringJoiner text = new StringJoiner(", ");
    new TreeMap<>(labels).forEach((key, value) -> text.add(key + "=" + value));
    return text.toString();
  }

  /** A limit that runs; the others say nothing of where the batch stands. */
  private static void limit(Console console, String name, LimitView limit) {
    Double left = limit.leftSeconds();
    if (left != null) {
      String time =
          left < 0 ? "over since " + Figures.seconds(-left) : Figures.seconds(left) + " left";
      line(
          console,
          "limit",
          name + " " + limit.after() + ", " + time + ", then " + limit.action().wireName());
    }
  }

  private static String usual(Usual usual) {
    return Figures.seconds(usual.medianSeconds())
        + " and "
        + Figures.count(Math.round(usual.medianRows()))
        + " rows at the median of "
        + Figures.count(usual.batches(), "load", "loads");
  }

  private static String inFlight(Snapshot batch) {
    long rows = batch.totals().rowsInFlight();
    return rows == 0 ? "" : "  and " + Figures.count(rows) + " in files still running";
  }

  /** Why it was decided so, in a line: the reason, and the limit that was over. */
  static String reason(Verdict verdict) {
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
    return text.toString();
  }

  private static void verdict(Console console, Verdict verdict) {
    line(console, "verdict", reason(verdict) + ", at " + verdict.decidedAt());
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
