package io.fileaudit.api.hook;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that one webhook tells, and how far that got. Times are those of the service's store.
 *
 * @param number names it; a later one has a greater number
 * @param id the header {@code webhook-id} of each of its tries
 * @param event what it tells, as in {@code timed_out}
 * @param batch the batch; null where it is about none
 * @param table the table; null where there is none
 * @param period the period; null where there is none
 * @param recordedAt when that happened
 * @param state how far it got
 * @param tries how often it was sent, since somebody last asked for it
 * @param lastAt when it was last sent; null where it was not yet
 * @param lastStatus the HTTP status of the last answer; null where none came
 * @param lastMillis how many milliseconds the last try took; null where there was none
 * @param lastError why the last try was none; null where it was good or there was none
 * @param nextAt when it is tried next; null where it is not
 * @param endedAt when it was delivered or given up; null while it waits
 */
public record WebhookDelivery(
    long number,
    String id,
    String event,
    @Nullable UUID batch,
    @Nullable String table,
    @Nullable String period,
    Instant recordedAt,
    DeliveryState state,
    int tries,
    @Nullable Instant lastAt,
    @Nullable Integer lastStatus,
    @Nullable Integer lastMillis,
    @Nullable String lastError,
    @Nullable Instant nextAt,
    @Nullable Instant endedAt) {}
