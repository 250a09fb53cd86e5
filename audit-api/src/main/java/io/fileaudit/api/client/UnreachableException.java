package io.fileaudit.api.client;

import org.jspecify.annotations.Nullable;

/**
 * No answer could be had from the service: no connection, or one that broke before the answer was
 * whole. Whether a change that was asked for was made is then unknown; asking for it again is safe,
 * and so is sending events again under the same producer and positions.
 */
public final class UnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
