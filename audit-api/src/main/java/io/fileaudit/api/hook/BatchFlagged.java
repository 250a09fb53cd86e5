package io.fileaudit.api.hook;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * That an open batch came to have a flag, as others are told of it. When the flag goes away nothing
 * is told.
 *
 * @param namespace who the batch belongs to
 * @param batch the batch
 * @param name its name, as table, period and parent null where it has none or was purged since
 * @param labels its labels
 * @param run the present run
 * @param status what the batch is
 * @param version the version of the batch
 * @param flag the flag
 * @param limit the limit that it comes from
 * @param after how long nothing happened, or how long it took, when the flag was due
 * @param since from when on that is counted
 * @param totals its figures, without those of its sub-batches
 * @param link the address of its page; null where the service does not know its own address
 */
public record BatchFlagged(
    String namespace,
    UUID batch,
    @Nullable String name,
    @Nullable String table,
    @Nullable String period,
    @Nullable UUID parent,
    Map<String, String> labels,
    int run,
    BatchStatus status,
    long version,
    Flag flag,
    @Nullable LimitName limit,
    @Nullable Duration after,
    @Nullable Instant since,
    Totals totals,
    @Nullable String link) {}
