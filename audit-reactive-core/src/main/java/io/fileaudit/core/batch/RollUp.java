package io.fileaudit.core.batch;

/**
 * What the sub-batches of a batch have together; derived on reading, never stored.
 *
 * @param tally their figures
 * @param expected how many files they should bring
 * @param events how many events they accepted
 * @param refused how many of their refused events are neither replayed nor dismissed
 * @param versions their versions added up, which rises with every change of one of them
 */
public record RollUp(Tally tally, long expected, long events, long refused, long versions) {
  /** No sub-batches. */
  public static final RollUp NONE = new RollUp(Tally.ZERO, 0, 0, 0, 0);

  /** This and what one more sub-batch has. */
  public RollUp plus(BatchRecord sub) {
    return new RollUp(
        tally.plus(sub.state().tally()),
        expected + Snapshots.expected(sub),
        events + sub.state().events(),
        refused + sub.refusals().all(),
        versions + sub.state().version());
  }
}
