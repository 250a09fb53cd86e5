package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A batch as a store has it at one moment.
 *
 * @param key its name
 * @param spec how it was opened
 * @param labels its labels, which may have been changed since
 * @param own the limits that were asked for at opening or since, the others left to be inherited
 * @param limits the limits that hold: every one of them set
 * @param openedAt when it was first opened
 * @param state what changes
 * @param refusals what was refused and is neither replayed nor dismissed
 * @param below what its sub-batches have together
 * @param outages times without a living node that end after this run was opened, oldest first
 * @param now the store's clock when this was read
 */
public record BatchRecord(
    BatchKey key,
    BatchSpec spec,
    Map<String, String> labels,
    Limits own,
    Limits limits,
    Instant openedAt,
    BatchState state,
    RefusalCounts refusals,
    RollUp below,
    List<Outage> outages,
    Instant now) {

  /** The same batch in another state. */
  public BatchRecord withState(BatchState after) {
    return new BatchRecord(
        key, spec, labels, own, limits, openedAt, after, refusals, below, outages, now);
  }
}
