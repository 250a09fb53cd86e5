package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.ChangePlan;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.Outage;
import io.fileaudit.core.batch.RollUp;
import io.fileaudit.core.batch.SubBatches;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.ledger.Known;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The store in memory, for fast tests of one's own: the same rules as the durable one and nothing
 * that survives. Thread-safe; calls take effect one after the other, on the thread that subscribes.
 */
public final class MemoryAuditStore implements AuditStore, WatchStore {
  private final InstantSource clock;
  private final Map<BatchKey, MemoryBatch> batches = new TreeMap<>();
  private final List<Outage> outages = new ArrayList<>();
  private final MemoryEvidence evidence = new MemoryEvidence(this);
  private final MemoryFeeds feeds = new MemoryFeeds(this, evidence);
  private final MemoryWebhooks webhooks = new MemoryWebhooks(this);
  private @Nullable MemoryOutbox outbox;
  private @Nullable Instant lastSign;

  /** A store whose clock is the given one. */
  public MemoryAuditStore(InstantSource clock) {
    this.clock = clock;
  }

  /** Reports over the batches of this store. */
  public ReportStore reports() {
    return new MemoryReports(this);
  }

  /** What has changed in this store. */
  public FeedStore feeds() {
    return feeds;
  }

  /** Takes reports on batches of this store. */
  public LineageStore lineage() {
    return new MemoryLineage(this);
  }

  /** Changes of status that are to be sent: those from the first call of this on. */
  public synchronized OutboxStore outbox() {
    MemoryOutbox asked = outbox == null ? new MemoryOutbox(this) : outbox;
    outbox = asked;
    return asked;
  }

  /** Evidence of this store. */
  public EvidenceStore evidence() {
    return evidence;
  }

  /** Notes that an ended batch was reported on; only within {@link #looking}. */
  void sealed(MemoryBatch batch) {
    feeds.sealed(batch);
  }

  /** Webhooks of this store. */
  public WebhookStore webhooks() {
    return webhooks;
  }

  /** The same, for what notes things to tell. */
  MemoryWebhooks hooks() {
    return webhooks;
  }

  /** Every batch; only within {@link #looking}. */
  Collection<MemoryBatch> all() {
    return batches.values();
  }

  /** Looks at all batches at one time. */
  synchronized <T> T looking(Supplier<T> work) {
    return work.get();
  }

  @Override
  public Mono<OpenedBatch> open(OpenBatch request) {
    return atomically(() -> doOpen(request));
  }

  private OpenedBatch doOpen(OpenBatch request) {
    MemoryBatch present = batches.get(request.key());
    if (present != null) {
      OpenRules.checkSame(request, present.spec);
      DecisionPlan.Wish wish = OpenRules.resumeWish(request, present.state);
      if (wish != null) {
        checkParentOpen(request);
        doDecide(new Decide(request.key(), wish));
      }
      return new OpenedBatch(record(present), false);
    }
    OpenRules.checkFirstRun(request);
    checkParentOpen(request);
    return new OpenedBatch(record(create(request)), true);
  }

  /** Makes a batch that is not there; only within {@link #looking}. */
  MemoryBatch create(OpenBatch request) {
    Instant now = now();
    MemoryBatch batch = new MemoryBatch(request, now);
    batches.put(request.key(), batch);
    feeds.opened(batch);
    if (request.spec().expected() != null) {
      List<ExpectedFile> files = request.spec().expected().files();
      OpenRules.expectationChunk(request, files).ifPresent(chunk -> declare(batch, chunk, now));
    }
    feeds.changed(request.key());
    noteStatus(batch, null);
    return batch;
  }

  /** The batch, where it is there; only within {@link #looking}. */
  @Nullable MemoryBatch present(BatchKey key) {
    return batches.get(key);
  }

  private void noteStatus(MemoryBatch batch, @Nullable BatchState before) {
    boolean same =
        before != null
            && before.status() == batch.state.status()
            && before.run() == batch.state.run();
    if (same) {
      return;
    }
    StatusChange change = batch.statusChange(now());
    webhooks.changed(batch, before, change);
    if (outbox != null) {
      outbox.changed(change);
    }
  }

  private static void declare(MemoryBatch batch, Chunk chunk, Instant now) {
    BatchState opened = batch.state;
    CommitPlan plan = CommitPlan.of(chunk, batch.spec, opened, Known.NOTHING, Map.of(), now);
    batch.apply(plan, chunk, now);
    batch.state = OpenRules.declared(opened, plan.state());
  }

