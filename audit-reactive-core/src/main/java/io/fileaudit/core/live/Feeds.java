package io.fileaudit.core.live;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.ReportStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What this node tells those who watch batches, as server-sent events. One loop looks at the store
 * for all of them: four times a second at what is said to have changed, once a second at all that
 * is watched, which is the truth. Each snapshot and each decision is encoded once. Thread-safe.
 *
 * <p>The feeds are lazy, one for each subscription, and never complete by themselves. They are read
 * as they are requested; a reader that requests nothing costs its place and gets the latest state
 * when it goes on. Cancelling one gives its place back. Errors: {@code not-found} where the batch
 * is not there, {@code unavailable} where the store is not when a feed begins; later the feed waits
 * for it.
 */
public final class Feeds {
  private static final Duration PULSE = Duration.ofMillis(250);
  private static final int PULSES_TO_TRUTH = 4;
  private static final long TICK_MILLIS = 15_000;
  private static final int TOGETHER = 500;
  private static final int PAGE = 500;

  private record Watched<T>(T topic, int readers) {}

  private final FeedStore changes;
  private final AuditStore store;
  private final ReportStore reports;
  private final GatheredReads reads;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private final Map<BatchKey, Watched<BatchTopic>> batches = new ConcurrentHashMap<>();
  private final Map<String, Watched<NamespaceTopic>> namespaces = new ConcurrentHashMap<>();
  private final Set<BatchKey> changed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger ofBatches = new AtomicInteger();
  private final AtomicInteger ofMany = new AtomicInteger();
  private final AtomicInteger ofLedgers = new AtomicInteger();
  private final LongAdder passedOver = new LongAdder();
  private long pulses;
  private long tickedMillis;
  private Tick tick = Tick.NONE;

  /**
   * Feeds of that store.
   *
   * @param scheduler whose clock times the looks
   * @param failures is told why the store could not be looked at; it is tried again all the same
   */
  public Feeds(
      FeedStore changes,
      AuditStore store,
      ReportStore reports,
      Scheduler scheduler,
      Consumer<Throwable> failures) {
    this.changes = changes;
    this.store = store;
    this.reports = reports;
    this.reads = new GatheredReads(changes, scheduler);
    this.scheduler = scheduler;
    this.failures = failures;
    this.tickedMillis = now();
  }

  /** Looks at the store until disposed. */
  public Disposable start() {
    Disposable loop =
        Mono.defer(this::pulse)
            .onErrorResume(
                error -> {
                  failures.accept(error);
                  return Mono.empty();
                })
            .then(Mono.delay(PULSE, scheduler))
            .repeat()
            .subscribe();
    return Disposables.composite(changes.changes().subscribe(this::note), loop);
  }

  private void note(BatchKey key) {
    if (batches.containsKey(key) || namespaces.containsKey(key.namespace())) {
      changed.add(key);
    }
  }

  private long now() {
    return scheduler.now(TimeUnit.MILLISECONDS);
  }

  private Mono<Void> pulse() {
    boolean truth = ++pulses % PULSES_TO_TRUTH == 0;
    Set<BatchKey> stale = new HashSet<>();
    changed.removeIf(stale::add);
    boolean logs = truth || (!namespaces.isEmpty() && !stale.isEmpty());
    return Flux.fromIterable(truth ? List.copyOf(namespaces.values()) : List.of())
        .concatMap(watched -> marks(watched.topic(), stale), 1)
        .then(Mono.defer(() -> refresh(stale, truth ? batches.keySet() : Set.of())))
        .then(Mono.defer(() -> logs ? follow() : Mono.empty()))
        .doOnSuccess(done -> namespaces.values().forEach(watched -> watched.topic().wakeIfNews()))
        .then(Mono.defer(this::tick));
  }

  private Mono<Void> marks(NamespaceTopic topic, Set<BatchKey> stale) {
    return topic
        .begin()
        .thenMany(Flux.defer(() -> changes.open(topic.namespace())))
        .collectList()
        .doOnNext(marks -> stale.addAll(topic.stale(marks)))
        .then();
  }

  /**
   * Reads batches again, and then the watched parents of those that changed.
   *
   * @param stale those that may have changed
   * @param others those to look at although nothing is said of them
   */
  private Mono<Void> refresh(Set<BatchKey> stale, Set<BatchKey> others) {
    Set<BatchKey> all = new HashSet<>(stale);
    all.addAll(others);
    return read(all, stale)
        .flatMap(
            parents -> {
              parents.removeAll(stale);
              return read(parents, parents);
            })
        .then();
  }

