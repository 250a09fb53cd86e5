package io.fileaudit.api.client;

/**
 * What was answered and the tag by which the service knows again that it has not changed.
 *
 * @param tag as the header {@code ETag} has it; opaque
 */
public record Tagged<T>(T value, String tag) {}
