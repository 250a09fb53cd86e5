package io.fileaudit.server.access;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.NewCredential;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Token;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Lets browsers in: for a key that is pasted, or by a link that works once. What a browser keeps is
 * a token of its own, which ends after twelve hours, with the key that it was made from, or when
 * somebody signs out. Everything is lazy; errors: {@code unavailable}. Thread-safe.
 */
@CheckReturnValue
public final class Logins {
  private static final Duration SESSION = Duration.ofHours(12);
  private static final Duration LINK = Duration.ofMinutes(15);

  private final Access access;
  private final CredentialStore store;
  private final KeyRing ring;
  private final Supplier<UUID> ids;
  private final RandomGenerator random;

  /** Logins by the keys of {@code access}. */
  public Logins(
      Access access,
      CredentialStore store,
      KeyRing ring,
      Supplier<UUID> ids,
      RandomGenerator random) {
    this.access = access;
    this.ring = ring;
    this.store = store;
    this.ids = ids;
    this.random = random;
  }

  /**
   * A token that was just made, which nobody can look up later.
   *
   * @param token what is shown once
   * @param kept what the store keeps of it
   */
  public record Made(String token, Credential kept) {
    @Override
    public String toString() {
      return kept.toString();
    }
  }

  /** A session for whom a key or JWT stands for; empty where it stands for nobody. */
  public Mono<Made> byKey(String key) {
    return key.startsWith(Token.SESSION)
        ? Mono.empty()
        : access
            .principal(key)
            .flatMap(
                principal ->
                    make(Credential.Kind.SESSION, Token.SESSION, principal, from(principal)));
  }

  /**
   * A session by a link; empty where it is unknown, used or expired, or where its key is not valid
   * any more.
   */
  public Mono<Made> byLink(String link) {
    return Mono.defer(() -> store.take(Token.hash(link)))
        .flatMap(used -> ring.byId(String.valueOf(used.madeFrom())))
        .flatMap(key -> make(Credential.Kind.SESSION, Token.SESSION, key, key.id()));
  }

  /** Whether that principal was let in by a JWT, or by a session of one. */
  public static boolean isJwt(Principal principal) {
    return JwtAccess.isJwt(principal);
  }

  /** Where a link leads. */
  public static String path(Made link) {
    return "/ui/login?link=" + link.token();
  }

  /** A link that lets a browser in once, with the rights of that principal, which has a key. */
  public Mono<Made> link(Principal principal) {
    return make(Credential.Kind.LINK, Token.LINK, principal, from(principal));
  }

  private Mono<Made> make(
      Credential.Kind kind, String prefix, Principal principal, @Nullable String from) {
    return Mono.defer(
        () -> {
          String token = Token.make(prefix, random);
          return store
              .add(
                  new NewCredential(
                      ids.get(),
                      kind,
                      Token.hash(token),
                      principal.name(),
                      principal.namespaces(),
                      principal.scopes(),
                      from,
                      principal.name(),
                      kind == Credential.Kind.LINK ? LINK : SESSION,
                      principal.expiresAt()))
              .map(kept -> new Made(token, kept));
        });
  }

  /** A JWT is kept nowhere and cannot be revoked: what is made from it ends with it. */
  private static @Nullable String from(Principal principal) {
    return JwtAccess.isJwt(principal) ? null : principal.id();
  }

  /** Ends a session; again changes nothing. */
  public Mono<Void> end(Principal session) {
    return Mono.defer(() -> store.revoke(UUID.fromString(session.id()), session.name()))
        .then(ring.refreshed());
  }

  /**
   * What a page of that session sends with each change. Made from the session's token, which a
   * foreign page cannot read.
   */
  public static String csrfToken(String session) {
    return Token.hash("csrf:" + session);
  }

  /** Whether that is the token of the session; takes as long for a wrong one. */
  public static boolean isCsrfToken(String session, @Nullable String sent) {
    return sent != null
        && MessageDigest.isEqual(
            csrfToken(session).getBytes(StandardCharsets.US_ASCII),
            sent.getBytes(StandardCharsets.UTF_8));
  }
}
