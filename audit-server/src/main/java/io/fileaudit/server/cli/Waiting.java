package io.fileaudit.server.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Lets a command wait for an answer on its own thread, which serves nobody else. Never used on a
 * thread of the network.
 */
final class Waiting {
  private Waiting() {}

  /** The answer; errors as they are, {@link CommandException} where the thread is interrupted. */
  static <T> T on(Mono<T> answer) {
    return Objects.requireNonNull(get(answer.toFuture(), null), "no answer");
  }

  /** What that call, already begun, comes to; errors as {@link #on(Mono)} has them. */
  static <T> T on(Future<T> begun) {
    return Objects.requireNonNull(get(begun, null), "no answer");
  }

  /** The answer, empty where there is none; does something again and again meanwhile. */
  static <T> Optional<T> meanwhile(Mono<T> answer, Duration every, Runnable action) {
    CompletableFuture<T> begun = answer.toFuture();
    try {
      while (!isOver(begun, every)) {
        action.run();
      }
      return Optional.ofNullable(get(begun, null));
    } finally {
      begun.cancel(true);
    }
  }

  private static boolean isOver(CompletableFuture<?> begun, Duration most) {
    try {
      begun.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true; // Whoever asks for the answer is told.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
    return true;
  }

  /** Waits until it is over. */
  static void until(Mono<Void> over) {
    get(over.toFuture(), null);
  }

  /** Waits until it is over, or no longer; true where it came in time. */
  static boolean briefly(Mono<?> over, Duration most) {
    try {
      get(over.toFuture(), most);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static <T> @Nullable T get(Future<T> future, @Nullable Duration most) {
    try {
      return most == null ? future.get() : future.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer in " + most, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
  }
}
