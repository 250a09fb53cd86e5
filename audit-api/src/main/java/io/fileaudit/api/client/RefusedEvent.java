package io.fileaudit.api.client;

import io.fileaudit.api.event.EventType;

/**
 * An event that the service did not accept, and why. The others are not touched by it.
 *
 * @param position the number that the client gave it within its batch
 * @param type what it said
 * @param file about which file
 * @param problem the stable word of the reason, as in {@code invalid-event}
 * @param detail what was wrong, with the offending and the expected value
 */
public record RefusedEvent(
    long position, EventType type, String file, String problem, String detail) {}
