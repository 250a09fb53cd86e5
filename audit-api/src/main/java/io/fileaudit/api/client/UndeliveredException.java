package io.fileaudit.api.client;

import org.jspecify.annotations.Nullable;

/**
 * Says that events could not be delivered within the time that the client was given, and that there
 * is no disk to keep them on. The delivery report has them by name.
 */
public final class UndeliveredException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UndeliveredException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
