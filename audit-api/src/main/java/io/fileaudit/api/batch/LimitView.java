package io.fileaudit.api.batch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A limit as it holds for an open batch.
 *
 * @param after how long; null where it is off
 * @param action what happens then
 * @param leftSeconds seconds left by the store's clock, negative when over; null while it does not
 *     run
 */
public record LimitView(
    @Nullable Duration after, LimitAction action, @Nullable Double leftSeconds) {}
