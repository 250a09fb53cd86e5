package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Tally;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a batch's status, and what the batch was by it.
 *
 * @param key the batch
 * @param spec how the batch was opened; nothing of it where it was purged since
 * @param labels its labels, no older than the change; none where it was purged since
 * @param run the run that the change began, ended or belongs to
 * @param status what the batch became
 * @param version the version of the batch that the change made
 * @param at when it changed, by the store's clock
 * @param verdict the decision that changed it, or the last one before; null where there was none
 * @param tally its figures, without those of its sub-batches
 * @param events how many of its events were accepted
 * @param refused how many of its events were refused and neither replayed nor dismissed
 * @param tree how the tree of its ledger stood; null where that was not kept
 */
public record StatusChange(
    BatchKey key,
    BatchSpec spec,
    Map<String, String> labels,
    int run,
    BatchStatus status,
    long version,
    Instant at,
    @Nullable Verdict verdict,
    Tally tally,
    long events,
    long refused,
    @Nullable TreeHead tree) {}
