package io.fileaudit.api.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom the service takes the caller for.
 *
 * @param name as it stands in verdicts
 * @param scopes what the caller may do
 * @param namespaces those it may use; {@code *} stands for every one
 * @param namespace the one that this request was about
 * @param expiresAt when the key or session ends; null for never
 * @param csrfToken what a session of the page sends in {@code X-CSRF-Token} with each change; null
 *     where there is no session
 */
public record Identity(
    String name,
    List<String> scopes,
    List<String> namespaces,
    String namespace,
    @Nullable Instant expiresAt,
    @Nullable String csrfToken) {}
