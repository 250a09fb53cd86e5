package io.fileaudit.api.batch;

/** What happens when a limit is over. */
public enum LimitAction {
  /** The batch ends TIMED_OUT. */
  END,
  /** The batch is shown with a flag and goes on. */
  FLAG,
  /** The limit does not apply. */
  OFF
}
