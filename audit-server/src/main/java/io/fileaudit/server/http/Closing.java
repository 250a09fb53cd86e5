package io.fileaudit.server.http;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Says when the service begins to stop, so that streams that would go on for hours come to an end
 * of their own. Thread-safe.
 */
public final class Closing {
  private final Sinks.Empty<Void> signal = Sinks.empty();
  private volatile boolean begun;

  /** Begins to stop; again does nothing. */
  public void begin() {
    begun = true;
    // Fails only where it was emitted before, which is the same to those who wait.
    signal.tryEmitEmpty();
  }

  /** Whether it has begun. */
  public boolean hasBegun() {
    return begun;
  }

  /**
   * Completes when it begins, at once where it has. Hot; cancelling leaves others alone; never an
   * error.
   */
  public Mono<Void> signal() {
    return signal.asMono();
  }
}
