package io.fileaudit.api.file;

/** What is known of a file, as it is shown. */
public enum FileState {
  /** Announced; nothing was heard of it. */
  EXPECTED,
  /** Seen, not begun. */
  DISCOVERED,
  /** Begun, not ended. */
  RUNNING,
  /** Loaded. */
  COMPLETED,
  /** Its last attempt failed. */
  FAILED,
  /** Left out by the loader, as when it was loaded before. */
  SKIPPED;

  /** Whether nothing more is awaited of it. */
  public boolean isEnded() {
    return this == COMPLETED || this == FAILED || this == SKIPPED;
  }
}
