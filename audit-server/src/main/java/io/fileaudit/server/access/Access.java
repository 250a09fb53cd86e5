package io.fileaudit.server.access;

import com.google.errorprone.annotations.CheckReturnValue;
import reactor.core.publisher.Mono;

/** Finds out whom a bearer token stands for. */
@CheckReturnValue
public interface Access {
  /**
   * Whom the token stands for; empty where it is unknown, expired or revoked. Lazy; cancelling
   * gives up the answer; an error means that it could not be found out, and is never taken for a
   * yes.
   */
  Mono<Principal> principal(String token);
}
