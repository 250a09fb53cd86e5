package io.fileaudit.api.hook;

import org.jspecify.annotations.Nullable;

/**
 * How a test delivery went.
 *
 * @param number the delivery
 * @param delivered whether the receiver has it
 * @param status the HTTP status of the answer; null where none came
 * @param millis how many milliseconds it took
 * @param error why it was not delivered; null where it was
 */
public record TestOutcome(
    long number, boolean delivered, @Nullable Integer status, int millis, @Nullable String error) {}
