package io.fileaudit.core.batch;

/**
 * The sub-batches of a batch, in numbers.
 *
 * @param open still open
 * @param endedOtherwise ended, but not COMPLETED
 */
public record SubBatches(long open, long endedOtherwise) {
  /** None. */
  public static final SubBatches NONE = new SubBatches(0, 0);
}
