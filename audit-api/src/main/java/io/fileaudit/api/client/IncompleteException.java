package io.fileaudit.api.client;

import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says that a batch was to be completed and is not COMPLETED: its account holds something against
 * it, which {@link #report()} has in {@code ended().verdict().findings()}.
 */
public final class IncompleteException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient @Nullable DeliveryReport report;

  IncompleteException(DeliveryReport report) {
    super(message(report));
    this.report = report;
  }

  /** What was delivered, and how the batch ended; null only where this was serialized. */
  public @Nullable DeliveryReport report() {
    return report;
  }

  private static String message(DeliveryReport report) {
    Snapshot ended = Objects.requireNonNull(report.ended());
    Verdict verdict = ended.verdict();
    Findings findings = verdict == null ? null : verdict.findings();
    String because = findings == null || findings.isEmpty() ? "" : ": " + findings.inWords();
    return "batch " + report.batch() + " is " + ended.status() + because;
  }
}
