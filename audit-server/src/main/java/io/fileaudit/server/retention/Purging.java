package io.fileaudit.server.retention;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.RetentionStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Purges what is outdated, batch after batch and step after step, so that no transaction is long.
 * On every node: two that meet at one batch take parts of it in turn.
 */
public final class Purging {
  private static final int BATCHES = 100;
  private static final int ROWS = 10_000;
  private static final Logger log = LoggerFactory.getLogger("io.fileaudit.retention");

  private final RetentionStore store;
  private final RetentionStore.Ages ages;
  private final Duration pause;
  private final Scheduler scheduler;
  private final Counter purged;

  /** Purges by those ages with that pause between two looks. */
  public Purging(
      RetentionStore store,
      RetentionStore.Ages ages,
      Duration pause,
      Scheduler scheduler,
      MeterRegistry registry) {
    this.store = store;
    this.ages = ages;
    this.pause = pause;
    this.scheduler = scheduler;
    this.purged =
        Counter.builder("audit.batches.purged")
            .description("Batches whose last part this node took away")
            .register(registry);
  }

  /** Begins to look, until it is disposed of. */
  public Disposable start() {
    return Flux.interval(pause, pause, scheduler)
        .onBackpressureDrop()
        .concatMap(
            tick ->
                look()
                    .onErrorResume(
                        error -> {
                          log.warn("batches could not be purged: {}", error.getMessage());
                          return Mono.empty();
                        }),
            1)
        .subscribe();
  }

  /** Looks once, and purges what it finds. Lazy. */
  @CheckReturnValue
  Mono<Void> look() {
    return store.outdated(ages, BATCHES).concatMap(this::purge, 1).then();
  }

  private Mono<Void> purge(BatchKey key) {
    return Mono.defer(() -> store.purge(key, ROWS))
        .expand(done -> done ? Mono.empty() : store.purge(key, ROWS))
        .filter(Boolean::booleanValue)
        .doOnNext(
            done -> {
              purged.increment();
              log.info("purged batch {}", key);
            })
        .then();
  }
}
