package io.fileaudit.api.client;

import io.fileaudit.api.event.EventType;

/**
 * An event of which the service has said nothing: it may or may not have it.
 *
 * @param position the number that the client gave it within its batch
 * @param type what it said
 * @param file about which file
 */
public record UndeliveredEvent(long position, EventType type, String file) {}
