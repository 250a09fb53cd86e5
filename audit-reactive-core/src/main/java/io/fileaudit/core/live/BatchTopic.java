package io.fileaudit.core.live;

import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Rates;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.Logged;
import io.fileaudit.core.store.ReportStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.SynchronousSink;

/**
 * One batch that somebody on this node watches: its latest snapshot and its latest decisions, each
 * encoded once for all readers. Thread-safe.
 */
final class BatchTopic {
  /** How many decisions are kept for readers; who is further behind reads the store. */
  private static final int KEPT = 100;

  private static final Duration SPACING = Duration.ofSeconds(1);

  /**
   * The latest snapshot.
   *
   * @param batch what it is made of
   * @param number rises with each
   * @param json the snapshot
   * @param frame the same as an event
   */
  record Shown(BatchRecord batch, long number, byte[] json, byte[] frame) {
    long version() {
      return batch.state().version();
    }
  }

  private record Told(long version, byte[] frame) {}

  private final BatchKey key;
  private final FeedStore store;
  private final ReportStore reports;
  private final LongAdder passedOver;
  private final Wakes wakes = new Wakes();
  private final Sinks.Empty<Void> gone = Sinks.empty();
  private final RateWindow rates = new RateWindow(SPACING);
  private boolean usualRead;
  private @Nullable Usual usual;
  private volatile @Nullable Shown shown;
  private volatile List<Told> told = List.of();

  /** Decisions up to this version are not kept. */
  private volatile long floor;

  /** Decisions up to this version were told or came before anybody watched. */
  private long decidedVersion;

  private volatile Tick tick = Tick.NONE;

  /**
   * A batch that nothing was read of yet.
   *
   * @param passedOver counts snapshots that a reader missed because a newer one took their place
   */
  BatchTopic(BatchKey key, FeedStore store, ReportStore reports, LongAdder passedOver) {
    this.passedOver = passedOver;
    this.key = key;
    this.store = store;
    this.reports = reports;
  }

  /** The latest snapshot, after a first {@link #update}. */
  Shown shown() {
    return Objects.requireNonNull(shown);
  }

  /** Completes when the batch is there no longer. */
  Mono<Void> gone() {
    return gone.asMono();
  }

  void end() {
    // Fails only where it was ended before.
    gone.tryEmitEmpty();
  }

  void tick(Tick latest) {
    tick = latest;
    wakes.wake();
  }

  /** Takes note of the batch as it was read; what is older than what is known changes nothing. */
  Mono<Void> update(BatchRecord batch) {
    return readUsual(batch)
        .then(
            Mono.defer(
                () ->
                    hasDecision(batch)
                        ? store.decided(key, decidedVersion()).collectList()
                        : Mono.just(List.<Logged>of())))
        .doOnNext(decisions -> show(batch, decisions))
        .then();
  }

  /** Read once: it changes only as other loads of the table end. */
  private Mono<Void> readUsual(BatchRecord batch) {
    synchronized (this) {
      if (usualRead) {
        return Mono.empty();
      }
    }
    return reports
        .usual(batch)
        .singleOptional()
        .doOnNext(
            found -> {
              synchronized (this) {
                usualRead = true;
                usual = found.orElse(null);
              }
            })
        .then();
  }

  private boolean hasDecision(BatchRecord batch) {
    Shown before = shown;
    Verdict verdict = batch.state().verdict();
    return before != null
        && verdict != null
        && !verdict.equals(before.batch().state().verdict())
        && batch.state().version() > before.version();
  }

  private synchronized long decidedVersion() {
    return decidedVersion;
  }

  private synchronized void show(BatchRecord batch, List<Logged> decisions) {
    Shown before = shown;
    if (before == null) {
      decidedVersion = batch.state().version();
      floor = decidedVersion;
    }
    tell(decisions);
    if (before == null || isNewer(batch, before.batch())) {
      Rates now = rates.add(batch);
      if (before == null || isChanged(batch, before.batch(), usual)) {
        byte[] json = Frames.json(Snapshots.of(batch, usual, now));
        byte[] frame = Frames.frame("status", batch.state().version(), json);
        shown = new Shown(batch, before == null ? 1 : before.number() + 1, json, frame);
        wakes.wake();
        return;
      }
    }
    if (!decisions.isEmpty()) {
      wakes.wake();
    }
  }

