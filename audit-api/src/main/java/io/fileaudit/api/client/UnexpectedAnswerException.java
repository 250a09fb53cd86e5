package io.fileaudit.api.client;

import org.jspecify.annotations.Nullable;

/**
 * Something answered that does not speak as the audit service does: a proxy, another program on the
 * port, or a service too new for this client.
 */
public final class UnexpectedAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;

  UnexpectedAnswerException(int status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** The HTTP status of the answer. */
  public int status() {
    return status;
  }
}
