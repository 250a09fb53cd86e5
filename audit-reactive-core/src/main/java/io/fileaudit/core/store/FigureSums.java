package io.fileaudit.core.store;

import io.fileaudit.api.file.FileState;
import io.fileaudit.api.table.FileFigures;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.batch.Tally.Figure;
import java.util.Map;

/** Adds up the figures of batches, or of files that were counted one by one. Not thread-safe. */
public final class FigureSums {
  private Tally sum = Tally.ZERO;

  /** Adds a batch. */
  public void add(Tally tally) {
    sum = sum.plus(tally);
  }

  /** What was added up. */
  public FileFigures figures() {
    return new FileFigures(
        sum.get(Figure.MISSING),
        sum.get(Figure.DISCOVERED),
        sum.get(Figure.RUNNING),
        sum.get(Figure.COMPLETED),
        sum.get(Figure.FAILED),
        sum.get(Figure.SKIPPED),
        sum.get(Figure.ROWS),
        sum.get(Figure.REJECTED_ROWS),
        sum.get(Figure.BYTES));
  }

  /** Figures of files counted by state. */
  public static FileFigures of(
      Map<FileState, Long> states, long rows, long rejectedRows, long bytes) {
    return new FileFigures(
        states.getOrDefault(FileState.EXPECTED, 0L),
        states.getOrDefault(FileState.DISCOVERED, 0L),
        states.getOrDefault(FileState.RUNNING, 0L),
        states.getOrDefault(FileState.COMPLETED, 0L),
        states.getOrDefault(FileState.FAILED, 0L),
        states.getOrDefault(FileState.SKIPPED, 0L),
        rows,
        rejectedRows,
        bytes);
  }
}
