package io.fileaudit.server.access;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.core.access.Principal;
import reactor.core.publisher.Mono;

/** Finds out whom a token stands for. */
@CheckReturnValue
public interface Access {
  /**
   * Whom the token stands for; empty where it is unknown, expired or revoked. Lazy; cancelling
   * gives up the answer; an error means that it could not be found out, and is never taken for a
   * yes.
   */
  Mono<Principal> principal(String token);

  /**
   * Completes when that principal, which was let in, is not any more: revoked, expired. Lazy; may
   * come a second late; never an error.
   */
  Mono<Void> ended(Principal principal);
}
