package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.ledger.Line;
import org.jspecify.annotations.Nullable;

/**
 * Asks for another status of a batch.
 *
 * @param key the batch
 * @param wish who wants what
 * @param producer who sent the ENDED event, where it came in a stream and is numbered
 * @param sent the ENDED event, where it came in a stream
 */
public record Decide(
    BatchKey key, DecisionPlan.Wish wish, @Nullable String producer, Line.@Nullable Readable sent) {
  /** A wish that did not come in a stream. */
  public Decide(BatchKey key, DecisionPlan.Wish wish) {
    this(key, wish, null, null);
  }
}
