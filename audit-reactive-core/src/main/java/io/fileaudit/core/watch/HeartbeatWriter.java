package io.fileaudit.core.watch;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.WatchStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Gathers the heartbeats that come within a short window and writes them in one statement; each is
 * answered after that commit. Thread-safe.
 */
public final class HeartbeatWriter {
  private record Pending(Heartbeat beat, Sinks.One<BatchRecord> answer) {}

  private final WatchStore store;
  private final Duration window;
  private final Scheduler scheduler;
  private final Queue<Pending> arriving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * A writer to that store.
   *
   * @param window how long heartbeats are gathered; at most an eighth of the shortest idle limit in
   *     use
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
          Pending pending = new Pending(new Heartbeat(key, run), Sinks.one());
          arriving.add(pending);
          schedule();
          return pending.answer().asMono();
        });
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      Mono.delay(window, scheduler).subscribe(tick -> write());
    }
  }

  private void write() {
    scheduled.set(false);
    List<Pending> pendings = new ArrayList<>();
    Map<BatchKey, Heartbeat> latest = new LinkedHashMap<>();
    for (Pending next = arriving.poll(); next != null; next = arriving.poll()) {
      pendings.add(next);
      latest.merge(
          next.beat().key(), next.beat(), (one, other) -> one.run() >= other.run() ? one : other);
    }
    store
        .heartbeat(List.copyOf(latest.values()))
        .subscribe(
            heard -> pendings.forEach(pending -> answer(pending, heard.get(pending.beat().key()))),
            error -> pendings.forEach(pending -> pending.answer().tryEmitError(error)));
  }

  private static void answer(Pending pending, @Nullable BatchRecord batch) {
    AuditException refusal = refusal(pending.beat(), batch);
    if (refusal != null) {
      pending.answer().tryEmitError(refusal);
    } else {
      pending.answer().tryEmitValue(batch);
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
