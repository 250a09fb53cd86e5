package io.fileaudit.core.record;

import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.OutboxStore.Backlog;
import io.fileaudit.core.store.StatusChange;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Sends changes of status from the store's outbox to a topic, on every node: the store lets one
 * send at a time. It looks once a second, and at once again where more waits than it takes at a
 * time. Nothing is lost while the log or the store is away: changes wait, and their sending is
 * tried again after pauses of up to ten seconds.
 */
public final class StatusSender {
  private static final int PAGE = 500;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration FIGURES = Duration.ofSeconds(5);
  private static final int DOUBLINGS = 4;

  private final OutboxStore store;
  private final RecordLog log;
  private final String topic;
  private final StatusEvents events;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private final Counter sent;
  private final Sinks.Empty<Void> stopping = Sinks.empty();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Disposable.Composite running = Disposables.composite(stopping::tryEmitEmpty);
  private volatile Backlog backlog = Backlog.NONE;

  // Of the one loop alone.
  private long figuresMillis = Long.MIN_VALUE;
  private int failed;

  /**
   * A sender from that store to that topic.
   *
   * @param scheduler whose clock times the pauses
   * @param registry gets {@code audit.outbox.sent}, {@code audit.outbox.unsent} and {@code
   *     audit.outbox.age}
   * @param failures is told why changes could not be sent; it is tried again all the same
   */
  public StatusSender(
      OutboxStore store,
      RecordLog log,
      String topic,
      StatusEvents events,
      Scheduler scheduler,
      MeterRegistry registry,
      Consumer<Throwable> failures) {
    this.store = store;
    this.log = log;
    this.topic = topic;
    this.events = events;
    this.scheduler = scheduler;
    this.failures = failures;
    this.sent =
        Counter.builder("audit.outbox.sent")
            .description("Changes of status that this node sent")
            .register(registry);
    Gauge.builder("audit.outbox.unsent", this, sender -> sender.backlog.waiting())
        .description("Changes of status of all nodes that wait to be sent, up to 10,000")
        .register(registry);
    Gauge.builder("audit.outbox.age", this, StatusSender::ageSeconds)
        .description("Seconds that the oldest change of status waits to be sent; 0 where none does")
        .baseUnit("seconds")
        .register(registry);
  }

  /** What waits to be sent, as of a few seconds ago. */
  public Backlog backlog() {
    return backlog;
  }

  private double ageSeconds() {
    Duration age = backlog.age();
    return age == null ? 0 : age.toMillis() / 1000.0;
  }

  /**
   * Sends until disposed; the first look comes at once. To be called once. Disposing lets what was
   * begun finish and begins nothing more.
   */
  public Disposable start() {
    look()
        .flatMap(pause -> Mono.delay(pause, scheduler).takeUntilOther(stopping.asMono()))
        .then()
        .repeat(() -> !running.isDisposed())
        .doOnTerminate(ended::tryEmitEmpty)
        .subscribe();
    return running;
  }

  /**
   * Completes once what {@link #start} began has come to its end after being disposed; after that
   * neither the store nor the log is used. Never fails; cancelling does nothing.
   */
  public Mono<Void> ended() {
    return ended.asMono();
  }

  /** Looks once, and gives the pause until the next time. */
  private Mono<Duration> look() {
    return Mono.defer(this::readFigures)
        .then(Mono.defer(() -> store.send(PAGE, this::write)))
        .map(this::sent)
        .onErrorResume(error -> Mono.just(failed(error)));
  }

  private Mono<Void> readFigures() {
    long now = scheduler.now(TimeUnit.MILLISECONDS);
    if (figuresMillis != Long.MIN_VALUE && now - figuresMillis < FIGURES.toMillis()) {
      return Mono.empty();
    }
    figuresMillis = now;
    return store.backlog().doOnNext(read -> backlog = read).then();
  }

  private Mono<Void> write(List<StatusChange> changes) {
    return log.send(topic, changes.stream().map(events::of).toList());
  }

  private Duration sent(int changes) {
    failed = 0;
    sent.increment(changes);
    return changes < PAGE ? PAUSE : Duration.ZERO;
  }

  private Duration failed(Throwable error) {
    failures.accept(error);
    Duration pause = PAUSE.multipliedBy(1L << failed);
    failed = Math.min(failed + 1, DOUBLINGS);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
