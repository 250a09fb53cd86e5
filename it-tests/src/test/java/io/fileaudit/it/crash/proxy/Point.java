package io.fileaudit.it.crash.proxy;

/** A named point in a transaction that writes to the ledger, on its way to the database. */
public enum Point {
  /** The statement that writes to the ledger is not sent on. */
  BEFORE_THE_LEDGER,
  /** Events are in the ledger; their COMMIT is not sent on. */
  BEFORE_THE_COMMIT,
  /** Events are committed; the service does not get to know it. */
  AFTER_THE_COMMIT,
  /** A batch is judged to have timed out; the COMMIT of that is not sent on. */
  BEFORE_A_VERDICTS_COMMIT
}
