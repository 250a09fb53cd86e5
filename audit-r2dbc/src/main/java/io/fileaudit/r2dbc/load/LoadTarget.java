package io.fileaudit.r2dbc.load;

import reactor.core.publisher.Mono;

/** A database that files are loaded into. Thread-safe. */
public interface LoadTarget {

  /**
   * Connects. Lazy; each subscription is a connection of its own, which the caller closes. Errors:
   * {@link TargetException.Away} and {@link TargetException.Refused}.
   */
  Mono<LoadSession> connect();
}
