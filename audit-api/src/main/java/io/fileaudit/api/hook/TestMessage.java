package io.fileaudit.api.hook;

import org.jspecify.annotations.Nullable;

/**
 * Something that tells nothing but that a webhook works.
 *
 * @param namespace the webhook's
 * @param webhook its name
 * @param message for people
 * @param link the address of the page of webhooks; null where the service does not know its own
 *     address
 */
public record TestMessage(
    String namespace, String webhook, String message, @Nullable String link) {}
