package io.fileaudit.api.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refused event as it is kept. The same text refused again for the same reason is one of these.
 *
 * @param number orders and names it within its batch, from 1
 * @param type why, as in {@code invalid-event}
 * @param status the HTTP status of that reason
 * @param detail what was wrong
 * @param text what came, or its beginning
 * @param producer who sent it, where it was numbered
 * @param position its position
 * @param id its own key
 * @param run the run that it named
 * @param times how often it came
 * @param firstAt when it came first, by the store's clock
 * @param lastAt when it came last, by the store's clock
 * @param onlyCounted whether it stands for all that came for this reason when no more were kept
 * @param resolution null while open, else {@code replayed} or {@code dismissed}
 */
public record RejectedEvent(
    long number,
    String type,
    int status,
    String detail,
    String text,
    @Nullable String producer,
    @Nullable Long position,
    @Nullable String id,
    int run,
    long times,
    Instant firstAt,
    Instant lastAt,
    boolean onlyCounted,
    @Nullable String resolution) {}
