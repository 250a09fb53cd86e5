package io.fileaudit.api.client;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Waits on the calling thread, where that serves nobody else. */
final class Waits {
  private Waits() {}

  /**
   * Lets no thread wait that serves others.
   *
   * @throws IllegalStateException on such a thread
   */
  static void checkMayWait() {
    if (Schedulers.isInNonBlockingThread()) {
      throw new IllegalStateException(
          "thread "
              + Thread.currentThread().getName()
              + " must not wait; use AuditClient, the reactive form");
    }
  }

  /** The answer; errors as they are. */
  static <T> T on(Mono<T> answer) {
    return Objects.requireNonNull(get(answer), "no answer");
  }

  /** The same, also on a thread that was interrupted: what must be said is said. */
  static <T> T onEvenIfInterrupted(Mono<T> answer) {
    boolean interrupted = Thread.interrupted();
    try {
      return on(answer);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until it is over; errors as they are. */
  static void until(Mono<Void> over) {
    get(over);
  }

  private static <T> @Nullable T get(Mono<T> answer) {
    checkMayWait();
    CompletableFuture<T> future = answer.toFuture();
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for the audit service");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