  /** Reads batches again and gives the watched parents of those that may have changed. */
  private Mono<Set<BatchKey>> read(Set<BatchKey> keys, Set<BatchKey> stale) {
    Set<BatchKey> parents = new HashSet<>();
    return Flux.fromIterable(keys)
        .buffer(TOGETHER)
        .concatMap(
            some ->
                changes
                    .findAll(some)
                    .collectList()
                    .doOnNext(found -> forgetOthers(some, found))
                    .flatMapIterable(found -> found),
            1)
        .concatMap(
            batch -> {
              if (stale.contains(batch.key())) {
                watchedParent(batch).ifPresent(parents::add);
                Watched<NamespaceTopic> many = namespaces.get(batch.key().namespace());
                if (many != null) {
                  many.topic().update(batch);
                }
              }
              Watched<BatchTopic> one = batches.get(batch.key());
              return one == null ? Mono.empty() : one.topic().update(batch);
            },
            1)
        .then(Mono.just(parents));
  }

  private Optional<BatchKey> watchedParent(BatchRecord batch) {
    UUID parent = batch.spec().parent();
    return parent == null
        ? Optional.empty()
        : Optional.of(new BatchKey(batch.key().namespace(), parent))
            .filter(key -> batches.containsKey(key) || namespaces.containsKey(key.namespace()));
  }

  private void forgetOthers(List<BatchKey> asked, List<BatchRecord> found) {
    Set<BatchKey> gone = new HashSet<>(asked);
    found.forEach(batch -> gone.remove(batch.key()));
    gone.forEach(this::remove);
  }

  private void remove(BatchKey key) {
    Watched<NamespaceTopic> many = namespaces.get(key.namespace());
    if (many != null) {
      many.topic().remove(key);
    }
    Watched<BatchTopic> one = batches.get(key);
    if (one != null) {
      one.topic().end();
    }
  }

  /** Numbers the log, whether anybody watches or not, and tells what was decided. */
  private Mono<Void> follow() {
    return changes
        .numberLog()
        .flatMapMany(
            end ->
                Flux.fromIterable(List.copyOf(namespaces.values()))
                    .concatMap(watched -> watched.topic().follow(end), 1))
        .then();
  }

  /** A tick says that the store was asked: there is none while it cannot be. */
  private Mono<Void> tick() {
    if (now() - tickedMillis < TICK_MILLIS) {
      return Mono.empty();
    }
    return changes
        .clock()
        .doOnNext(
            storeTime -> {
              tickedMillis = now();
              tick = tick.next(storeTime);
              batches.values().forEach(watched -> watched.topic().tick(tick));
              namespaces.values().forEach(watched -> watched.topic().tick(tick));
            })
        .then();
  }

  /**
   * The feed of one batch: a snapshot, then newer ones, decisions and ticks.
   *
   * @param after the version up to which the reader knows all decisions; null for one that begins
   */
  public Flux<byte[]> batch(BatchKey key, @Nullable Long after) {
    return watching(
        key,
        ofBatches,
        topic -> {
          BatchTopic.Shown first = topic.shown();
          long version = first.version();
          if (after == null || after == version) {
            return snapshotFirst(topic, first, version);
          }
          if (after > version) {
            return snapshotFirst(topic, first, version).startWith(Frames.gap(after, version));
          }
          return changes
              .decided(key, after)
              .collectList()
              .flatMapMany(
                  missed -> {
                    if (missed.isEmpty()) {
                      return snapshotFirst(topic, first, version);
                    }
                    long last = Math.max(version, missed.get(missed.size() - 1).version());
                    return Flux.concat(
                        Flux.just(Frames.frame("snapshot", null, first.json())),
                        Flux.fromIterable(missed)
                            .map(decision -> Frames.verdict(decision, decision.version())),
                        topic.reading(last, first.number()));
                  });
        });
  }

  private static Flux<byte[]> snapshotFirst(
      BatchTopic topic, BatchTopic.Shown first, long version) {
    return topic
        .reading(version, first.number())
        .startWith(Frames.frame("snapshot", version, first.json()));
  }

