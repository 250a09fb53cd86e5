package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import java.time.Instant;

/**
 * A batch as a store has it at one moment.
 *
 * @param key its name
 * @param spec how it was opened
 * @param limits the limits that hold: every one of them set
 * @param openedAt when it was first opened
 * @param state what changes
 * @param refusals what was refused and is neither replayed nor dismissed
 * @param now the store's clock when this was read
 */
public record BatchRecord(
    BatchKey key,
    BatchSpec spec,
    Limits limits,
    Instant openedAt,
    BatchState state,
    RefusalCounts refusals,
    Instant now) {}
