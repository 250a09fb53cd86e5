package io.fileaudit.api.batch;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Makes fresh ids that sort by the time at which they were made: UUIDs of version 7 (RFC 9562).
 * Thread-safe.
 *
 * <p>The 60 bits in front hold the milliseconds and, below them, a counter that begins at a random
 * number in each millisecond. They only ever rise, also within a millisecond and when the clock is
 * set back; a counter that overflows borrows from the next millisecond.
 */
public final class BatchIds implements Supplier<UUID> {
  private static final int COUNTER_BITS = 12;

  // Half of the counter's range stays free, so that a busy millisecond seldom borrows.
  private static final long START_MASK = (1L << (COUNTER_BITS - 1)) - 1;
  private static final long COUNTER_MASK = (1L << COUNTER_BITS) - 1;
  private static final long VERSION_7 = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;
  private static final long VARIANT_MASK = 0x3fff_ffff_ffff_ffffL;

  private final InstantSource clock;
  private final LongSupplier random;
  private final AtomicLong last = new AtomicLong();

  /**
   * Ids by that clock.
   *
   * @param clock the wall clock of this node
   * @param random 64 random bits at each call; called by several threads
   */
  public BatchIds(InstantSource clock, LongSupplier random) {
    this.clock = clock;
    this.random = random;
  }

  /** A fresh id, greater than every one that this object gave before. */
  @Override
  public UUID get() {
    long now = (clock.millis() << COUNTER_BITS) | (random.getAsLong() & START_MASK);
    long stamp = last.updateAndGet(before -> Math.max(before + 1, now));
    long high = ((stamp >>> COUNTER_BITS) << 16) | VERSION_7 | (stamp & COUNTER_MASK);
    return new UUID(high, (random.getAsLong() & VARIANT_MASK) | VARIANT);
  }
}
