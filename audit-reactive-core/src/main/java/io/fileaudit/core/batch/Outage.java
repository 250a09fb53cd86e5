package io.fileaudit.core.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A time in which no node was alive to hear anybody; it is left out of elapsed times.
 *
 * @param from the last sign of life before it, by the store's clock
 * @param to the first sign of life after it, by the store's clock
 */
public record Outage(Instant from, Instant to) {

  /**
   * When a limit is over that began to run at {@code from}.
   *
   * @param outages those that end after {@code from}, oldest first
   */
  public static Instant deadline(Instant from, Duration after, List<Outage> outages) {
    Instant due = from.plus(after);
    for (Outage outage : outages) {
      Instant begin = outage.from.isBefore(from) ? from : outage.from;
      if (begin.isBefore(due) && outage.to.isAfter(begin)) {
        due = due.plus(Duration.between(begin, outage.to));
      }
    }
    return due;
  }
}
