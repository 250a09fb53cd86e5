package io.fileaudit.core.store;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.ledger.LogBody;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What changed in a store in memory, and its log, whose entries are numbered as they come. */
final class MemoryFeeds implements FeedStore {
  private final MemoryAuditStore store;
  private final MemoryEvidence evidence;
  private final Sinks.Many<BatchKey> changes = Sinks.many().multicast().directBestEffort();
  private final List<Logged> log = new ArrayList<>();
  private long last;

  MemoryFeeds(MemoryAuditStore store, MemoryEvidence evidence) {
    this.store = store;
    this.evidence = evidence;
  }

  /** Notes a change; within {@link MemoryAuditStore#looking}, so that no two come at once. */
  void changed(BatchKey key) {
    // What a slow subscriber misses is no failure, and there may be none at all.
    changes.tryEmitNext(key);
  }

  /** Logs an opening; within {@link MemoryAuditStore#looking}. */
  void opened(MemoryBatch batch) {
    last++;
    evidence.log(batch.key, LogBody.opened(batch.key, batch.openedAt, batch.spec));
  }

  /** Logs that an ended batch's ledger has grown; within {@link MemoryAuditStore#looking}. */
  void sealed(MemoryBatch batch) {
    last++;
    String kind = LogBody.sealedAgain(batch.state);
    evidence.log(batch.key, LogBody.sealed(batch.key, kind, batch.state, store.now()));
  }

  /**
   * Logs a decision just made; within {@link MemoryAuditStore#looking}.
   *
   * @param revises whether it takes the place of an ending of the same run
   */
  void decided(MemoryBatch batch, Verdict verdict, boolean revises) {
    last++;
    String kind = LogBody.kind(verdict, batch.state, revises);
    evidence.log(batch.key, LogBody.decided(batch.key, kind, verdict, batch.state));
    log.add(new Logged(batch.key, batch.spec, batch.labels, last, batch.state.version(), verdict));
    changed(batch.key);
  }

  @Override
  public Flux<BatchKey> changes() {
    return changes.asFlux();
  }

  @Override
  public Flux<BatchRecord> findAll(Collection<BatchKey> keys) {
    return reading(
        () ->
            store.all().stream()
                .filter(batch -> keys.contains(batch.key))
                .map(store::record)
                .toList());
  }

  @Override
  public Flux<Mark> open(String namespace) {
    return reading(
        () ->
            store.all().stream()
                .filter(batch -> batch.key.namespace().equals(namespace))
                .filter(batch -> batch.state.status().isOpen())
                .map(MemoryFeeds::mark)
                .toList());
  }

  private static Mark mark(MemoryBatch batch) {
    Instant last = batch.state.lastActivityAt();
    return new Mark(
        batch.key, batch.state.version(), Objects.requireNonNullElse(last, Instant.EPOCH));
  }

  @Override
  public Flux<Logged> decided(BatchKey key, long version) {
    return logged(entry -> entry.key().equals(key) && entry.version() > version);
  }

  @Override
  public Mono<Long> numberLog() {
    return Mono.fromSupplier(() -> store.looking(() -> last));
  }

  @Override
  public Flux<Logged> logged(String namespace, long number, int limit) {
    return logged(entry -> entry.key().namespace().equals(namespace) && entry.number() > number)
        .take(limit);
  }

  @Override
  public Mono<Instant> clock() {
    return Mono.fromSupplier(store::now);
  }

  private Flux<Logged> logged(Predicate<Logged> which) {
    return reading(() -> log.stream().filter(which).toList());
  }

  private <T> Flux<T> reading(Supplier<List<T>> work) {
    return Flux.defer(() -> Flux.fromIterable(store.looking(work)));
  }
}
