package io.fileaudit.api.client;

import io.fileaudit.api.problem.AuditException;

/** Tells errors that may pass from those that will not. */
public final class TransientErrors {
  private static final int SERVER_ERROR = 500;

  private TransientErrors() {}

  /**
   * Whether the same call may pass later: no answer, 408, 429 and 5xx, of the service or of what
   * stands before it.
   */
  public static boolean include(Throwable error) {
    if (error instanceof UnexpectedAnswerException answer) {
      return answer.status() >= SERVER_ERROR;
    }
    if (error instanceof AuditException refused) {
      int status = refused.type().status();
      return status >= SERVER_ERROR || status == 429 || status == 408;
    }
    return error instanceof UnreachableException;
  }
}
