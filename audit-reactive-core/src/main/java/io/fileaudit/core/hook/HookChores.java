package io.fileaudit.core.hook;

import io.fileaudit.core.store.OutboxStore.Backlog;
import io.fileaudit.core.store.WebhookStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What webhooks need besides sending, on every node: flags are looked for, old deliveries taken
 * away, and those that wait counted.
 */
public final class HookChores {
  /** How long a delivery is kept after it ended, and how long one may wait at all. */
  static final Duration KEPT = Duration.ofDays(7);

  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration COUNT = Duration.ofSeconds(5);
  private static final Duration TIDY = Duration.ofMinutes(1);
  private static final int BATCHES = 500;
  private static final int DELIVERIES = 1_000;

  private final WebhookStore store;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private volatile Backlog backlog = Backlog.NONE;

  /**
   * Chores in that store.
   *
   * @param scheduler whose clock times the pauses
   * @param registry gets {@code audit.webhooks.waiting} and {@code audit.webhooks.age}
   * @param failures is told what could not be done; it is tried again all the same
   */
  public HookChores(
      WebhookStore store,
      Scheduler scheduler,
      MeterRegistry registry,
      Consumer<Throwable> failures) {
    this.store = store;
    this.scheduler = scheduler;
    this.failures = failures;
    Gauge.builder("audit.webhooks.waiting", this, chores -> chores.backlog.waiting())
        .description("Deliveries of all nodes that wait for webhooks, up to 10,000")
        .register(registry);
    Gauge.builder("audit.webhooks.age", this, HookChores::ageSeconds)
        .description("Seconds that the oldest delivery waits for its webhook; 0 where none does")
        .baseUnit("seconds")
        .register(registry);
  }

  private double ageSeconds() {
    Duration age = backlog.age();
    return age == null ? 0 : age.toMillis() / 1000.0;
  }

  /** Goes on until disposed; everything is done once at once. To be called once. */
  public Disposable start() {
    return Disposables.composite(
        each(LOOK, () -> whileMore(store.flags(BATCHES))),
        each(TIDY, () -> whileMore(store.tidy(KEPT, DELIVERIES))),
        each(COUNT, () -> store.backlog().doOnNext(counted -> backlog = counted).then()));
  }

  private Disposable each(Duration pause, Supplier<Mono<Void>> work) {
    return Flux.interval(Duration.ZERO, pause, scheduler)
        .onBackpressureDrop()
        .concatMap(tick -> Mono.defer(work).onErrorResume(this::failed), 1)
        .subscribe();
  }

  private Mono<Void> failed(Throwable error) {
    failures.accept(error);
    return Mono.empty();
  }

  /** Again at once as long as there is more than is taken at a time. */
  private static Mono<Void> whileMore(Mono<Boolean> part) {
    return part.filter(more -> !more).repeatWhenEmpty(again -> again).then();
  }
}
