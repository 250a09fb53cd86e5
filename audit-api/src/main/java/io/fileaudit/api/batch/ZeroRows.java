package io.fileaudit.api.batch;

/** How a file that was completed with no row at all is judged. */
public enum ZeroRows {
  /** It is a file like any other. */
  ALLOWED,
  /** It makes the batch INCOMPLETE. */
  INCOMPLETE
}
