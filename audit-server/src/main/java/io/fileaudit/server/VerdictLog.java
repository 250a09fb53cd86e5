package io.fileaudit.server;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.core.watch.Verdicts.Decision;
import io.fileaudit.server.access.SecurityLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Counts every decision and writes it into the log with its evidence, so that what became of a
 * batch can be told from the log alone. Thread-safe.
 */
final class VerdictLog {
  private static final Logger log = LoggerFactory.getLogger("io.fileaudit.verdicts");

  private final MeterRegistry registry;

  /** Counts in that registry; what may be decided is there from 0 on, so that a first one shows. */
  VerdictLog(MeterRegistry registry) {
    this.registry = registry;
    EnumSet.of(
            VerdictReason.DEADLINE,
            VerdictReason.IDLE,
            VerdictReason.NEVER_STARTED,
            VerdictReason.NO_PROGRESS)
        .forEach(reason -> counter(BatchStatus.TIMED_OUT, reason));
    EnumSet.of(
            BatchStatus.COMPLETED,
            BatchStatus.INCOMPLETE,
            BatchStatus.FAILED,
            BatchStatus.CANCELLED)
        .forEach(status -> counter(status, VerdictReason.REQUESTED));
    counter(BatchStatus.CANCELLED, VerdictReason.PARENT_ENDED);
    counter(BatchStatus.RUNNING, VerdictReason.RESUMED);
  }

  private Counter counter(BatchStatus status, VerdictReason reason) {
    return Counter.builder("audit.verdicts")
        .description("Decisions made on this node, by what the batch became and why")
        .tag("status", status.name().toLowerCase(Locale.ROOT))
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  void note(Decision decision) {
    Verdict verdict = decision.verdict();
    counter(verdict.status(), verdict.reason()).increment();
    LoggingEventBuilder line = log.atInfo();
    line = add(line, "batch_id", decision.key().id());
    line = add(line, "namespace", decision.key().namespace());
    line = add(line, "table", decision.table());
    line = add(line, "period", decision.period());
    line = add(line, "run", verdict.run());
    line = add(line, "status", verdict.status());
    line = add(line, "requested", verdict.requested());
    line = add(line, "reason", verdict.reason());
    line = add(line, "limit", verdict.limit());
    line = add(line, "limit_after", verdict.after());
    line = add(line, "opened_at", verdict.openedAt());
    line = add(line, "started_at", verdict.startedAt());
    line = add(line, "last_activity_at", verdict.lastActivityAt());
    line = add(line, "last_progress_at", verdict.lastProgressAt());
    line = add(line, "decided_at", verdict.decidedAt());
    line = add(line, "node", verdict.node());
    line = add(line, "by", verdict.by());
    line = add(line, "said", verdict.message());
    line = add(line, "ledger_number", verdict.seq());
    line.log(
        "batch {}{} run {} is {} ({}); opened {}, started {}, last activity {}, last progress {}, decided {} by {}",
        decision.key(),
        load(decision),
        verdict.run(),
        verdict.status(),
        verdict.limit() == null
            ? verdict.reason()
            : verdict.reason() + ", limit " + verdict.limit() + " " + verdict.after(),
        verdict.openedAt(),
        verdict.startedAt(),
        verdict.lastActivityAt(),
        verdict.lastProgressAt(),
        verdict.decidedAt(),
        verdict.node());
  }

  /** Numbers stay numbers; the rest is text. What is not there is left out. */
  private static LoggingEventBuilder add(
      LoggingEventBuilder line, String name, @Nullable Object value) {
    return value == null
        ? line
        : line.addKeyValue(name, value instanceof Number ? value : value.toString());
  }

  private static String load(Decision decision) {
    String period = decision.period() == null ? "" : " " + decision.period();
    return decision.table() == null
        ? ""
        : " of " + SecurityLog.printable(decision.table() + period);
  }
}
