package io.fileaudit.it.crash.proxy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** How a proxy lets pass what comes: at once, late, one way only, or not at all. Thread-safe. */
final class Weather {
  private volatile CompletableFuture<Void> asking = CompletableFuture.completedFuture(null);
  private volatile CompletableFuture<Void> answering = CompletableFuture.completedFuture(null);
  private volatile Duration lag = Duration.ZERO;

  /** From now on nothing passes, and nothing is lost. */
  void fallSilent() {
    asking = new CompletableFuture<>();
    answering = new CompletableFuture<>();
  }

  /** From now on what is asked arrives, and no answer does. */
  void holdAnswers() {
    answering = new CompletableFuture<>();
  }

  /** From now on everything arrives so much later, each piece after the one before it. */
  void lag(Duration later) {
    lag = later;
  }

  /** Lets pass what was held back, and all that comes. */
  void clear() {
    lag = Duration.ZERO;
    asking.complete(null);
    answering.complete(null);
  }

  void awaitAsking() {
    asking.join();
    LockSupport.parkNanos(lag.toNanos());
  }

  void awaitAnswering() {
    answering.join();
    LockSupport.parkNanos(lag.toNanos());
  }
}
