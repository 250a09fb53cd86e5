package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** How many rows a second a batch loaded of late, by the service's clock. Not thread-safe. */
final class RowRate {
  private static final Duration WINDOW = Duration.ofSeconds(30);

  private record Sample(Instant at, int run, long rows) {}

  private final Deque<Sample> samples = new ArrayDeque<>();

  /** Notes where the batch stands. */
  void add(Snapshot batch) {
    long rows = batch.totals().rows() + batch.totals().rowsInFlight();
    Sample last = samples.peekLast();
    if (last != null && last.run() != batch.run()) {
      samples.clear();
    }
    samples.add(new Sample(batch.now(), batch.run(), rows));
    // One sample from before the window stays, to measure all of it.
    Instant begin = batch.now().minus(WINDOW);
    while (samples.size() > 2 && !second().at().isAfter(begin)) {
      samples.removeFirst();
    }
  }

  private Sample second() {
    Sample first = samples.removeFirst();
    Sample second = samples.getFirst();
    samples.addFirst(first);
    return second;
  }

  /**
   * Rows a second; null where there is nothing to compare with yet.
   *
   * @param sinceSeconds how long after the last note that is asked
   */
  @Nullable Double perSecond(double sinceSeconds) {
    if (samples.size() < 2) {
      return null;
    }
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    double seconds = Duration.between(first.at(), last.at()).toNanos() / 1e9 + sinceSeconds;
    return seconds <= 0 ? null : Math.max(0, (last.rows() - first.rows()) / seconds);
  }
}
