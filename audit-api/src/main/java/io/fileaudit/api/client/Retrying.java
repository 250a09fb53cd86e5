package io.fileaudit.api.client;

import io.fileaudit.api.problem.AuditException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import reactor.util.retry.Retry.RetrySignal;

/**
 * After which wait a call is made again: exponential with full jitter (as in M. Brooker,
 * "Exponential Backoff And Jitter", 2015), and never sooner than the service asks for.
 */
final class Retrying {
  private static final long FIRST_MILLIS = 200;
  private static final long MOST_MILLIS = 5_000;
  private static final int DOUBLINGS = 5;

  private Retrying() {}

  /**
   * How long to wait before the next attempt.
   *
   * @param failures how many attempts failed in a row, from 1
   * @param error why the last one failed
   * @param random from 0 to 1
   */
  static Duration pause(int failures, Throwable error, DoubleSupplier random) {
    long bound = Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(failures - 1, DOUBLINGS));
    long jittered = 1 + (long) (random.getAsDouble() * bound);
    Duration asked = error instanceof AuditException refused ? refused.retryAfter() : null;
    Duration pause = Duration.ofMillis(jittered);
    return asked == null ? pause : asked.plus(pause);
  }

  /** Tries again what may pass, for as long as the client may wait, then gives the last error. */
  static Retry until(DeliverySettings settings) {
    return until(settings, null);
  }

  /** As {@link #until(DeliverySettings)}, but no longer than {@code most}. */
  static Retry until(DeliverySettings settings, @Nullable Duration most) {
    return Retry.from(
        signals -> {
          long[] since = {Long.MIN_VALUE};
          return signals.concatMap(signal -> again(settings, most, since, signal));
        });
  }

  private static Mono<Long> again(
      DeliverySettings settings, @Nullable Duration most, long[] since, RetrySignal signal) {
    Throwable error = signal.failure();
    long now = settings.control().now(TimeUnit.NANOSECONDS);
    if (since[0] == Long.MIN_VALUE) {
      since[0] = now;
    }
    Duration bound = most == null ? settings.giveUpAfter() : most;
    Duration pause = pause((int) signal.totalRetries() + 1, error, settings.random());
    boolean late = Duration.ofNanos(now - since[0]).plus(pause).compareTo(bound) > 0;
    if (late || !TransientErrors.include(error)) {
      return Mono.error(error);
    }
    settings.meters().retried();
    return Mono.delay(pause, settings.control());
  }
}
