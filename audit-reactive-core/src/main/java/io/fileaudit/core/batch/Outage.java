package io.fileaudit.core.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A time in which no node was alive to hear anybody; it is left out of elapsed times.
 *
 * @param from the last sign of life before it, by the store's clock
 * @param to the first sign of life after it, by the store's clock
 */
public record Outage(Instant from, Instant to) {
  /** A longer pause between two signs of life means that no node was alive. */
  public static final Duration GAP = Duration.ofSeconds(2);

  /**
   * Those outages and, where the last sign of life is older than a pause of living nodes, the one
   * that nobody could note yet: it lasts until now.
   *
   * @param lastSign when any node last said that it lives
   */
  public static List<Outage> until(Instant now, Instant lastSign, List<Outage> noted) {
    if (!lastSign.plus(GAP).isBefore(now)) {
      return noted;
    }
    List<Outage> all = new ArrayList<>(noted);
    all.add(new Outage(lastSign, now));
    return all;
  }

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
