package io.fileaudit.core.hook;

import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** When a delivery that failed is tried again. Pure. */
final class Backoff {
  /** After the first try, the second, and so on; the last stands for all later ones. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofHours(1));

  /**
   * How long after its first try a delivery is tried at all, by the clock and by its own pauses.
   */
  static final Duration PATIENCE = Duration.ofHours(24);

  private static final Duration MOST_ASKED_FOR = Duration.ofHours(1);
  private static final double SPREAD = 0.2;

  private Backoff() {}

  /** How long the pauses before a try make up together, by the standard. */
  static Duration before(int tries) {
    Duration all = Duration.ZERO;
    for (int i = 1; i < tries; i++) {
      all = all.plus(PAUSES.get(Math.min(i, PAUSES.size()) - 1));
    }
    return all;
  }

  /**
   * The pause after a try: a fifth more or less, so that what failed together does not come back
   * together, and no shorter than the receiver asks for, where that is an hour at the most.
   *
   * @param tries how often it was tried
   * @param random gives numbers from 0 to 1
   */
  static Duration after(int tries, @Nullable Duration askedFor, DoubleSupplier random) {
    Duration standard = PAUSES.get(Math.min(Math.max(tries, 1), PAUSES.size()) - 1);
    double factor = 1 - SPREAD + 2 * SPREAD * random.getAsDouble();
    Duration pause = Duration.ofMillis(Math.round(standard.toMillis() * factor));
    if (askedFor == null || askedFor.compareTo(pause) <= 0) {
      return pause;
    }
    return askedFor.compareTo(MOST_ASKED_FOR) > 0 ? MOST_ASKED_FOR : askedFor;
  }
}
