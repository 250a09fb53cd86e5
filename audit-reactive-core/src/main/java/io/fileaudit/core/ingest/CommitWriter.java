package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.CommitOutcome;
import io.fileaudit.core.trace.RequestTrace;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * The one writer of a node: at most so many commits at a time, one for each batch, and what waits
 * for different batches goes into one commit. What waits while a commit is under way makes the next
 * one larger, so no timer is needed to gather events and a lone event waits for nothing.
 *
 * <p>A commit takes only batches that nobody else holds. What is left of it is written alone, by
 * the one commit at a time that may wait for a lock, or tried again in a moment where that one is
 * taken: whoever holds a batch for long makes nobody wait but that batch's own senders.
 *
 * <p>Thread-safe. Signals come on the store's threads. A commit that was begun is never cancelled.
 */
public final class CommitWriter {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** How soon a held batch is tried again while the commit that may wait is taken. */
  private static final Duration REST = Duration.ofMillis(20);

  /** How long a chunk is tried while others hold its batch. */
  private static final Duration LONGEST_HELD = Duration.ofMinutes(1);

  /**
   * A chunk that waits for its turn.
   *
   * @param since when it came, by the meters' clock, in nanoseconds
   * @param trace of whoever waits for it
   * @param wasHeld whether it was left by a commit, earlier tries of which may have stored it
   */
  private record Pending(
      Chunk chunk, Sinks.One<Ack> answer, long since, RequestTrace trace, boolean wasHeld) {
    Pending held() {
      return new Pending(chunk, answer, since, trace, true);
    }
  }

  private final AuditStore store;
  private final WriteSettings settings;
  private final WriteMeters meters;
  private final Queue<Pending> arriving = new ConcurrentLinkedQueue<>();
  private final Queue<Pending> held = new ConcurrentLinkedQueue<>();
  private final Queue<Pending> rested = new ConcurrentLinkedQueue<>();
  private final Queue<BatchKey> finished = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean waitsForALock = new AtomicBoolean();
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
    return Mono.deferContextual(
        context -> {
          Pending pending =
              new Pending(chunk, Sinks.one(), meters.nanoTime(), RequestTrace.of(context), false);
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
      for (Pending next = rested.poll(); next != null; next = rested.poll()) {
        busy.remove(next.chunk().batch());
        waiting.computeIfAbsent(next.chunk().batch(), key -> new ArrayDeque<>()).addFirst(next);
      }
      for (Pending next = held.poll(); next != null; next = held.poll()) {
        waitOrRest(next);
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
        write(group, false);
      }
      missed = work.addAndGet(-missed);
    } while (missed != 0);
  }

  /** Its batch stays busy meanwhile, so that nothing later of the batch comes before it. */
  private void waitOrRest(Pending next) {
    boolean isFree = settings.concurrency() > 1 && active.get() < settings.concurrency();
    if (isFree && waitsForALock.compareAndSet(false, true)) {
      active.incrementAndGet();
      write(List.of(next), true);
    } else {
      Mono.delay(REST)
          .subscribe(
              rest -> {
                rested.add(next);
                drain();
              });
    }
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

  private void write(List<Pending> group, boolean waits) {
    List<Chunk> chunks = group.stream().map(Pending::chunk).toList();
    boolean again = group.stream().anyMatch(Pending::wasHeld);
    long begun = meters.nanoTime();
    List<RequestTrace.Commit> traced =
        group.stream().map(next -> next.trace().commit(next.chunk(), group.size())).toList();
    List<Pending> left = new ArrayList<>();
    persistently(chunks, again, waits)
        .doFinally(signal -> finish(group, left, waits))
        .subscribe(
            outcomes -> {
              meters.committed(begun, chunks, outcomes);
              traced.forEach(commit -> commit.end(null));
              left.addAll(answer(group, outcomes));
            },
            error -> {
              traced.forEach(commit -> commit.end(error));
              fail(group, error);
            });
  }

  private Mono<List<CommitOutcome>> persistently(List<Chunk> chunks, boolean again, boolean waits) {
    AtomicInteger tries = new AtomicInteger();
    long giveUpAt = meters.nanoTime() + settings.retryFor().toNanos();
    Retry whileAway =
        Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
            .maxBackoff(LONGEST_PAUSE)
            .filter(error -> isAway(error) && meters.nanoTime() - giveUpAt < 0)
            .transientErrors(false);
    return Mono.defer(
            () -> {
              boolean mayBeThere = tries.getAndIncrement() > 0 || again;
              return waits
                  ? store.commit(chunks, mayBeThere)
                  : store.commitUnheld(chunks, mayBeThere);
            })
        .retryWhen(whileAway);
  }

  private static boolean isAway(Throwable error) {
    return error instanceof AuditException audit && audit.type() == ProblemType.UNAVAILABLE;
  }

  /** Answers what was decided, and gives what was left because others hold its batch. */
  private List<Pending> answer(List<Pending> group, List<CommitOutcome> outcomes) {
    List<Pending> left = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      CommitOutcome outcome = outcomes.get(i);
      if (outcome instanceof CommitOutcome.Committed committed) {
        meters.acknowledged(group.get(i).since());
        group.get(i).answer().tryEmitValue(committed.ack());
      } else if (outcome instanceof CommitOutcome.Rejected rejected) {
        group.get(i).answer().tryEmitError(rejected.error());
      } else if (meters.nanoTime() - group.get(i).since() < LONGEST_HELD.toNanos()) {
        left.add(group.get(i).held());
      } else {
        group.get(i).answer().tryEmitError(heldForTooLong(group.get(i)));
      }
    }
    return left;
  }

  private static AuditException heldForTooLong(Pending pending) {
    return new AuditException(
        ProblemType.UNAVAILABLE,
        "batch " + pending.chunk().batch().id() + " is held by another transaction");
  }

  private void fail(List<Pending> group, Throwable error) {
    meters.failed();
    group.forEach(pending -> pending.answer().tryEmitError(error));
  }

  private void finish(List<Pending> group, List<Pending> left, boolean waited) {
    Set<BatchKey> stillBusy = new HashSet<>();
    left.forEach(pending -> stillBusy.add(pending.chunk().batch()));
    group.stream()
        .map(pending -> pending.chunk().batch())
        .filter(batch -> !stillBusy.contains(batch))
        .forEach(finished::add);
    held.addAll(left);
    if (waited) {
      waitsForALock.set(false);
    }
    active.decrementAndGet();
    drain();
  }
}
