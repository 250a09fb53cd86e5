package io.fileaudit.api.access;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key that is asked for.
 *
 * @param name whom it is for: as it will stand in verdicts and logs
 * @param scopes some of {@code ingest}, {@code read}, {@code operate}, {@code admin}
 * @param namespaces those it may use, {@code *} for every one; null means {@code default}, or the
 *     only one of the key that asks
 * @param expiresAfter how long it is valid; null for ever
 */
public record NewKey(
    @Nullable String name,
    @Nullable List<String> scopes,
    @Nullable List<String> namespaces,
    @Nullable Duration expiresAfter) {}