  private void checkParentOpen(OpenBatch request) {
    if (request.spec().parent() != null) {
      MemoryBatch parent =
          batches.get(new BatchKey(request.key().namespace(), request.spec().parent()));
      OpenRules.checkParent(
          request.spec().parent(),
          parent == null ? null : parent.spec,
          parent == null ? null : parent.state);
    }
  }

  @Override
  public Mono<List<CommitOutcome>> commit(List<Chunk> chunks, boolean again) {
    return atomically(() -> chunks.stream().map(this::doCommit).toList());
  }

  /** Commits a chunk; only within {@link #looking}. */
  CommitOutcome doCommit(Chunk chunk) {
    MemoryBatch batch = batches.get(chunk.batch());
    if (batch == null) {
      return new CommitOutcome.Rejected(OpenRules.notFound(chunk.batch()));
    }
    CommitOutcome.Committed before = batch.chunks.get(chunk.id());
    if (before != null) {
      return before;
    }
    Instant now = now();
    Known.Questions questions = Known.Questions.of(chunk, batch.mark(chunk.producer()));
    CommitPlan plan =
        CommitPlan.of(
            chunk, batch.spec, batch.state, batch.answer(questions, chunk), batch.accounts, now);
    BatchState unchanged = batch.state;
    batch.apply(plan, chunk, now);
    noteStatus(batch, unchanged);
    CommitOutcome.Committed outcome = new CommitOutcome.Committed(plan.ack());
    batch.chunks.put(chunk.id(), outcome);
    feeds.changed(chunk.batch());
    return outcome;
  }

  @Override
  public Mono<Decided> decide(Decide request) {
    return atomically(() -> doDecide(request));
  }

  private Decided doDecide(Decide request) {
    MemoryBatch batch = existing(request.key());
    if (request.sent() != null && batch.isRepeat(request)) {
      return Decided.nothing(record(batch));
    }
    Instant now = now();
    OpenRules.checkTime(request, now);
    if (request.wish().wanted() == BatchStatus.RUNNING && batch.spec.parent() != null) {
      MemoryBatch parent =
          batches.get(new BatchKey(request.key().namespace(), batch.spec.parent()));
      OpenRules.checkParent(
          batch.spec.parent(),
          parent == null ? null : parent.spec,
          parent == null ? null : parent.state);
    }
    List<MemoryBatch> children = children(request.key());
    long open = children.stream().filter(child -> child.state.status().isOpen()).count();
    long otherwise =
        children.stream()
            .filter(
                child ->
                    !child.state.status().isOpen() && child.state.status() != BatchStatus.COMPLETED)
            .count();
    DecisionPlan plan =
        DecisionPlan.of(
            request.wish(),
            batch.spec,
            batch.state,
            batch.refusalsAfter(request),
            new SubBatches(open, otherwise),
            now);
    if (plan.verdict() == null) {
      return Decided.nothing(record(batch));
    }
    decide(batch, plan, plan.verdict(), request, now);
    List<MemoryBatch> along =
        plan.verdict().status().isOpen()
            ? List.of()
            : cascade(children, request.wish().node(), now);
    return new Decided(record(batch), true, along.stream().map(this::record).toList());
  }

  private List<MemoryBatch> cascade(List<MemoryBatch> children, String node, Instant now) {
    List<MemoryBatch> along = new ArrayList<>();
    for (MemoryBatch child : children) {
      if (child.state.status().isOpen()) {
        DecisionPlan plan = DecisionPlan.parentEnded(node, child.state, now);
        DecisionPlan.Wish wish =
            new DecisionPlan.Wish(child.state.run(), BatchStatus.CANCELLED, null, null, node);
        decide(
            child, plan, Objects.requireNonNull(plan.verdict()), new Decide(child.key, wish), now);
        along.add(child);
      }
    }
    return along;
  }

  /** Carries out a decision; only within {@link #looking}. */
  void decide(MemoryBatch batch, DecisionPlan plan, Verdict verdict, Decide request, Instant now) {
    BatchState before = batch.state;
    batch.decide(plan, verdict, request, now);
    feeds.decided(batch, verdict, !before.status().isOpen());
    noteStatus(batch, before);
  }

  @Override
  public Mono<BatchRecord> change(ChangeBatch request) {
    return atomically(
        () -> {
          MemoryBatch batch = existing(request.key());
          batch.change(
              ChangePlan.of(request.run(), request.change(), record(batch), request.inherited()),
              now());
          feeds.changed(request.key());
          return record(batch);
        });
  }

  @Override
  public Mono<Long> dismiss(BatchKey key, Set<Long> numbers) {
    return atomically(
        () -> {
          long dismissed = existing(key).dismiss(numbers);
          feeds.changed(key);
          return dismissed;
        });
  }

