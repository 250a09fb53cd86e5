package io.fileaudit.server.cli;

import io.fileaudit.api.client.TransientErrors;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Makes a call again while the service is away, with pauses that grow from 0.2 to 5 seconds, a
 * quarter of each by chance. Only for calls that may be repeated. For one thread.
 */
final class Retrying {
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final Duration most;
  private final Consumer<String> notice;
  private final LongSupplier nanoTime;
  private long awaySince;
  private int failures;

  /**
   * Tries for so long after the first failure.
   *
   * @param notice is told once each time that the service goes away, and when it is back
   * @param nanoTime a monotonic clock of nanoseconds
   */
  Retrying(Duration most, Consumer<String> notice, LongSupplier nanoTime) {
    this.most = most;
    this.notice = notice;
    this.nanoTime = nanoTime;
  }

  /** What the call gives; its error where that is none that passes, or the time is over. */
  <T> T of(Supplier<T> call) {
    while (true) {
      try {
        T answer = call.get();
        succeeded();
        return answer;
      } catch (RuntimeException e) {
        Waiting.until(Mono.delay(pauseAfter(e)).then());
      }
    }
  }

  /** Notes that the service answers. */
  void succeeded() {
    if (failures > 0) {
      notice.accept("the service answers again");
    }
    failures = 0;
  }

  /**
   * How long to pause after that error before the next try.
   *
   * @throws RuntimeException the error itself, where trying again is of no use
   */
  Duration pauseAfter(RuntimeException error) {
    long now = nanoTime.getAsLong();
    if (failures == 0) {
      awaySince = now;
    }
    boolean over = Duration.ofNanos(now - awaySince).compareTo(most) >= 0;
    if (over || !TransientErrors.include(error)) {
      throw error;
    }
    if (failures == 0) {
      notice.accept("reconnecting … (" + reason(error) + ")");
    }
    long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures++, 5));
    return Duration.ofMillis(pause * 3 / 4 + ThreadLocalRandom.current().nextLong(pause / 4 + 1));
  }

  private static String reason(RuntimeException error) {
    return Printable.of(String.valueOf(error.getMessage()));
  }
}
