package io.fileaudit.core.live;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.Logged;
import java.util.Set;

/**
 * Which batches a feed is about.
 *
 * @param query those that this would list; its statuses are all named where it is about open or
 *     ended ones alone
 * @param flags only those with one of them; empty means any
 */
public record FeedFilter(BatchQuery query, Set<Flag> flags) {
  /** Whether a batch as it is now is one of them. */
  public boolean fits(BatchRecord batch) {
    return query.namespace().equals(batch.key().namespace())
        && fits(batch.state().status())
        && query.fits(batch.spec(), batch.labels())
        && (flags.isEmpty() || Snapshots.flags(batch).stream().anyMatch(flags::contains));
  }

  /**
   * Whether a decision is about one of them, as it was before or as it is after: who follows the
   * open ones has to learn that one is so no longer.
   */
  boolean fits(Logged decision) {
    BatchStatus after = decision.verdict().status();
    return query.fits(decision.spec(), decision.labels()) && (fits(after) || fitBefore(after));
  }

  private boolean fits(BatchStatus status) {
    return query.statuses().isEmpty() || query.statuses().contains(status);
  }

  /** An ending ends an open batch; a resume takes up one that ended. */
  private boolean fitBefore(BatchStatus after) {
    return query.statuses().stream().anyMatch(before -> before.isOpen() != after.isOpen());
  }
}
