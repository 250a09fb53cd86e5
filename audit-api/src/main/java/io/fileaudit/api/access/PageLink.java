package io.fileaudit.api.access;

import java.time.Instant;

/**
 * A link that opens the page once.
 *
 * @param path the address below that of the service, as in {@code /ui/login?link=…}
 * @param expiresAt when it ends unused
 */
public record PageLink(String path, Instant expiresAt) {}
