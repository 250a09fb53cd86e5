package io.fileaudit.core.record;

import java.time.Duration;

/** Nothing is received although records wait; carries how many and for how long. */
public final class StalledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long waiting;
  private final Duration still;

  StalledException(long waiting, Duration still) {
    super(
        waiting + " records wait and none has come for " + still + "; joining the group anew",
        null,
        false,
        false);
    this.waiting = waiting;
    this.still = still;
  }

  /** How many records wait. */
  public long waiting() {
    return waiting;
  }

  /** How long none has come. */
  public Duration still() {
    return still;
  }
}