  @Override
  public Mono<BatchRecord> find(BatchKey key) {
    return Mono.fromSupplier(
        () -> {
          synchronized (this) {
            MemoryBatch batch = batches.get(key);
            return batch == null ? null : record(batch);
          }
        });
  }

  @Override
  public Flux<BatchRecord> list(BatchQuery query) {
    return reading(
        () ->
            batches.values().stream()
                .filter(batch -> matches(batch, query))
                .sorted(
                    Comparator.comparing(MemoryBatch::openedAt)
                        .thenComparing(b -> b.key.id().toString())
                        .reversed())
                .filter(batch -> query.after() == null || isBehind(batch, query.after()))
                .limit(query.limit())
                .map(this::record)
                .toList());
  }

  private static boolean isBehind(MemoryBatch batch, BatchQuery.Place place) {
    int order = batch.openedAt.compareTo(place.openedAt());
    return order < 0
        || (order == 0 && batch.key.id().toString().compareTo(place.id().toString()) < 0);
  }

  private static boolean matches(MemoryBatch batch, BatchQuery query) {
    return batch.key.namespace().equals(query.namespace())
        && (query.statuses().isEmpty() || query.statuses().contains(batch.state.status()))
        && query.fits(batch.spec, batch.labels);
  }

  @Override
  public Flux<Manifest> files(BatchKey key, FileQuery query) {
    return reading(
        key,
        batch ->
            batch.accounts.entrySet().stream()
                .filter(
                    entry ->
                        query.after() == null
                            || MemoryBatch.BY_CODE_POINT.compare(entry.getKey(), query.after()) > 0)
                .filter(entry -> query.text() == null || entry.getKey().contains(query.text()))
                .map(entry -> entry.getValue().toManifest(entry.getKey()))
                .filter(manifest -> query.state() == null || manifest.state() == query.state())
                .filter(manifest -> query.error() == null || failed(manifest, query.error()))
                .limit(query.limit())
                .toList());
  }

  private static boolean failed(Manifest manifest, String code) {
    return manifest.state() == FileState.FAILED
        && manifest.error() != null
        && code.equals(manifest.error().code());
  }

  @Override
  public Mono<FileAccount> account(BatchKey key, String file) {
    return reading(
            key,
            batch ->
                batch.accounts.containsKey(file)
                    ? List.of(batch.accounts.get(file))
                    : List.<FileAccount>of())
        .next();
  }

  @Override
  public Flux<String> ledger(BatchKey key, long from) {
    return reading(
        key,
        batch ->
            List.copyOf(
                batch.ledger.subList(
                    (int) Math.min(from, batch.ledger.size()), batch.ledger.size())));
  }

  @Override
  public Flux<Verdict> verdicts(BatchKey key) {
    return reading(key, batch -> List.copyOf(batch.verdicts));
  }

  @Override
  public Flux<Rejected> rejected(BatchKey key, long after, int limit) {
    return reading(
        key,
        batch ->
            batch.rejected.values().stream().filter(r -> r.number() > after).limit(limit).toList());
  }

  @Override
  public Flux<ProducerMark> producers(BatchKey key) {
    return reading(key, batch -> List.copyOf(batch.marks.values()));
  }

  @Override
  public Mono<Heard> heartbeat(List<Heartbeat> beats) {
    return atomically(
        () -> {
          Map<BatchKey, BatchRecord> heard = new TreeMap<>();
          Set<BatchKey> noted = new HashSet<>();
          for (Heartbeat beat : beats) {
            MemoryBatch batch = batches.get(beat.key());
            if (batch != null) {
              if (beat.run() == batch.state.run() && batch.state.status().isOpen()) {
                batch.state = batch.state.heard(now());
                noted.add(beat.key());
              }
              heard.put(beat.key(), record(batch));
            }
          }
          return new Heard(heard, noted);
        });
  }

  @Override
  public Mono<OpenCount> countOpen() {
    return atomically(
        () ->
            new OpenCount(
                batches.values().stream().filter(is(BatchStatus.PENDING)).count(),
                batches.values().stream().filter(is(BatchStatus.RUNNING)).count()));
  }

  private static Predicate<MemoryBatch> is(BatchStatus status) {
    return batch -> batch.state.status() == status;
  }

  @Override
  public Flux<BatchKey> due(int limit) {
    return reading(
        () -> {
          Instant now = now();
          return batches.values().stream()
              .filter(batch -> batch.checkAt != null && !batch.checkAt.isAfter(now))
              .sorted(Comparator.comparing(batch -> Objects.requireNonNull(batch.checkAt)))
              .limit(limit)
              .map(batch -> batch.key)
              .toList();
        });
  }

