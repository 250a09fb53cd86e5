package io.fileaudit.server.expectation;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.store.ExpectationStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Looks for expectations whose time is over, on every node; of several nodes one finds that a table
 * is overdue, and logs it once.
 */
public final class Expecting {
  private static final int AT_A_TIME = 100;
  private static final Logger log = LoggerFactory.getLogger("io.fileaudit.expectations");

  private final ExpectationStore store;
  private final Duration pause;
  private final Scheduler scheduler;
  private final Counter overdue;
  private final AtomicReference<String> lastFailure = new AtomicReference<>("");

  /** Looks at that store with that pause between two looks. */
  public Expecting(
      ExpectationStore store, Duration pause, Scheduler scheduler, MeterRegistry registry) {
    this.store = store;
    this.pause = pause;
    this.scheduler = scheduler;
    this.overdue =
        Counter.builder("audit.overdue")
            .description("Times at which this node found a table overdue")
            .register(registry);
  }

  /** Begins to look, until it is disposed of. */
  public Disposable start() {
    return Flux.interval(Duration.ZERO, pause, scheduler)
        .onBackpressureDrop()
        .concatMap(tick -> look().onErrorResume(this::failed), 1)
        .subscribe();
  }

  private Mono<Void> failed(Throwable error) {
    String message = String.valueOf(error.getMessage());
    // Once for each reason: a database that is away for hours is told of elsewhere.
    if (!message.equals(lastFailure.getAndSet(message))) {
      log.warn("expectations could not be looked at: {}", message);
    }
    return Mono.empty();
  }

  /** Looks once. Lazy. */
  @CheckReturnValue
  Mono<Void> look() {
    return store
        .settle()
        .thenMany(store.passed(AT_A_TIME))
        .concatMap(
            held -> {
              TableExpectation before = held.expectation();
              return store
                  .judge(held, Schedules.of(before.schedule(), before.zone()))
                  .doOnNext(after -> note(held.namespace(), before, after));
            },
            1)
        .then();
  }

  private void note(String namespace, TableExpectation before, TableExpectation after) {
    if (before.nextDueAt().equals(after.overdueSince())) {
      overdue.increment();
      log.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("table", after.table())
          .log(
              "table {} of namespace {} is OVERDUE: a batch was due at {} with a grace of {}, and none was opened",
              after.table(),
              namespace,
              before.nextDueAt(),
              after.grace());
    }
  }
}
