package io.fileaudit.it.crash;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something that a test cannot be told of, never for ever. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What does not hold soon is looked at less and less often, so that looking costs little. */
  private static final Duration LOOK_FIRST = Duration.ofMillis(2);

  private static final Duration LOOK_LAST = Duration.ofMillis(50);

  private Await() {}

  /** Waits for a minute at the most. */
  static void until(String what, BooleanSupplier holds) {
    until(what, LIMIT, holds);
  }

  /**
   * Waits until it holds.
   *
   * @throws AssertionError where it does not within that time
   */
  static void until(String what, Duration limit, BooleanSupplier holds) {
    if (!holdsWithin(limit, holds)) {
      throw new AssertionError("not within " + limit + ": " + what);
    }
  }

  /** Whether it comes to hold within that time. */
  static boolean holdsWithin(Duration limit, BooleanSupplier holds) {
    long deadline = System.nanoTime() + limit.toNanos();
    long pause = LOOK_FIRST.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause + pause / 10, LOOK_LAST.toNanos());
    }
    return true;
  }
}
