package io.fileaudit.api.batch;

/** What a person should look at although the batch is still open; goes away by itself. */
public enum Flag {
  /** Nothing heard for half the idle limit or longer. */
  SILENT,
  /** Alive, but no manifest has changed for as long as the progress limit says. */
  STALLED,
  /** A limit whose action is {@code flag} is over. */
  OVER_LIMIT
}
