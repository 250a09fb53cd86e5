package io.fileaudit.api.batch;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a batch at one moment. All times are the store's.
 *
 * @param id the batch
 * @param namespace who it belongs to
 * @param status where it is in its life
 * @param run the present run, from 1
 * @param flags what a person should look at
 * @param verdict the last decision; null while the first run is open
 * @param version rises with every change; the ETag
 * @param openedAt when the batch was first opened
 * @param startedAt when the first event of this run came
 * @param endedAt when this run ended
 * @param lastActivityAt when something was last heard
 * @param lastProgressAt when a manifest last changed
 * @param now when this was read
 * @param elapsedSeconds seconds from the first event to the ending or to now
 * @param idleSeconds seconds since something was last heard; null when ended
 * @param limits the limits that hold, by name
 * @param totals the figures
 * @param rates how fast it moved of late; in feeds alone, once the node has watched it for a while
 * @param successRate completed of completed and failed files; null where there are none
 * @param progress share of the expected files that are completed, failed or skipped; null where
 *     none are expected
 * @param usual what loads of its table came to of late; null in lists, for sub-batches, and where
 *     there were none
 * @param links where to go from here
 */
public record Snapshot(
    UUID id,
    String namespace,
    @Nullable String name,
    @Nullable String table,
    @Nullable String period,
    @Nullable UUID parent,
    Map<String, String> labels,
    BatchStatus status,
    int run,
    List<Flag> flags,
    @Nullable Verdict verdict,
    long version,
    Instant openedAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant lastActivityAt,
    @Nullable Instant lastProgressAt,
    Instant now,
    double elapsedSeconds,
    @Nullable Double idleSeconds,
    Map<String, LimitView> limits,
    Totals totals,
    @Nullable Rates rates,
    @Nullable Double successRate,
    @Nullable Double progress,
    @Nullable Usual usual,
    Links links) {}
