package io.fileaudit.core.lineage;

import io.fileaudit.api.batch.BatchStatus;
import org.jspecify.annotations.Nullable;

/** What a report says of a run's life. */
public enum RunState {
  /** It began. */
  START,
  /** It lives. */
  RUNNING,
  /** It ended well. */
  COMPLETE,
  /** It failed. */
  FAIL,
  /** It was stopped. */
  ABORT,
  /** Nothing: the report only adds to what is known. */
  OTHER;

  /** The status that it ends the batch with; null where it ends nothing. */
  public @Nullable BatchStatus ending() {
    return switch (this) {
      case COMPLETE -> BatchStatus.COMPLETED;
      case FAIL -> BatchStatus.FAILED;
      case ABORT -> BatchStatus.CANCELLED;
      case START, RUNNING, OTHER -> null;
    };
  }
}
