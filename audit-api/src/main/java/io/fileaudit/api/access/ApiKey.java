package io.fileaudit.api.access;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is shown. Times are those of the service's store.
 *
 * @param id its name among others; no secret
 * @param name whom it is for
 * @param scopes what it allows
 * @param namespaces those it may use; {@code *} stands for every one
 * @param createdAt when it was made
 * @param createdBy by whom
 * @param expiresAt when it ends by itself; null for never
 * @param revokedAt when it was revoked; null where it was not
 * @param revokedBy by whom
 * @param key the key itself: only in the answer to making it, never again
 */
public record ApiKey(
    UUID id,
    String name,
    List<String> scopes,
    List<String> namespaces,
    Instant createdAt,
    String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt,
    @Nullable String revokedBy,
    @Nullable String key) {}
