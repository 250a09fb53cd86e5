package io.fileaudit.server.access;

import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Token;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * All ways in: the admin key, the keys and sessions of the store, and JWTs where they are set up.
 */
public final class Accesses implements Access {
  private final AdminAccess admin;
  private final KeyRing ring;
  private final @Nullable JwtAccess jwt;

  /** Those ways in. */
  public Accesses(AdminAccess admin, KeyRing ring, @Nullable JwtAccess jwt) {
    this.admin = admin;
    this.ring = ring;
    this.jwt = jwt;
  }

  @Override
  public Mono<Principal> principal(String token) {
    Mono<Principal> other =
        isOurs(token) ? ring.principal(token) : jwt == null ? Mono.empty() : jwt.principal(token);
    return admin.principal(token).switchIfEmpty(other);
  }

  private static boolean isOurs(String token) {
    return token.startsWith(Token.KEY) || token.startsWith(Token.SESSION);
  }

  @Override
  public Mono<Void> ended(Principal principal) {
    if (principal.id().equals(admin.admin().id())) {
      return admin.ended(principal);
    }
    return jwt != null && principal.id().equals(principal.account()) && JwtAccess.isJwt(principal)
        ? jwt.ended(principal)
        : ring.ended(principal);
  }
}
