package io.fileaudit.api.event;

import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Ends the batch from within its stream; lines after it are refused.
 *
 * @param status COMPLETED, FAILED or CANCELLED
 * @param message why, for the verdict
 */
public record Ended(
    BatchStatus status,
    @Nullable String message,
    @Nullable Instant at,
    @Nullable Long position,
    @Nullable String id)
    implements Event {
  @Override
  public EventType type() {
    return EventType.ENDED;
  }
}
