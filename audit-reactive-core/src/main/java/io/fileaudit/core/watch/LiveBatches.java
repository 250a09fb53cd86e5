package io.fileaudit.core.watch;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.watch.Verdicts.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Watches the batches whose streams this node holds: one stream of commits and heartbeats for each,
 * with Reactor's {@code timeout} on it, so that a verdict comes when it is due and not when the
 * next sweep happens to pass. The timeout decides nothing; it asks the store to judge, and waits
 * again where the store says that there is time left.
 */
public final class LiveBatches {
  private static final Duration LEAST = Duration.ofMillis(20);
  private static final Duration MOST = Duration.ofHours(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final WatchStore store;
  private final Verdicts verdicts;
  private final String node;
  private final Scheduler scheduler;

  /**
   * Batches of that store.
   *
   * @param node this node's name
   * @param scheduler whose clock times the timeouts; never decides
   */
  public LiveBatches(WatchStore store, Verdicts verdicts, String node, Scheduler scheduler) {
    this.store = store;
    this.verdicts = verdicts;
    this.node = node;
    this.scheduler = scheduler;
  }

  /**
   * The ending of a batch, as soon as it is made here or elsewhere on this node. Lazy; completes
   * with the ending; cancelling stops watching. It has no errors: a judgement that cannot be made
   * is tried again, and the sweeps go on without it.
   *
   * @param batch the batch as it was when watching begins
   * @param heard an element whenever the batch is heard of; its end does not end the watching
   */
  public Mono<Decision> ending(BatchRecord batch, Flux<?> heard) {
    return Mono.firstWithSignal(verdicts.endingsOf(batch.key()).next(), watch(batch, heard));
  }

  private Mono<Decision> watch(BatchRecord batch, Flux<?> heard) {
    AtomicReference<Duration> pause = new AtomicReference<>(untilCheck(batch));
    return Mono.defer(() -> silence(heard, Objects.requireNonNull(pause.get())))
        .then(Mono.defer(() -> judge(batch, pause)))
        // A loop, and not one watch inside another: a stream may be judged any number of times.
        .repeatWhenEmpty(Integer.MAX_VALUE, again -> again);
  }

  /** Completes when nothing was heard for that long. */
  private Mono<Void> silence(Flux<?> heard, Duration pause) {
    return heard
        .onErrorComplete()
        .concatWith(Flux.never())
        .map(any -> pause)
        .timeout(Mono.delay(pause, scheduler), any -> Mono.delay(pause, scheduler))
        .then()
        .onErrorComplete(TimeoutException.class);
  }

  /** The ending; empty where there is time left, or where nothing could be judged. */
  private Mono<Decision> judge(BatchRecord batch, AtomicReference<Duration> pause) {
    return store
        .expire(batch.key(), node)
        .doOnNext(decided -> pause.set(untilCheck(decided.batch())))
        .doOnNext(verdicts::tell)
        .flatMap(decided -> Mono.justOrEmpty(ending(decided)))
        .onErrorResume(
            error -> {
              pause.set(AFTER_FAILURE);
              return Mono.empty();
            });
  }

  private static @Nullable Decision ending(Decided decided) {
    BatchRecord batch = decided.batch();
    Verdict verdict = batch.state().verdict();
    return batch.state().status().isOpen() || verdict == null ? null : Decision.of(batch, verdict);
  }

  private static Duration untilCheck(BatchRecord batch) {
    Instant checkAt = Expiry.checkAt(batch.limits(), batch.state(), batch.now());
    if (checkAt == null) {
      return MOST;
    }
    Duration left = Duration.between(batch.now(), checkAt);
    return left.compareTo(LEAST) < 0 ? LEAST : left.compareTo(MOST) > 0 ? MOST : left;
  }
}
