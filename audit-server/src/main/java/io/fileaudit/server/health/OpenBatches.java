package io.fileaudit.server.health;

import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WatchStore.OpenCount;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Counts the open batches of all nodes, for a meter; not a number while the store is away. */
public final class OpenBatches {
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final WatchStore store;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private volatile @Nullable OpenCount open;

  /**
   * A count over that store.
   *
   * @param scheduler whose clock times the pauses
   * @param registry gets {@code audit.batches.open}
   * @param failures is told why they could not be counted; it is tried again all the same
   */
  public OpenBatches(
      WatchStore store, Scheduler scheduler, MeterRegistry registry, Consumer<Throwable> failures) {
    this.store = store;
    this.scheduler = scheduler;
    this.failures = failures;
    gauge(registry, "pending", OpenCount::pending);
    gauge(registry, "running", OpenCount::running);
  }

  private void gauge(MeterRegistry registry, String status, ToDoubleFunction<OpenCount> part) {
    Gauge.builder("audit.batches.open", this, batches -> batches.value(part))
        .description("Open batches of all nodes and namespaces, by status")
        .tag("status", status)
        .register(registry);
  }

  private double value(ToDoubleFunction<OpenCount> part) {
    OpenCount now = open;
    return now == null ? Double.NaN : part.applyAsDouble(now);
  }

  /** Counts at once and every ten seconds until disposed. To be called once. */
  public Disposable start() {
    return Flux.interval(Duration.ZERO, PAUSE, scheduler)
        .onBackpressureDrop()
        .concatMap(tick -> count(), 1)
        .subscribe();
  }

  private Mono<OpenCount> count() {
    return Mono.defer(store::countOpen)
        .doOnNext(counted -> open = counted)
        .onErrorResume(
            error -> {
              open = null;
              failures.accept(error);
              return Mono.empty();
            });
  }
}
