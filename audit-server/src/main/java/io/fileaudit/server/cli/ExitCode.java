package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;

/** What the command line says by its exit code. The numbers never change. */
enum ExitCode {
  /** Done; where a batch was carried out, it is COMPLETED. */
  COMPLETE(0),
  /** A batch ended otherwise than COMPLETED, or the service refused what was asked. */
  INCOMPLETE(1),
  /** The command cannot be understood or carried out as it was given. */
  USAGE(2),
  /** The batch was ended by one of its limits. */
  TIMED_OUT(3),
  /** No key, or one that is not allowed to. */
  ACCESS(4),
  /** No answer from the service. */
  UNREACHABLE(5),
  /** Something differs from what is known of it. */
  DIFFERENT(6),
  /** Nothing differs, but something could not be compared. */
  UNVERIFIED(7),
  /** The time that the command was given is over, as {@code timeout} counts it. */
  WAITED(124),
  /** Ended by Ctrl-C, as shells count it. */
  INTERRUPTED(130),
  /** Whoever read the output went away, as shells count it. */
  BROKEN_PIPE(141);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The code for a batch that came to that status. */
  static ExitCode of(BatchStatus status) {
    return switch (status) {
      case COMPLETED -> COMPLETE;
      case TIMED_OUT -> TIMED_OUT;
      default -> INCOMPLETE;
    };
  }
}
