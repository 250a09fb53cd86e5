package io.fileaudit.server.http;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Holds an answer back until what was asked for is there, or the time is over ({@code ?wait=}):
 * looks at the store twice a second. A node that stops answers at once.
 */
public final class Polling {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final Closing closing;
  private final Scheduler scheduler;

  /** Polling that ends when {@code closing} begins, paced by the clock of that scheduler. */
  public Polling(Closing closing, Scheduler scheduler) {
    this.closing = closing;
    this.scheduler = scheduler;
  }

  /**
   * How long the call wants to wait; nothing where it does not say.
   *
   * @throws io.fileaudit.api.problem.AuditException {@code bad-request} where that is no duration
   *     up to a minute
   */
  public static Duration wait(Parameters given) {
    Duration wait = given.read("wait", Polling::duration);
    return wait == null ? Duration.ZERO : wait;
  }

  private static Duration duration(String text) {
    try {
      Duration wait = Duration.parse(text);
      if (!wait.isNegative() && wait.compareTo(LONGEST) <= 0) {
        return wait;
      }
    } catch (DateTimeParseException e) {
      // Told below, as one that is too long is.
    }
    throw new IllegalArgumentException(
        "\"" + Call.shortened(text) + "\", expected an ISO 8601 duration from PT0S to " + LONGEST);
  }

  /**
   * What {@code read} gives as soon as it is {@code done}, or at the end of the time; empty where
   * it gives nothing until then. Lazy; cancelling stops looking; errors are those of {@code read}.
   */
  public <T> Mono<T> until(Mono<T> read, Predicate<T> done, Duration wait) {
    return Mono.defer(() -> until(read, done, now() + wait.toMillis()));
  }

  private <T> Mono<T> until(Mono<T> read, Predicate<T> done, long endMillis) {
    return read.singleOptional()
        .flatMap(
            found -> {
              @Nullable T value = found.orElse(null);
              long left = endMillis - now();
              if ((value != null && done.test(value)) || left <= 0 || closing.hasBegun()) {
                return Mono.justOrEmpty(value);
              }
              Duration pause = Duration.ofMillis(Math.min(left, PAUSE.toMillis()));
              return Mono.firstWithSignal(Mono.delay(pause, scheduler).then(), closing.signal())
                  .then(Mono.defer(() -> until(read, done, endMillis)));
            });
  }

  private long now() {
    return scheduler.now(TimeUnit.MILLISECONDS);
  }
}
