package io.fileaudit.api.table;

import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A batch among those of its table and period.
 *
 * @param batch the batch
 * @param name its name
 * @param status its status
 * @param run its run
 * @param openedAt when it was opened, by the store's clock
 * @param endedAt when it ended; null while it is open
 */
public record BatchInHistory(
    UUID batch,
    @Nullable String name,
    BatchStatus status,
    int run,
    Instant openedAt,
    @Nullable Instant endedAt) {}
