package io.fileaudit.core.store;

import java.time.Instant;

/**
 * Where a producer goes on.
 *
 * @param producer its name
 * @param position the highest position that was accepted
 * @param lastAt when, by the store's clock
 */
public record ProducerMark(String producer, long position, Instant lastAt) {}
