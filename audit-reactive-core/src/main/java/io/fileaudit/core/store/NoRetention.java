package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchKey;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** For stores that keep everything as long as they live, such as those in memory. */
public final class NoRetention implements RetentionStore {
  @Override
  public Flux<BatchKey> outdated(Ages ages, int limit) {
    return Flux.empty();
  }

  @Override
  public Mono<Boolean> purge(BatchKey key, int rows) {
    return Mono.empty();
  }

  @Override
  public Mono<Boolean> isPurged(BatchKey key) {
    return Mono.just(false);
  }
}