  private void tell(List<Logged> decisions) {
    List<Told> all = new ArrayList<>(told);
    for (Logged decision : decisions) {
      if (decision.version() > decidedVersion) {
        decidedVersion = decision.version();
        all.add(new Told(decision.version(), Frames.verdict(decision, decision.version())));
      }
    }
    while (all.size() > KEPT) {
      floor = all.remove(0).version();
    }
    told = List.copyOf(all);
  }

  /** Two looks may overtake each other on their way here. */
  private static boolean isNewer(BatchRecord batch, BatchRecord before) {
    return batch.state().version() > before.state().version()
        || (batch.state().version() == before.state().version()
            && batch.below().versions() >= before.below().versions()
            && !batch.now().isBefore(before.now()));
  }

  private static boolean isChanged(BatchRecord batch, BatchRecord before, @Nullable Usual usual) {
    List<Flag> flags = Snapshots.flags(batch, usual);
    return !batch.state().equals(before.state())
        || !batch.below().equals(before.below())
        || !batch.refusals().equals(before.refusals())
        || !flags.equals(Snapshots.flags(before, usual));
  }

  /**
   * What one reader is told from its place on. Never completes while the batch is there; decisions
   * come in order and before the snapshot that knows of them.
   *
   * @param version decisions up to this version are known to the reader
   * @param number so is the snapshot of that number
   */
  Flux<byte[]> reading(long version, long number) {
    Place place = new Place(version, number, tick.number());
    return wakes
        .reading(wake -> Flux.concat(place.behind(), Flux.generate(place::next)))
        .takeUntilOther(gone());
  }

  /** The ledger's rows from a number on, as events, and what is added to it. */
  Flux<byte[]> rows(LedgerSource source, long from) {
    RowPlace place = new RowPlace(source, from, tick.number());
    return wakes
        .reading(wake -> Flux.concat(place.rows(), Flux.defer(place::tick)))
        .takeUntilOther(gone());
  }

  /** Reads a batch's ledger from a number on. */
  interface LedgerSource {
    Flux<String> from(long seq);
  }

  /** Where one reader of the feed is; signals to a reader come one after the other. */
  private final class Place {
    private long version;
    private long number;
    private long ticksSeen;

    Place(long version, long number, long ticksSeen) {
      this.version = version;
      this.number = number;
      this.ticksSeen = ticksSeen;
    }

    Flux<byte[]> behind() {
      return Flux.defer(
          () ->
              version >= floor
                  ? Flux.empty()
                  : store
                      .decided(key, version)
                      .map(
                          decision -> {
                            version = decision.version();
                            return Frames.verdict(decision, version);
                          }));
    }

    void next(SynchronousSink<byte[]> sink) {
      // The snapshot is read first: decisions are told before the one that knows of them is shown.
      Shown latest = shown();
      List<Told> kept = told;
      if (floor > version) {
        sink.complete(); // Dropped meanwhile: read from the store at the wake that comes with that.
        return;
      }
      for (Told decision : kept) {
        if (decision.version() > version) {
          version = decision.version();
          sink.next(decision.frame());
          return;
        }
      }
      if (latest.number() > number && latest.version() >= version) {
        passedOver.add(latest.number() - number - 1);
        number = latest.number();
        version = latest.version();
        sink.next(latest.frame());
        return;
      }
      Tick last = tick;
      if (ticksSeen < last.number()) {
        ticksSeen = last.number();
        sink.next(Frames.tick(last.now(), null));
        return;
      }
      sink.complete();
    }
  }

  /** Where one reader of the ledger is. */
  private final class RowPlace {
    private final LedgerSource source;
    private long next;
    private long ticksSeen;

    RowPlace(LedgerSource source, long next, long ticksSeen) {
      this.source = source;
      this.next = next;
      this.ticksSeen = ticksSeen;
    }

    Flux<byte[]> rows() {
      return Flux.defer(
          () ->
              next >= shown().batch().state().nextSeq()
                  ? Flux.empty()
                  : source.from(next).map(body -> Frames.row(next++, body)));
    }

    Flux<byte[]> tick() {
      Tick last = tick;
      if (ticksSeen >= last.number()) {
        return Flux.empty();
      }
      ticksSeen = last.number();
      return Flux.just(Frames.tick(last.now(), null));
    }
  }
}