  @Override
  public Mono<Decided> expire(BatchKey key, String node) {
    return Mono.fromSupplier(
        () -> {
          synchronized (this) {
            MemoryBatch batch = batches.get(key);
            return batch == null ? null : doExpire(batch, node);
          }
        });
  }

  @Override
  public Mono<Judged> expireAll(List<BatchKey> keys, String node) {
    return atomically(
        () -> {
          List<Decided> decided = new ArrayList<>();
          List<BatchKey> left = new ArrayList<>();
          for (BatchKey key : keys) {
            MemoryBatch batch = batches.get(key);
            if (batch != null && children(key).isEmpty()) {
              decided.add(doExpire(batch, node));
            } else {
              left.add(key);
            }
          }
          return new Judged(decided, left);
        });
  }

  private Decided doExpire(MemoryBatch batch, String node) {
    Instant now = now();
    BatchState state = heardOf(batch);
    Expiry expiry =
        Expiry.judge(new Expiry.Evidence(batch.limits, state, outagesOf(batch), null, now));
    if (expiry.over() == null) {
      batch.checkAt = expiry.checkAt();
      return Decided.nothing(record(batch));
    }
    DecisionPlan plan = expiry.end(state, now, node);
    DecisionPlan.Wish wish =
        new DecisionPlan.Wish(state.run(), BatchStatus.TIMED_OUT, null, null, node);
    decide(batch, plan, Objects.requireNonNull(plan.verdict()), new Decide(batch.key, wish), now);
    List<MemoryBatch> along = cascade(children(batch.key), node, now);
    return new Decided(record(batch), true, along.stream().map(this::record).toList());
  }

  @Override
  public Mono<Void> signOfLife(String node, Duration gap) {
    return atomically(
            () -> {
              Instant now = now();
              Instant last = lastSign;
              if (last != null && last.plus(gap).isBefore(now)) {
                outages.add(new Outage(last, now));
              }
              lastSign = now;
              return now;
            })
        .then();
  }

  @Override
  public Mono<Void> ping() {
    return Mono.empty();
  }

  private MemoryBatch existing(BatchKey key) {
    MemoryBatch batch = batches.get(key);
    if (batch == null) {
      throw OpenRules.notFound(key);
    }
    return batch;
  }

  /** The sub-batches of a batch; only within {@link #looking}. */
  List<MemoryBatch> children(BatchKey key) {
    List<MemoryBatch> children = new ArrayList<>();
    for (MemoryBatch batch : batches.values()) {
      if (batch.key.namespace().equals(key.namespace()) && key.id().equals(batch.spec.parent())) {
        children.add(batch);
      }
    }
    return children;
  }

  /** The batch as it is; only within {@link #looking}. */
  BatchRecord record(MemoryBatch batch) {
    return new BatchRecord(
        batch.key,
        batch.spec,
        batch.labels,
        batch.own,
        batch.limits,
        batch.openedAt,
        heardOf(batch),
        batch.refusals(),
        below(batch),
        outagesOf(batch),
        now());
  }

  private List<Outage> outagesOf(MemoryBatch batch) {
    List<Outage> noted =
        outages.stream().filter(outage -> outage.to().isAfter(batch.state.runOpenedAt())).toList();
    return lastSign == null ? noted : Outage.until(now(), lastSign, noted);
  }

  private RollUp below(MemoryBatch batch) {
    RollUp below = RollUp.NONE;
    if (batch.spec.parent() == null) {
      for (MemoryBatch child : children(batch.key)) {
        below = below.plus(record(child));
      }
    }
    return below;
  }

  /** The state with what was heard of the sub-batches in this run. */
  private BatchState heardOf(MemoryBatch batch) {
    BatchState state = batch.state;
    if (batch.spec.parent() == null) {
      for (MemoryBatch child : children(batch.key)) {
        state = state.withSubBatch(child.state);
      }
    }
    return state;
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private <T> Mono<T> atomically(Supplier<T> work) {
    return Mono.fromSupplier(
        () -> {
          synchronized (this) {
            return work.get();
          }
        });
  }

  private <T> Flux<T> reading(Supplier<List<T>> work) {
    return Flux.defer(
        () -> {
          synchronized (this) {
            return Flux.fromIterable(work.get());
          }
        });
  }

  private <T> Flux<T> reading(BatchKey key, Function<MemoryBatch, List<T>> work) {
    return reading(
        () -> {
          MemoryBatch batch = batches.get(key);
          return batch == null ? List.of() : work.apply(batch);
        });
  }
}
