package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.core.batch.Tally.Figure;
import org.jspecify.annotations.Nullable;

/**
 * Judges a batch that its loader calls complete, by its account: a COMPLETED batch hides nothing.
 */
public final class Completion {
  private Completion() {}

  /** What speaks against COMPLETED; empty when nothing does. */
  public static Findings judge(
      BatchSpec spec, Tally tally, RefusalCounts refusals, SubBatches subs) {
    long counted = 0;
    if (spec.expected() != null && spec.expected().count() != null) {
      counted = Math.max(0, spec.expected().count() - tally.get(Figure.ARRIVED));
    }
    boolean zeroRowsCount = spec.zeroRows() == ZeroRows.INCOMPLETE;
    return new Findings(
        tally.get(Figure.FAILED),
        tally.get(Figure.RUNNING) + tally.get(Figure.DISCOVERED),
        Math.max(tally.get(Figure.MISSING), counted),
        tally.get(Figure.SHORT),
        refusals.invalid(),
        subs.endedOtherwise(),
        above(tally.get(Figure.REJECTED_ROWS), spec.maxRejectedRows()),
        above(tally.get(Figure.SKIPPED), spec.maxSkipped()),
        zeroRowsCount ? tally.get(Figure.ZERO_ROWS) : 0);
  }

  private static long above(long value, @Nullable Long most) {
    return most == null ? 0 : Math.max(0, value - most);
  }
}
