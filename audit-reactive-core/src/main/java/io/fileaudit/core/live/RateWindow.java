package io.fileaudit.core.live;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Rates;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one batch over the last minute, by the store's clock, and how fast they rose. For
 * one thread at a time.
 */
final class RateWindow {
  private static final Duration WINDOW = Duration.ofSeconds(60);

  private record Sample(Instant at, long rows, long bytes, long files) {}

  private final Duration spacing;
  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * An empty window.
   *
   * @param spacing how far apart the looks are that it keeps
   */
  RateWindow(Duration spacing) {
    this.spacing = spacing;
  }

  /** Adds a look at the batch, and gives the rates up to it; null at the first. */
  @Nullable Rates add(BatchRecord batch) {
    Sample now = sample(batch);
    while (samples.size() > 1 && samples.getFirst().at().isBefore(now.at().minus(WINDOW))) {
      samples.removeFirst();
    }
    Sample first = samples.peekFirst();
    Sample last = samples.peekLast();
    if (last == null || !now.at().isBefore(last.at().plus(spacing))) {
      samples.addLast(now);
    }
    return first == null || !now.at().isAfter(first.at()) ? null : between(first, now);
  }

  private static Sample sample(BatchRecord batch) {
    Totals totals = Snapshots.totals(batch);
    FileCounts files = totals.files();
    return new Sample(
        batch.now(),
        totals.rows() + totals.rowsInFlight(),
        totals.bytes(),
        files.completed() + files.failed() + files.skipped());
  }

  /** What was given up again, as by a file that failed, is no progress backwards. */
  private static Rates between(Sample first, Sample last) {
    double seconds = Duration.between(first.at(), last.at()).toNanos() / 1e9;
    return new Rates(
        Math.round(seconds * 10) / 10.0,
        perSecond(last.rows() - first.rows(), seconds),
        perSecond(last.bytes() - first.bytes(), seconds),
        perSecond(last.files() - first.files(), seconds));
  }

  private static double perSecond(long difference, double seconds) {
    return Math.round(Math.max(0, difference) / seconds * 10) / 10.0;
  }
}
