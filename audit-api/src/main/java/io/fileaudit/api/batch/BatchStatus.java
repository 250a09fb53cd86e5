package io.fileaudit.api.batch;

import java.util.Arrays;
import java.util.Locale;

/**
 * Where a batch is in its life. {@link #PENDING} and {@link #RUNNING} are open, all others are
 * endings.
 */
public enum BatchStatus {
  /** Opened; no event has come yet. */
  PENDING,
  /** At least one event has come, or the batch was resumed. */
  RUNNING,
  /** Ended, and nothing of its account is held against it. */
  COMPLETED,
  /** Completing was asked for, but a file is failed, missing, short, refused or unfinished. */
  INCOMPLETE,
  /** The loader said that the load failed. */
  FAILED,
  /** Called off by a person, by the loader's client, or because the parent ended. */
  CANCELLED,
  /** Ended by the service because one of its limits was over. */
  TIMED_OUT;

  /** Whether events are still taken. */
  public boolean isOpen() {
    return this == PENDING || this == RUNNING;
  }

  /** Whether {@code resume} may follow: ended, but not COMPLETED. */
  public boolean isResumable() {
    return !isOpen() && this != COMPLETED;
  }

  /**
   * Reads a status word case-insensitively and trimmed.
   *
   * @throws IllegalArgumentException naming the word and the allowed ones; never a silent default
   */
  public static BatchStatus parse(String word) {
    String wanted = word.strip().toUpperCase(Locale.ROOT);
    for (BatchStatus status : values()) {
      if (status.name().equals(wanted)) {
        return status;
      }
    }
    throw new IllegalArgumentException(
        "unknown status \"" + word + "\"; one of " + Arrays.toString(values()));
  }
}
