package io.fileaudit.api.table;

import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The load of one table for one period: what its root batches come to together. Its status is that
 * of the open root batch, else of the newest one, so that a completed rerun stands before a failed
 * load.
 *
 * @param table the table
 * @param period the period; null where its batches name none
 * @param status what the load has come to
 * @param batch the batch that the status is of
 * @param batches how many root batches there are
 * @param openedAt when that batch was opened, by the store's clock
 * @param startedAt when its run began; null before its first event
 * @param endedAt when it ended; null while it is open
 */
public record TableAudit(
    String table,
    @Nullable String period,
    BatchStatus status,
    UUID batch,
    long batches,
    Instant openedAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt) {}
