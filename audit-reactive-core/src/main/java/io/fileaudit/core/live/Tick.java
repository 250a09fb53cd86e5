package io.fileaudit.core.live;

import java.time.Instant;

/**
 * A sign that a feed lives.
 *
 * @param number rises with each
 * @param now the store's time
 */
record Tick(long number, Instant now) {
  /** Before the first. */
  static final Tick NONE = new Tick(0, Instant.EPOCH);

  Tick next(Instant then) {
    return new Tick(number + 1, then);
  }
}
