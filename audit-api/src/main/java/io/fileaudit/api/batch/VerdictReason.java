package io.fileaudit.api.batch;

/** Why a batch's status was changed. */
public enum VerdictReason {
  /** Somebody asked for it: the loader, its stream or a person. */
  REQUESTED,
  /** A new run was asked for after an ending. */
  RESUMED,
  /** The operation limit was over. */
  DEADLINE,
  /** The idle limit was over. */
  IDLE,
  /** The start limit was over: no event ever came. */
  NEVER_STARTED,
  /** The progress limit was over, and its action is to end. */
  NO_PROGRESS,
  /** The parent ended otherwise than completed. */
  PARENT_ENDED
}
