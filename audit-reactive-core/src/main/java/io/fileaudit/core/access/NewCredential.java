package io.fileaudit.core.access;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A credential that is to be kept; see {@link Credential} for what it has in common with one.
 *
 * @param hash {@link Token#hash} of its token
 * @param life how long it is valid from now on, by the store's clock; null for ever
 * @param notAfter when it ends at the latest; null where only {@code life} counts
 */
public record NewCredential(
    UUID id,
    Credential.Kind kind,
    String hash,
    String name,
    Set<String> namespaces,
    Set<Scope> scopes,
    @Nullable String madeFrom,
    String createdBy,
    @Nullable Duration life,
    @Nullable Instant notAfter) {

  public NewCredential {
    namespaces = Set.copyOf(namespaces);
    scopes = Set.copyOf(scopes);
  }

  /** When it ends by itself, if it is made at that time. */
  @Nullable Instant expiresAt(Instant now) {
    if (life == null) {
      return notAfter;
    }
    Instant end = now.plus(life);
    return notAfter == null || end.isBefore(notAfter) ? end : notAfter;
  }

  /** As it is kept, made at that time. */
  public Credential madeAt(Instant now) {
    return new Credential(
        id, kind, name, namespaces, scopes, madeFrom, now, createdBy, expiresAt(now), null, null);
  }
}
