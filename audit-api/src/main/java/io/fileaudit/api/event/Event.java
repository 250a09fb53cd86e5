package io.fileaudit.api.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of the event stream, about a file, a heartbeat, or the opening or ending of the batch; or
 * what was reported of the batch in another way.
 */
public sealed interface Event permits FileEvent, Heartbeat, Opened, Ended, Lineage {
  /** What it says. */
  EventType type();

  /** When it happened by the loader's clock; null means when it arrived. */
  @Nullable Instant at();

  /** The rising number that the producer gave it; a key together with the producer's name. */
  @Nullable Long position();

  /** The sender's own key of the event. */
  @Nullable String id();
}
