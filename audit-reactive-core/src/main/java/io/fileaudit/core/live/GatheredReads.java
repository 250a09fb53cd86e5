package io.fileaudit.core.live;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.FeedStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Reads batches for watchers who come at one time together: when a node starts, all who watched
 * another one come within a second. Thread-safe.
 */
final class GatheredReads {
  private static final Duration GATHERED = Duration.ofMillis(10);
  private static final int TOGETHER = 500;

  private record Asked(BatchKey key, Sinks.One<Optional<BatchRecord>> answer) {}

  private final FeedStore store;
  private final Scheduler scheduler;
  private final ConcurrentLinkedQueue<Asked> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  GatheredReads(FeedStore store, Scheduler scheduler) {
    this.store = store;
    this.scheduler = scheduler;
  }

  /** The batch as it is after this was subscribed; empty where it is not there. */
  Mono<BatchRecord> find(BatchKey key) {
    return Mono.defer(
        () -> {
          Asked asked = new Asked(key, Sinks.one());
          waiting.add(asked);
          schedule();
          return asked.answer().asMono().flatMap(Mono::justOrEmpty);
        });
  }

  private void schedule() {
    if (!waiting.isEmpty() && scheduled.compareAndSet(false, true)) {
      Mono.delay(GATHERED, scheduler)
          .thenMany(Flux.defer(() -> read()))
          .doFinally(
              signal -> {
                scheduled.set(false);
                schedule();
              })
          .subscribe();
    }
  }

  private Mono<Void> read() {
    Map<BatchKey, Set<Asked>> asked = new HashMap<>();
    for (Asked next = waiting.poll(); next != null; next = waiting.poll()) {
      asked.computeIfAbsent(next.key(), key -> new HashSet<>()).add(next);
    }
    return Flux.fromIterable(asked.keySet())
        .buffer(TOGETHER)
        .concatMap(
            keys ->
                store
                    .findAll(keys)
                    .collectMap(BatchRecord::key)
                    .doOnNext(
                        found ->
                            keys.forEach(
                                key -> answer(asked, key, Optional.ofNullable(found.get(key)))))
                    .onErrorResume(
                        error -> {
                          keys.forEach(
                              key ->
                                  asked
                                      .getOrDefault(key, Set.of())
                                      .forEach(one -> one.answer().tryEmitError(error)));
                          return Mono.empty();
                        }),
            1)
        .then();
  }

  private static void answer(
      Map<BatchKey, Set<Asked>> asked, BatchKey key, Optional<BatchRecord> found) {
    asked.getOrDefault(key, Set.of()).forEach(one -> one.answer().tryEmitValue(found));
  }
}
