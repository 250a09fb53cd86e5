package io.fileaudit.core.ingest;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.ChangeBatch;
import io.fileaudit.core.store.CommitOutcome;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.FileQuery;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OpenedBatch;
import io.fileaudit.core.store.ProducerMark;
import io.fileaudit.core.store.Rejected;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A store in memory whose commits wait until the test lets them go or fail, and which notes what
 * was asked of it.
 */
final class HeldStore implements AuditStore {
  /** A commit that was begun. */
  record Call(List<Chunk> chunks, boolean again, Sinks.Empty<Void> gate) {
    /** The batches of the commit, in its order. */
    List<BatchKey> batches() {
      return chunks.stream().map(Chunk::batch).toList();
    }

    /** How many lines the commit has of each of its chunks. */
    List<Integer> sizes() {
      return chunks.stream().map(chunk -> chunk.lines().size()).toList();
    }

    void release() {
      gate.emitEmpty(Sinks.EmitFailureHandler.FAIL_FAST);
    }

    void fail(Throwable error) {
      gate.emitError(error, Sinks.EmitFailureHandler.FAIL_FAST);
    }
  }

  final MemoryAuditStore memory = new MemoryAuditStore(InstantSource.system());
  final List<Call> calls = new CopyOnWriteArrayList<>();

  /** Batches that a commit which does not wait leaves. */
  final Set<BatchKey> heldByOthers = ConcurrentHashMap.newKeySet();

  /** The batches of all commits that do not wait, in the order in which they came. */
  final List<BatchKey> asked = new CopyOnWriteArrayList<>();

  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final Set<BatchKey> busy = ConcurrentHashMap.newKeySet();
  private final Scheduler scheduler;
  private volatile boolean open;
  private volatile boolean overlapped;

  LineageStore lineage() {
    return memory.lineage();
  }

  /** A store that carries a commit out on the thread that lets it go. */
  HeldStore() {
    this(Schedulers.immediate());
  }

  /** A store that carries commits out on that scheduler. */
  HeldStore(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The most commits that were under way at one time. */
  int most() {
    return most.get();
  }

  /** Whether two commits of one batch were ever under way at one time. */
  boolean overlapped() {
    return overlapped;
  }

  /** Lets what comes from now on wait. */
  void holdAll() {
    open = false;
  }

  /** Lets everything that waits and everything that comes pass. */
  void releaseAll() {
    open = true;
    calls.forEach(call -> call.gate().tryEmitEmpty());
  }

  @Override
  public Mono<List<CommitOutcome>> commit(List<Chunk> chunks, boolean again) {
    return Mono.defer(
        () -> {
          Call call = new Call(chunks, again, Sinks.empty());
          calls.add(call);
          if (open) {
            call.gate().tryEmitEmpty();
          }
          begin(call);
          return call.gate()
              .asMono()
              .publishOn(scheduler)
              .then(Mono.defer(() -> memory.commit(chunks, again)))
              .doOnTerminate(() -> end(call));
        });
  }

  /** Leaves the batches that others hold, as the durable store does. */
  @Override
  public Mono<List<CommitOutcome>> commitUnheld(List<Chunk> chunks, boolean again) {
    return Mono.defer(
        () -> {
          List<Chunk> free =
              chunks.stream().filter(chunk -> !heldByOthers.contains(chunk.batch())).toList();
          asked.addAll(chunks.stream().map(Chunk::batch).toList());
          return free.isEmpty()
              ? Mono.just(outcomes(chunks, List.of()))
              : commit(free, again).map(committed -> outcomes(chunks, committed));
        });
  }

  private List<CommitOutcome> outcomes(List<Chunk> chunks, List<CommitOutcome> committed) {
    Iterator<CommitOutcome> next = committed.iterator();
    List<CommitOutcome> outcomes = new ArrayList<>();
    for (Chunk chunk : chunks) {
      boolean isFree = next.hasNext() && !heldByOthers.contains(chunk.batch());
      outcomes.add(isFree ? next.next() : new CommitOutcome.Held());
    }
    return outcomes;
  }

  private void begin(Call call) {
    most.accumulateAndGet(active.incrementAndGet(), Math::max);
    overlapped |= !call.batches().stream().map(busy::add).reduce(true, Boolean::logicalAnd);
  }

  private void end(Call call) {
    active.decrementAndGet();
    call.batches().forEach(busy::remove);
  }

  @Override
  public Mono<OpenedBatch> open(OpenBatch request) {
    return memory.open(request);
  }

  @Override
  public Mono<Decided> decide(Decide request) {
    return memory.decide(request);
  }

  @Override
  public Mono<BatchRecord> change(ChangeBatch request) {
    return memory.change(request);
  }

  @Override
  public Mono<Long> dismiss(BatchKey key, Set<Long> numbers) {
    return memory.dismiss(key, numbers);
  }

  @Override
  public Mono<BatchRecord> find(BatchKey key) {
    return memory.find(key);
  }

  @Override
  public Flux<BatchRecord> list(BatchQuery query) {
    return memory.list(query);
  }

  @Override
  public Flux<Manifest> files(BatchKey key, FileQuery query) {
    return memory.files(key, query);
  }

  @Override
  public Mono<FileAccount> account(BatchKey key, String file) {
    return memory.account(key, file);
  }

  @Override
  public Flux<String> ledger(BatchKey key, long from) {
    return memory.ledger(key, from);
  }

  @Override
  public Flux<Verdict> verdicts(BatchKey key) {
    return memory.verdicts(key);
  }

  @Override
  public Flux<Rejected> rejected(BatchKey key, long after, int limit) {
    return memory.rejected(key, after, limit);
  }

  @Override
  public Flux<ProducerMark> producers(BatchKey key) {
    return memory.producers(key);
  }

  @Override
  public Mono<Void> ping() {
    return memory.ping();
  }
}
