package io.fileaudit.core.store;

import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.Flagging;
import java.time.Instant;

/** What one delivery tells. */
public sealed interface HookNotice {
  /** When it happened, by the store's clock. */
  Instant at();

  /** A batch came to have another status. */
  record OfStatus(StatusChange change) implements HookNotice {
    @Override
    public Instant at() {
      return change.at();
    }
  }

  /**
   * An open batch came to have a flag.
   *
   * @param change the batch at that time
   * @param raised the flag and where it comes from
   */
  record OfFlag(StatusChange change, Flagging.Raised raised) implements HookNotice {
    @Override
    public Instant at() {
      return change.at();
    }
  }

  /**
   * A table was found overdue.
   *
   * @param namespace whose table it is
   * @param expectation as it was found
   */
  record OfTable(String namespace, TableExpectation expectation, Instant at)
      implements HookNotice {}

  /** Somebody tries whether the webhook works. */
  record OfTest(Instant at) implements HookNotice {}
}
