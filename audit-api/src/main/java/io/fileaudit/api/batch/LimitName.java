package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The four limits that a batch is held to, by the store's clock. */
public enum LimitName {
  /** Counts from the first event of the run. */
  OPERATION,
  /**
   * Counts from the last activity: an event, a repeat or a heartbeat, of the batch or a sub-batch.
   */
  IDLE,
  /** Counts from opening or resuming, until the first event. */
  START,
  /** Counts from the last event that changed a manifest. */
  PROGRESS;

  /** The name in JSON and in configuration: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
