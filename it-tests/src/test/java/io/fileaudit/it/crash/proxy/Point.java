package io.fileaudit.it.crash.proxy;

/**
 * A named point at which a connection is stopped. All but one lie in a transaction, on its way to
 * the database.
 */
public enum Point {
  /** The statement that writes to the ledger is not sent on. */
  BEFORE_THE_LEDGER,
  /** Events are in the ledger; their COMMIT is not sent on. */
  BEFORE_THE_COMMIT,
  /** Events are committed; the service does not get to know it. */
  AFTER_THE_COMMIT,
  /** A batch is judged to have timed out; the COMMIT of that is not sent on. */
  BEFORE_A_VERDICTS_COMMIT,
  /** Records of Kafka are committed; the service does not get to know it, and stores no offset. */
  BEFORE_THE_OFFSET_IS_STORED,
  /** A checkpoint is signed and written; the COMMIT of that is not sent on. */
  BEFORE_A_SEALS_COMMIT,
  /** The service was told to end, and the COMMIT of events that it still has is not sent on. */
  IN_ITS_SHUTDOWN,
  /** A feed stands in the middle of an event, on its way to its reader. */
  MID_FEED;

  /** Whether the database is to say that it committed before the connection stands there. */
  boolean isBehindTheCommit() {
    return this == AFTER_THE_COMMIT || this == BEFORE_THE_OFFSET_IS_STORED;
  }
}
