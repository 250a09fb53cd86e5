package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Verdict;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one batch of a crash test: what its loader noted, and what the service has
 * of it.
 *
 * @param batch the batch, whose opening was acknowledged
 * @param abandoned whether its loader leaves it to its limit
 * @param endedAs the ending that was acknowledged to the loader; null where none was
 * @param attempts what its loader sent, in order
 * @param looks how often it was looked at meanwhile
 * @param seen what these looks found wrong
 * @param last how it looks at the end; null where the service does not know it
 * @param verdicts the decisions about it, oldest first
 */
record Account(
    UUID batch,
    boolean abandoned,
    @Nullable BatchStatus endedAs,
    List<Attempt> attempts,
    int looks,
    List<Violation> seen,
    @Nullable Look last,
    List<Verdict> verdicts) {

  /**
   * A batch at one moment.
   *
   * @param status its status
   * @param totals its figures at that moment
   * @param ledger its ledger at that moment or later
   */
  record Look(BatchStatus status, Totals totals, Ledger ledger) {}
}
