package io.fileaudit.core.hook;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.TestOutcome;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.core.store.WebhookStore.Claimed;
import io.fileaudit.core.store.WebhookStore.Share;
import io.fileaudit.core.store.WebhookStore.Tried;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitResult;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Delivers what waits for webhooks, on every node: the store gives each delivery to one of them for
 * a while. It looks once a second, and again soon where something was delivered. Of one webhook a
 * few go at a time, and one whose last try failed rests, so that who is slow or dead holds up
 * nobody else. A delivery that a node took with it when it died is given to another when its lease
 * is over: each comes at least once.
 */
public final class HookSender {
  /** Longer than a try and what is noted of it. */
  static final Duration LEASE = Duration.ofSeconds(30);

  /** How many tries go on at a time on a node. */
  static final int AT_A_TIME = 256;

  /** How many tests go on at a time on a node, each of another webhook. */
  static final int TESTS = 16;

  private static final int EACH = 4;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration SHORT_PAUSE = Duration.ofMillis(25);
  private static final Duration AWAY = Duration.ofSeconds(5);

  private final WebhookStore store;
  private final HookTries tries;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private final Map<Long, Integer> going = new ConcurrentHashMap<>();
  private final Set<List<String>> testing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicBoolean isNews = new AtomicBoolean();
  private final Sinks.Many<Boolean> settled = Sinks.many().multicast().directBestEffort();
  private final Sinks.Empty<Void> stopping = Sinks.empty();
  private final Disposable running = Disposables.composite(stopping::tryEmitEmpty);

  /**
   * A sender of what waits in that store.
   *
   * @param scheduler whose clock times tries and pauses, and is the time that is signed
   * @param registry gets {@code audit.webhooks.tries}
   * @param random gives numbers from 0 to 1
   * @param failures is told why the store could not be used; it is tried again all the same
   */
  public HookSender(
      WebhookStore store,
      HookReceiver receiver,
      HookEvents events,
      Scheduler scheduler,
      MeterRegistry registry,
      DoubleSupplier random,
      Consumer<Throwable> failures) {
    this.store = store;
    this.tries = new HookTries(receiver, events, scheduler, registry, random);
    this.scheduler = scheduler;
    this.failures = failures;
  }

  /**
   * Sends until disposed; the first look comes at once. To be called once. Disposing begins nothing
   * more; what was begun ends within the time of a try.
   */
  public Disposable start() {
    look()
        .flatMap(this::pause)
        .repeat(() -> !running.isDisposed())
        .takeUntilOther(stopping.asMono())
        .subscribe();
    return running;
  }

  /** Completes once nothing is under way any more. Lazy; never fails. */
  public Mono<Void> ended() {
    return Mono.defer(
        () ->
            open.get() == 0
                ? Mono.empty()
                : Flux.merge(settled.asFlux(), Flux.just(true))
                    .filter(signal -> open.get() == 0)
                    .next()
                    .then());
  }

  /** How many tries go on. */
  int open() {
    return open.get();
  }

  /** Until something was settled meanwhile and the short pause is over, or the long one is. */
  private Mono<Boolean> pause(Duration pause) {
    Mono<Boolean> again =
        pause.equals(PAUSE)
            ? Mono.delay(SHORT_PAUSE, scheduler).then(Mono.defer(this::news))
            : Mono.never();
    return Mono.firstWithSignal(Mono.delay(pause, scheduler).thenReturn(true), again);
  }

  private Mono<Boolean> news() {
    return Flux.merge(settled.asFlux(), Flux.just(true))
        .filter(signal -> isNews.getAndSet(false))
        .next();
  }

  /** Takes what may be tried and begins to; gives the pause until the next look. */
  private Mono<Duration> look() {
    return Mono.defer(
            () -> {
              int free = AT_A_TIME - open.get();
              return free <= 0
                  ? Mono.just(List.<Claimed>of())
                  : store.claim(share(free), LEASE).collectList();
            })
        .doOnNext(claimed -> claimed.forEach(this::begin))
        .map(claimed -> PAUSE)
        .onErrorResume(
            error -> {
              failures.accept(error);
              return Mono.just(AWAY);
            });
  }

  private Share share(int free) {
    List<Long> full =
        going.entrySet().stream()
            .filter(one -> one.getValue() >= EACH)
            .map(Map.Entry::getKey)
            .toList();
    return new Share(full, EACH, free);
  }

  private void begin(Claimed claimed) {
    long hook = claimed.target().number();
    open.incrementAndGet();
    going.merge(hook, 1, Integer::sum);
    tries
        .once(claimed)
        .flatMap(tried -> settle(claimed, tried))
        .doFinally(signal -> over(hook))
        .subscribe(noted -> {}, failures);
  }

  private void over(long hook) {
    going.computeIfPresent(hook, (number, count) -> count == 1 ? null : count - 1);
    open.decrementAndGet();
    isNews.set(true);
    // Several may end at the same time; where nobody listens nothing has to be told.
    settled.emitNext(true, (signal, result) -> result == EmitResult.FAIL_NON_SERIALIZED);
  }

  /** What cannot be noted is sent again when the lease is over. */
  private Mono<Boolean> settle(Claimed claimed, Tried tried) {
    return store
        .settle(claimed, tried)
        .retryWhen(
            Retry.backoff(3, Duration.ofMillis(500))
                .scheduler(scheduler)
                .onRetryExhaustedThrow((spec, last) -> last.failure()));
  }

  /**
   * Sends a test at once and says how that went; empty where there is no such webhook. Lazy; once
   * begun it is in the log. Fails with {@code unavailable}, and with {@code too-many-requests}
   * while this node tests the same webhook, or many.
   */
  public Mono<TestOutcome> test(String namespace, String name) {
    List<String> key = List.of(namespace, name);
    return Mono.defer(
        () -> {
          if (testing.size() >= TESTS || !testing.add(key)) {
            return Mono.error(
                new AuditException(
                        ProblemType.TOO_MANY_REQUESTS,
                        "a test of this webhook is under way, or " + TESTS + " of others are")
                    .after(Duration.ofSeconds(1)));
          }
          return testNow(namespace, name).doFinally(signal -> testing.remove(key));
        });
  }

  private Mono<TestOutcome> testNow(String namespace, String name) {
    return store
        .test(namespace, name, LEASE)
        .flatMap(
            claimed ->
                tries
                    .once(claimed)
                    .flatMap(
                        tried ->
                            settle(claimed, tried)
                                .thenReturn(
                                    new TestOutcome(
                                        claimed.number(),
                                        tried.state() == DeliveryState.DELIVERED,
                                        tried.status(),
                                        tried.millis(),
                                        tried.error()))));
  }
}
