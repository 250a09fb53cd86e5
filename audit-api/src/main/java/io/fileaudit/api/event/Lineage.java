package io.fileaudit.api.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was reported of the batch as a run of OpenLineage. The service writes it into the ledger; it
 * is never sent as a line of a stream.
 *
 * @param state the state word of the report, as in {@code START} or {@code OTHER}
 * @param outputRows the rows that all outputs of the run come to by now; 0 where they do not count
 * @param outputBytes the bytes that all outputs of the run come to by now; 0 where they do not
 *     count
 */
public record Lineage(
    String state, long outputRows, long outputBytes, @Nullable Instant at, @Nullable String id)
    implements Event {
  private static final String ANNOTATION = "OTHER";

  @Override
  public EventType type() {
    return EventType.LINEAGE;
  }

  @Override
  public @Nullable Long position() {
    return null;
  }

  /** Whether it says nothing of the run's life: it neither starts the batch nor is activity. */
  public boolean isAnnotation() {
    return ANNOTATION.equals(state);
  }
}
