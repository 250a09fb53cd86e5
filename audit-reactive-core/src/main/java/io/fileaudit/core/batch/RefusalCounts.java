package io.fileaudit.core.batch;

/**
 * How many refused events of a batch are neither replayed nor dismissed.
 *
 * @param all whatever the reason
 * @param invalid those that were unreadable or invalid in themselves, which completing is judged by
 */
public record RefusalCounts(long all, long invalid) {
  /** None. */
  public static final RefusalCounts NONE = new RefusalCounts(0, 0);
}
