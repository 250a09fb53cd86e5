package io.fileaudit.api.event;

import io.fileaudit.api.batch.BatchSpec;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Opens the batch from within its stream.
 *
 * @param spec the fields of {@code open}
 */
public record Opened(
    BatchSpec spec, @Nullable Instant at, @Nullable Long position, @Nullable String id)
    implements Event {
  @Override
  public EventType type() {
    return EventType.OPENED;
  }
}
