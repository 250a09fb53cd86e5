package io.fileaudit.it.crash;

import org.jspecify.annotations.Nullable;

/**
 * A line that a loader sends.
 *
 * @param key producer and position, or id, as {@link Ledger#keys()} has it; null for one that is
 *     not to be accepted
 * @param text the line as it is sent, without its end
 */
record Line(@Nullable String key, String text) {
  static String numbered(String producer, long position) {
    return producer + ":" + position;
  }
}
