package io.fileaudit.core.access;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that lets somebody in, as the store keeps it: without the token, which is shown once.
 *
 * @param id its name among others; no secret
 * @param kind what it is
 * @param name whom it stands for
 * @param namespaces those it may use
 * @param scopes what it may do
 * @param madeFrom the id of the key, never of a session, that a session or link was made from,
 *     without which it is void; null where it stands for itself
 * @param createdAt when it was made, by the store's clock
 * @param createdBy who made it
 * @param expiresAt when it ends by itself; null for never
 * @param revokedAt when it was revoked, or a link used; null where it was not
 * @param revokedBy who revoked it
 */
public record Credential(
    UUID id,
    Kind kind,
    String name,
    Set<String> namespaces,
    Set<Scope> scopes,
    @Nullable String madeFrom,
    Instant createdAt,
    String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable String revokedBy) {

  /** What a credential is. */
  public enum Kind {
    /** For programs; valid until it is revoked or expires. */
    KEY,
    /** A browser that was let in. */
    SESSION,
    /** Lets one browser in, once. */
    LINK
  }

  public Credential {
    namespaces = Set.copyOf(namespaces);
    scopes = Set.copyOf(scopes);
  }

  /** Whom it stands for. */
  public Principal principal() {
    String own = kind == Kind.KEY ? id.toString() : name;
    return new Principal(
        id.toString(), madeFrom == null ? own : madeFrom, name, namespaces, scopes, expiresAt);
  }
}
