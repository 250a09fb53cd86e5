package io.fileaudit.api.event;

/** What an event says. Those up to SKIPPED are about a file. */
public enum EventType {
  /** The file should come. */
  EXPECTED,
  /** The file was seen. */
  DISCOVERED,
  /** An attempt at the file began. */
  STARTED,
  /** So far that many rows and bytes: totals, not increments. */
  PROGRESS,
  /** The attempt loaded the file. */
  COMPLETED,
  /** The attempt failed. */
  FAILED,
  /** The file was left out, as when it was loaded before. */
  SKIPPED,
  /** I live; no ledger row. */
  HEARTBEAT,
  /** Opens the batch, for those who have only the stream. */
  OPENED,
  /** Ends the batch, for those who have only the stream. */
  ENDED,
  /** Was reported as a run of OpenLineage; only the service writes it. */
  LINEAGE;

  /** Whether it is about a file, which must then be named. */
  public boolean isAboutFile() {
    return ordinal() <= SKIPPED.ordinal();
  }

  /** Whether it can be a line of a stream. */
  public boolean isSent() {
    return this != LINEAGE;
  }

  /** Whether it ends an attempt at a file. */
  public boolean isFileEnding() {
    return this == COMPLETED || this == FAILED || this == SKIPPED;
  }
}
