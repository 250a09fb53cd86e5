package io.fileaudit.api.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says only <i>I live</i>; never stored. */
public record Heartbeat(@Nullable Instant at, @Nullable Long position, @Nullable String id)
    implements Event {
  @Override
  public EventType type() {
    return EventType.HEARTBEAT;
  }
}
