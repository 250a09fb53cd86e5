package io.fileaudit.it.crash;

import java.time.Duration;
import java.time.Instant;

/**
 * A fault that struck.
 *
 * @param begun when it began, by {@link System#nanoTime()}
 * @param healed when both services answered again, by the same clock
 * @param from when it began, by this machine's clock, which is the store's
 * @param to when it was healed, by the same
 * @param inside how much happened inside it, as it counts
 * @param answered how many requests were answered inside it
 * @param recovery from its healing until acknowledgements were quick again
 */
record Struck(
    Fault fault,
    long begun,
    long healed,
    Instant from,
    Instant to,
    long inside,
    long answered,
    Duration recovery) {
  boolean holds(Attempt attempt) {
    return attempt.ended() - begun > 0 && healed - attempt.ended() > 0;
  }

  Duration lasted() {
    return Duration.ofNanos(healed - begun);
  }
}
