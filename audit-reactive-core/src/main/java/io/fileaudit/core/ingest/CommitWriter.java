package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.CommitOutcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * The one writer of a node: at most so many commits at a time, one for each batch, and what waits
 * for different batches goes into one commit. What waits while a commit is under way makes the next
 * one larger, so no timer is needed to gather events and a lone event waits for nothing.
 *
 * <p>Thread-safe. Signals come on the store's threads. A commit that was begun is never cancelled.
 */
public final class CommitWriter {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private record Pending(Chunk chunk, Sinks.One<Ack> answer) {}

  private final AuditStore store;
  private final WriteSettings settings;
  private final WriteMeters meters;
  private final Queue<Pending> arriving = new ConcurrentLinkedQueue<>();
  private final Queue<BatchKey> finished = new ConcurrentLinkedQueue<>();
  private final AtomicInteger work = new AtomicInteger();
  private final AtomicInteger active = new AtomicInteger();

  // Only touched within drain(), which one thread runs at a time.
  private final Map<BatchKey, Deque<Pending>> waiting = new LinkedHashMap<>();
  private final Set<BatchKey> busy = new HashSet<>();

  /** A writer to that store. */
  public CommitWriter(AuditStore store, WriteSettings settings, WriteMeters meters) {
    this.store = store;
    this.settings = settings;
    this.meters = meters;
  }

  /** How this node writes. */
  public WriteSettings settings() {
    return settings;
  }

  /**
   * Commits a chunk: lazy, once for each subscription. Cancelling gives up the answer, not the
   * commit. Errors: {@code not-found}, and {@code unavailable} where the store stayed away for
   * longer than it is waited for; the outcome is then unknown.
   */
  public Mono<Ack> commit(Chunk chunk) {
    return Mono.defer(
        () -> {
          Pending pending = new Pending(chunk, Sinks.one());
          arriving.add(pending);
          drain();
          return pending.answer().asMono();
        });
  }

  private void drain() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      for (BatchKey key = finished.poll(); key != null; key = finished.poll()) {
        busy.remove(key);
      }
      for (Pending next = arriving.poll(); next != null; next = arriving.poll()) {
        waiting.computeIfAbsent(next.chunk().batch(), key -> new ArrayDeque<>()).add(next);
      }
      while (active.get() < settings.concurrency()) {
        List<Pending> group = takeGroup();
        if (group.isEmpty()) {
          break;
        }
        active.incrementAndGet();
        write(group);
      }
      missed = work.addAndGet(-missed);
    } while (missed != 0);
  }

  private List<Pending> takeGroup() {
    List<Pending> group = new ArrayList<>();
    int events = 0;
    Map<BatchKey, Deque<Pending>> more = new LinkedHashMap<>();
    Iterator<Map.Entry<BatchKey, Deque<Pending>>> entries = waiting.entrySet().iterator();
    while (entries.hasNext() && events < settings.chunkSize()) {
      Map.Entry<BatchKey, Deque<Pending>> entry = entries.next();
      if (busy.contains(entry.getKey())) {
        continue;
      }
      Pending next = entry.getValue().remove();
      entries.remove();
      if (!entry.getValue().isEmpty()) {
        more.put(entry.getKey(), entry.getValue());
      }
      busy.add(entry.getKey());
      group.add(next);
      events += next.chunk().lines().size();
    }
    // A batch with more waiting goes behind the others, so that it keeps none of them from their
    // turn.
    waiting.putAll(more);
    return group;
  }

  private void write(List<Pending> group) {
    List<Chunk> chunks = group.stream().map(Pending::chunk).toList();
    long begun = meters.nanoTime();
    persistently(chunks)
        .doFinally(signal -> finish(group))
        .subscribe(
            outcomes -> {
              meters.committed(begun, chunks, outcomes);
              answer(group, outcomes);
            },
            error -> fail(group, error));
  }

  private Mono<List<CommitOutcome>> persistently(List<Chunk> chunks) {
    AtomicInteger tries = new AtomicInteger();
    long giveUpAt = meters.nanoTime() + settings.retryFor().toNanos();
    Retry whileAway =
        Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
            .maxBackoff(LONGEST_PAUSE)
            .filter(error -> isAway(error) && meters.nanoTime() - giveUpAt < 0)
            .transientErrors(false);
    return Mono.defer(() -> store.commit(chunks, tries.getAndIncrement() > 0)).retryWhen(whileAway);
  }

  private static boolean isAway(Throwable error) {
    return error instanceof AuditException audit && audit.type() == ProblemType.UNAVAILABLE;
  }

  private static void answer(List<Pending> group, List<CommitOutcome> outcomes) {
    for (int i = 0; i < group.size(); i++) {
      CommitOutcome outcome = outcomes.get(i);
      if (outcome instanceof CommitOutcome.Committed committed) {
        group.get(i).answer().tryEmitValue(committed.ack());
      } else if (outcome instanceof CommitOutcome.Rejected rejected) {
        group.get(i).answer().tryEmitError(rejected.error());
      }
    }
  }

  private void fail(List<Pending> group, Throwable error) {
    meters.failed();
    group.forEach(pending -> pending.answer().tryEmitError(error));
  }

  private void finish(List<Pending> group) {
    group.forEach(pending -> finished.add(pending.chunk().batch()));
    active.decrementAndGet();
    drain();
  }
}
