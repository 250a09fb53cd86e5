package io.fileaudit.core.lineage;

import org.jspecify.annotations.Nullable;

/**
 * What a run reads or writes.
 *
 * @param file its name, as the file of the batch is called
 * @param rows how many of its rows were read or written so far; null where that is not said
 * @param bytes how many of its bytes were read or written so far; null where that is not said
 */
public record RunDataset(String file, @Nullable Long rows, @Nullable Long bytes) {
  /** The greater figures of both, which are about the same: they are totals so far. */
  RunDataset join(RunDataset other) {
    return new RunDataset(file, greater(rows, other.rows), greater(bytes, other.bytes));
  }

  private static @Nullable Long greater(@Nullable Long one, @Nullable Long other) {
    return one == null || (other != null && other > one) ? other : one;
  }
}
