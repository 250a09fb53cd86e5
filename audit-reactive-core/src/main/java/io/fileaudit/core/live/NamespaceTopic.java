package io.fileaudit.core.live;

import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Rates;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.RollUp;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.FeedStore.Mark;
import io.fileaudit.core.store.Logged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * The batches of one namespace that somebody on this node watches together. Each batch that changed
 * stands once in the order of changes, with its latest state; a reader holds nothing but its place
 * in that order and in the log. Thread-safe; updates come one at a time.
 */
final class NamespaceTopic {
  /** How many decisions are kept for readers; who is further behind reads the store. */
  private static final int DECISIONS = 10_000;

  /** How many batches that ended are kept in the order of changes. */
  private static final int ENDED = 1_000;

  /** How many batches that did not change are looked at for their flags at a time. */
  private static final int LOOKED_AT = 500;

  private static final int PAGE = 1_000;
  private static final Duration SPACING = Duration.ofSeconds(5);

  /** A batch that changed; its frame is made for the first reader whom it concerns. */
  private static final class Change {
    private final BatchRecord batch;
    private final Supplier<byte[]> making;
    private byte @Nullable [] frame;

    Change(BatchRecord batch, Supplier<byte[]> making) {
      this.batch = batch;
      this.making = making;
    }

    synchronized byte[] frame() {
      if (frame == null) {
        frame = making.get();
      }
      return frame;
    }
  }

  private record Told(Logged decision, byte[] frame) {}

  private record Known(Mark mark, RollUp below, List<Flag> flags, RateWindow rates) {
    boolean isSame(Mark other, RollUp otherBelow, List<Flag> otherFlags) {
      return mark.equals(other) && below.equals(otherBelow) && flags.equals(otherFlags);
    }
  }

  private final String namespace;
  private final FeedStore store;
  private final LongAdder passedOver;
  private final Wakes wakes = new Wakes();
  private final ConcurrentSkipListMap<Long, Change> changes = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Told> told = new ConcurrentSkipListMap<>();
  private final Map<BatchKey, Long> places = new HashMap<>();
  private final Set<BatchKey> ended = new LinkedHashSet<>();
  private final NavigableMap<BatchKey, Known> open = new TreeMap<>();
  private @Nullable BatchKey lookedAt;
  private boolean begun;
  private boolean news;
  private volatile long lastChange;

  /** Decisions up to this number of the log are not kept. */
  private volatile long floor;

  /** Decisions up to this number of the log were told or came before anybody watched. */
  private volatile long logged;

  private volatile Tick tick = Tick.NONE;

  /**
   * A namespace that nothing was read of yet.
   *
   * @param passedOver counts changes that a reader missed because a newer one took their place
   */
  NamespaceTopic(String namespace, FeedStore store, LongAdder passedOver) {
    this.passedOver = passedOver;
    this.namespace = namespace;
    this.store = store;
  }

  String namespace() {
    return namespace;
  }

  /** Prepares it for its first readers: from here on nothing is missed. */
  Mono<Void> begin() {
    return Mono.defer(
        () ->
            hasBegun()
                ? Mono.<Void>empty()
                : store
                    .numberLog()
                    .flatMap(
                        end -> store.open(namespace).collectList().doOnNext(m -> begin(end, m)))
                    .then());
  }

  private synchronized boolean hasBegun() {
    return begun;
  }

  private synchronized void begin(long end, List<Mark> marks) {
    if (!begun) {
      begun = true;
      floor = end;
      logged = end;
      marks.forEach(mark -> open.put(mark.key(), unseen(mark)));
    }
  }

  private static Known unseen(Mark mark) {
    return new Known(mark, RollUp.NONE, List.of(), new RateWindow(SPACING));
  }

  /** Batches that have to be read: new, changed or ended by these marks, or long not looked at. */
  synchronized Set<BatchKey> stale(List<Mark> marks) {
    Set<BatchKey> stale = new HashSet<>();
    Set<BatchKey> there = new HashSet<>();
    for (Mark mark : marks) {
      there.add(mark.key());
      Known known = open.get(mark.key());
      if (known == null || !known.mark().equals(mark)) {
        stale.add(mark.key());
      }
    }
    open.keySet().stream().filter(key -> !there.contains(key)).forEach(stale::add);
    NavigableMap<BatchKey, Known> next = lookedAt == null ? open : open.tailMap(lookedAt, false);
    List<BatchKey> looked = new ArrayList<>();
    next.keySet().stream().limit(LOOKED_AT).forEach(looked::add);
    lookedAt = looked.size() < LOOKED_AT ? null : looked.get(looked.size() - 1);
    stale.addAll(looked);
    return stale;
  }

  /** Takes note of a batch as it was read. */
  synchronized void update(BatchRecord batch) {
    BatchKey key = batch.key();
    Known before = open.get(key);
    Instant last = batch.state().lastActivityAt();
    Mark mark = new Mark(key, batch.state().version(), last == null ? Instant.EPOCH : last);
    List<Flag> flags = Snapshots.flags(batch);
    RateWindow rates = before == null ? new RateWindow(SPACING) : before.rates();
    boolean isNew = before == null || !before.isSame(mark, batch.below(), flags);
    if (batch.state().status().isOpen()) {
      open.put(key, new Known(mark, batch.below(), flags, rates));
    } else {
      open.remove(key);
      isNew = isNew && !isShown(batch);
    }
    Rates now = rates.add(batch);
    if (isNew) {
      put(batch, () -> Frames.frame("status", null, Frames.json(Snapshots.of(batch, null, now))));
    }
  }

