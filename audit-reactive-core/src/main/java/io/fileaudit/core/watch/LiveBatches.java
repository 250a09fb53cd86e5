package io.fileaudit.core.watch;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.WatchStore;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
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
   * with the ending or, where the batch was ended before, with nothing; cancelling stops watching.
   *
   * @param batch the batch as it was when watching begins
   * @param heard an element whenever the batch is heard of; its end does not end the watching
   */
  public Mono<Verdict> ending(BatchRecord batch, Flux<?> heard) {
    return Mono.firstWithSignal(verdicts.endingsOf(batch.key()).next(), watch(batch, heard));
  }

  private Mono<Verdict> watch(BatchRecord batch, Flux<?> heard) {
    Duration left = untilCheck(batch);
    return heard
        .concatWith(Flux.never())
        .map(any -> left)
        .timeout(pause(left), this::pause)
        .then(Mono.<Verdict>empty())
        .onErrorResume(TimeoutException.class, over -> judge(batch, heard));
  }

  private Mono<Long> pause(Duration pause) {
    return Mono.delay(pause, scheduler);
  }

  private Mono<Verdict> judge(BatchRecord batch, Flux<?> heard) {
    BatchKey key = batch.key();
    return store.expire(key, node).flatMap(decided -> decide(decided, heard));
  }

  private Mono<Verdict> decide(Decided decided, Flux<?> heard) {
    Verdict verdict = decided.batch().state().verdict();
    if (decided.batch().state().status().isOpen() || verdict == null) {
      return Mono.defer(() -> watch(decided.batch(), heard));
    }
    if (decided.changed()) {
      verdicts.tell(decided.batch().key(), verdict);
    }
    return Mono.just(verdict);
  }

  private static Duration untilCheck(BatchRecord batch) {
    java.time.Instant checkAt = Expiry.checkAt(batch.limits(), batch.state());
    if (checkAt == null) {
      return MOST;
    }
    Duration left = Duration.between(batch.now(), checkAt);
    return left.compareTo(LEAST) < 0 ? LEAST : left.compareTo(MOST) > 0 ? MOST : left;
  }
}
