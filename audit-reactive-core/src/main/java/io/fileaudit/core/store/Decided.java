package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchRecord;
import java.util.List;

/**
 * What became of a wish.
 *
 * @param batch the batch as it is now
 * @param changed whether a decision was made; false where the run had that ending already
 * @param along sub-batches that ended with it, as they are now
 */
public record Decided(BatchRecord batch, boolean changed, List<BatchRecord> along) {
  /** Nothing was decided. */
  public static Decided nothing(BatchRecord batch) {
    return new Decided(batch, false, List.of());
  }
}