  /** Whether an ended batch stands as it is in the order of changes. */
  private boolean isShown(BatchRecord batch) {
    Long place = places.get(batch.key());
    Change shown = place == null ? null : changes.get(place);
    return shown != null && shown.batch.state().equals(batch.state());
  }

  /** Takes note that a batch is there no longer. */
  synchronized void remove(BatchKey key) {
    open.remove(key);
    drop(key);
  }

  private void put(BatchRecord batch, Supplier<byte[]> frame) {
    long number = lastChange + 1;
    changes.put(number, new Change(batch, frame));
    lastChange = number;
    news = true;
    Long before = places.put(batch.key(), number);
    if (before != null) {
      changes.remove(before);
    }
    ended.remove(batch.key());
    if (!batch.state().status().isOpen()) {
      ended.add(batch.key());
    }
    if (ended.size() > ENDED) {
      drop(ended.iterator().next());
    }
  }

  private void drop(BatchKey key) {
    ended.remove(key);
    Long place = places.remove(key);
    if (place != null) {
      changes.remove(place);
    }
  }

  /** Reads the decisions up to that number of the log. */
  Mono<Void> follow(long end) {
    return Mono.defer(
        () ->
            logged >= end
                ? Mono.<Void>empty()
                : store
                    .logged(namespace, logged, PAGE)
                    .collectList()
                    .doOnNext(page -> tell(page, end))
                    .then(Mono.defer(() -> follow(end))));
  }

  private synchronized void tell(List<Logged> page, long end) {
    for (Logged decision : page) {
      told.put(decision.number(), new Told(decision, Frames.verdict(decision, decision.number())));
      logged = Math.max(logged, decision.number());
      news = true;
    }
    if (page.size() < PAGE) {
      logged = Math.max(logged, end);
    }
    while (told.size() > DECISIONS) {
      // In this order: who finds one dropped finds the floor risen.
      floor = told.firstKey();
      told.remove(floor);
    }
  }

  /** Wakes the readers where there is something for them. */
  void wakeIfNews() {
    synchronized (this) {
      if (!news) {
        return;
      }
      news = false;
    }
    wakes.wake();
  }

  void tick(Tick latest) {
    tick = latest;
    wakes.wake();
  }

  /** The number of the last change, for a reader that begins with all that is there now. */
  long lastChange() {
    return lastChange;
  }

  /**
   * What one reader is told from its place on. Never completes; decisions come in the order of the
   * log.
   *
   * @param number decisions up to this number of the log are known to the reader
   * @param change so are changes up to this
   * @param now the store's time, for a first tick that says from where to resume
   */
  Flux<byte[]> reading(FeedFilter filter, long number, long change, Instant now) {
    Place place = new Place(filter, number, change, now);
    return wakes.reading(wake -> Flux.concat(place.behind(), Flux.generate(place::next)));
  }

  /** Where one reader is; signals to a reader come one after the other. */
  private final class Place {
    private final FeedFilter filter;
    private long number;
    private long change;
    private long ticksSeen;
    private @Nullable Instant first;

    Place(FeedFilter filter, long number, long change, Instant now) {
      this.filter = filter;
      this.number = number;
      this.change = change;
      this.ticksSeen = tick.number();
      this.first = now;
    }

    /** Decisions that are not kept here, page by page. */
    Flux<byte[]> behind() {
      return Flux.defer(
          () -> {
            long kept = floor;
            return number >= kept
                ? Flux.empty()
                : store
                    .logged(namespace, number, PAGE)
                    .collectList()
                    .flatMapMany(page -> Flux.concat(page(page, kept), Flux.defer(this::behind)));
          });
    }

    private Flux<byte[]> page(List<Logged> page, long kept) {
      return page.size() < PAGE
          ? Flux.concat(frames(page), Flux.defer(() -> reached(kept)))
          : frames(page);
    }

    private Flux<byte[]> frames(List<Logged> page) {
      return Flux.fromIterable(page)
          .doOnNext(decision -> number = decision.number())
          .filter(filter::fits)
          .map(decision -> Frames.verdict(decision, decision.number()));
    }

    private Flux<byte[]> reached(long kept) {
      number = Math.max(number, kept);
      return Flux.empty();
    }

    void next(SynchronousSink<byte[]> sink) {
      byte[] frame = decision();
      if (frame == null) {
        frame = change();
      }
      if (frame == null) {
        frame = tick();
      }
      if (frame == null) {
        sink.complete();
      } else {
        sink.next(frame);
      }
    }

    private byte @Nullable [] decision() {
      long upTo = logged;
      while (true) {
        Map.Entry<Long, Told> next = told.higherEntry(number);
        if (floor > number) {
          return null; // Dropped meanwhile: read from the store at the wake that comes with that.
        }
        if (next == null) {
          number = Math.max(number, upTo);
          return null;
        }
        number = next.getKey();
        if (filter.fits(next.getValue().decision())) {
          return next.getValue().frame();
        }
      }
    }

    private byte @Nullable [] change() {
      Map.Entry<Long, Change> next;
      while ((next = changes.higherEntry(change)) != null) {
        passedOver.add(next.getKey() - change - 1);
        change = next.getKey();
        if (filter.fits(next.getValue().batch)) {
          return next.getValue().frame();
        }
      }
      return null;
    }

    private byte @Nullable [] tick() {
      Tick last = tick;
      Instant now = first;
      if (now != null) {
        first = null;
        ticksSeen = last.number();
        return Frames.tick(now, number);
      }
      if (ticksSeen < last.number()) {
        ticksSeen = last.number();
        return Frames.tick(last.now(), number);
      }
      return null;
    }
  }
}
