package io.fileaudit.core.watch;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WatchStore.Heard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Gathers the heartbeats that come within a short window and writes them in one statement, one
 * statement at a time; each is answered after its commit. Thread-safe.
 */
public final class HeartbeatWriter {
  private record Pending(Heartbeat beat, Sinks.One<BatchRecord> answer, int tries) {
    Pending again() {
      return new Pending(beat, answer, tries + 1);
    }
  }

  private static final int MOST_AT_ONCE = 10_000;

  /** How often a batch is tried that somebody holds. */
  static final int TRIES = 40;

  private final WatchStore store;
  private final Duration window;
  private final Scheduler scheduler;
  private final Queue<Pending> arriving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * A writer to that store.
   *
   * @param window how long heartbeats are gathered: a limit of eight times that can be kept by them
   * @param scheduler whose clock times the window
   */
  public HeartbeatWriter(WatchStore store, Duration window, Scheduler scheduler) {
    this.store = store;
    this.window = window;
    this.scheduler = scheduler;
  }

  /**
   * Notes that a batch was heard of, and gives it as it is then. Lazy; cancelling gives up the
   * answer alone. Errors: {@code not-found}, {@code stale-run}, {@code batch-ended} with the
   * verdict, {@code unavailable}.
   *
   * @param run the run that is meant, from 1
   */
  public Mono<BatchRecord> beat(BatchKey key, int run) {
    return Mono.defer(
        () -> {
          Pending pending = new Pending(new Heartbeat(key, run), Sinks.one(), 1);
          arriving.add(pending);
          schedule();
          return pending.answer().asMono();
        });
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      Mono.delay(window, scheduler).then(Mono.defer(this::write)).subscribe();
    }
  }

  private Mono<Void> write() {
    List<Pending> pendings = new ArrayList<>();
    Set<Heartbeat> beats = new LinkedHashSet<>();
    while (pendings.size() < MOST_AT_ONCE) {
      Pending next = arriving.poll();
      if (next == null) {
        break;
      }
      pendings.add(next);
      beats.add(next.beat());
    }
    return store
        .heartbeat(List.copyOf(beats))
        .doOnNext(heard -> pendings.forEach(pending -> answer(pending, heard)))
        .doOnError(error -> pendings.forEach(pending -> pending.answer().tryEmitError(error)))
        .onErrorComplete()
        .then(Mono.fromRunnable(this::goOn));
  }

  private void goOn() {
    scheduled.set(false);
    if (!arriving.isEmpty()) {
      schedule();
    }
  }

  private void answer(Pending pending, Heard heard) {
    Heartbeat beat = pending.beat();
    BatchRecord batch = heard.batches().get(beat.key());
    AuditException refusal = refusal(beat, batch);
    if (refusal != null) {
      pending.answer().tryEmitError(refusal);
    } else if (heard.noted().contains(beat.key())) {
      pending.answer().tryEmitValue(batch);
    } else if (pending.tries() < TRIES) {
      arriving.add(pending.again());
    } else {
      pending
          .answer()
          .tryEmitError(
              new AuditException(
                  ProblemType.UNAVAILABLE,
                  "batch " + beat.key().id() + " is held by another transaction"));
    }
  }

  private static @Nullable AuditException refusal(Heartbeat beat, @Nullable BatchRecord batch) {
    if (batch == null) {
      return OpenRules.notFound(beat.key());
    }
    if (batch.state().run() != beat.run()) {
      return new AuditException(
          ProblemType.STALE_RUN,
          "the heartbeat is for run " + beat.run() + ", the present run is " + batch.state().run());
    }
    if (!batch.state().status().isOpen() && batch.state().verdict() != null) {
      return AuditException.ended(
          "the batch is " + batch.state().status(), batch.state().verdict());
    }
    return null;
  }
}
