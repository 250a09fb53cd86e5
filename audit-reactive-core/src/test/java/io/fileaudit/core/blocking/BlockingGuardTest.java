package io.fileaudit.core.blocking;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Proves that the guard is on; without it every other test would pass over a blocking call. */
class BlockingGuardTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Test
  void blockingCallOnParallelThreadIsCaught() {
    StepVerifier.create(blocking().subscribeOn(Schedulers.parallel()))
        .expectError(BlockingOperationError.class)
        .verify(PATIENCE);
  }

  @Test
  void blockingCallOnThreadThatMayBlockIsAllowed() {
    StepVerifier.create(blocking().subscribeOn(Schedulers.boundedElastic()))
        .expectComplete()
        .verify(PATIENCE);
  }

  private static Mono<Void> blocking() {
    return Mono.fromRunnable(() -> LockSupport.parkNanos(1));
  }
}
