package io.fileaudit.api.file;

import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The account of a file in one of several batches.
 *
 * @param batch the batch
 * @param table its table
 * @param period its period
 * @param status its status
 * @param openedAt when it was opened, by the store's clock
 * @param manifest the account
 */
public record FileInBatch(
    UUID batch,
    @Nullable String table,
    @Nullable String period,
    BatchStatus status,
    Instant openedAt,
    Manifest manifest) {}