  /**
   * The ledger of one batch as events, and what is added to it.
   *
   * @param from the ledger number of the first row
   * @param after the last one that the reader has; null for one that begins
   */
  public Flux<byte[]> ledger(BatchKey key, long from, @Nullable Long after) {
    return watching(
        key,
        ofLedgers,
        topic -> {
          long last = topic.shown().batch().state().nextSeq() - 1;
          BatchTopic.LedgerSource rows = seq -> store.ledger(key, seq);
          return after != null && after > last
              ? topic.rows(rows, last + 1).startWith(Frames.gap(after, last))
              : topic.rows(rows, after == null ? from : after + 1);
        });
  }

  private Flux<byte[]> watching(
      BatchKey key, AtomicInteger readers, Function<BatchTopic, Flux<byte[]>> feed) {
    return Flux.defer(
        () -> {
          BatchTopic topic =
              join(batches, key, () -> new BatchTopic(key, changes, reports, passedOver));
          readers.incrementAndGet();
          return reads
              .find(key)
              .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
              .flatMap(topic::update)
              .thenMany(Flux.defer(() -> feed.apply(topic).startWith(Frames.RETRY)))
              .doFinally(
                  signal -> {
                    readers.decrementAndGet();
                    leave(batches, key);
                  });
        });
  }

  /**
   * The feed of the batches of a namespace: a snapshot of each that is open and fits, then newer
   * ones, decisions and ticks.
   *
   * @param after the number of the log up to which the reader knows all decisions; null for one
   *     that begins
   * @param snapshots whether it begins with snapshots of what is there
   */
  public Flux<byte[]> many(FeedFilter filter, @Nullable Long after, boolean snapshots) {
    String namespace = filter.query().namespace();
    return Flux.defer(
        () -> {
          NamespaceTopic topic =
              join(namespaces, namespace, () -> new NamespaceTopic(namespace, changes, passedOver));
          ofMany.incrementAndGet();
          return topic
              .begin()
              .then(Mono.defer(changes::numberLog))
              .flatMapMany(
                  end ->
                      changes
                          .clock()
                          .flatMapMany(
                              now ->
                                  many(topic, filter, after, snapshots, end, now)
                                      .startWith(Frames.RETRY)))
              .doFinally(
                  signal -> {
                    ofMany.decrementAndGet();
                    leave(namespaces, namespace);
                  });
        });
  }

  private Flux<byte[]> many(
      NamespaceTopic topic,
      FeedFilter filter,
      @Nullable Long after,
      boolean snapshots,
      long end,
      Instant now) {
    long change = topic.lastChange();
    Flux<byte[]> live =
        topic.reading(filter, after == null ? end : Math.min(after, end), change, now);
    Flux<byte[]> feed =
        snapshots
            ? Flux.concat(
                open(filter)
                    .filter(filter::fits)
                    .map(batch -> Frames.frame("snapshot", null, Frames.json(Snapshots.of(batch)))),
                live)
            : live;
    return after != null && after > end ? feed.startWith(Frames.gap(after, end)) : feed;
  }

  private Flux<BatchRecord> open(FeedFilter filter) {
    BatchQuery query = filter.query().ofOpen(PAGE);
    return query.statuses().isEmpty() ? Flux.empty() : store.listAll(query);
  }

  private static <K, T> T join(
      Map<K, Watched<T>> topics, K key, java.util.function.Supplier<T> first) {
    Watched<T> joined =
        topics.compute(
            key,
            (name, before) ->
                before == null
                    ? new Watched<>(first.get(), 1)
                    : new Watched<>(before.topic(), before.readers() + 1));
    return joined.topic();
  }

  private static <K, T> void leave(Map<K, Watched<T>> topics, K key) {
    topics.computeIfPresent(
        key,
        (name, before) ->
            before.readers() == 1 ? null : new Watched<>(before.topic(), before.readers() - 1));
  }

  /** How many feeds of one batch are open on this node. */
  public int ofBatches() {
    return ofBatches.get();
  }

  /** How many feeds of many batches are open on this node. */
  public int ofMany() {
    return ofMany.get();
  }

  /** How many ledgers are followed on this node. */
  public int ofLedgers() {
    return ofLedgers.get();
  }

  /**
   * How many snapshots readers of this node missed because a newer one of the same batch took their
   * place before they read it. Decisions are never missed.
   */
  public long passedOver() {
    return passedOver.sum();
  }
}
