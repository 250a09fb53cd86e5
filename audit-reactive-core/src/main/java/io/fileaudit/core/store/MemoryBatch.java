package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.ChangePlan;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.RefusalCounts;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.ledger.LedgerBody;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.lineage.RunFacts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One batch of the store in memory. Guarded by the store's lock. */
final class MemoryBatch {
  /** Names in the order of their code points, which is that of their UTF-8 bytes. */
  static final Comparator<String> BY_CODE_POINT =
      (one, other) ->
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

  final BatchKey key;
  BatchSpec spec;
  Map<String, String> labels;
  Limits own;
  Limits limits;
  final Instant openedAt;
  BatchState state;
  @Nullable RunFacts facts;
  @Nullable Instant checkAt;
  final List<String> ledger = new ArrayList<>();
  final List<Verdict> verdicts = new ArrayList<>();
  final Map<String, FileAccount> accounts = new TreeMap<>(BY_CODE_POINT);
  final Map<String, Rejected> rejected = new LinkedHashMap<>();
  final Map<String, ProducerMark> marks = new TreeMap<>();
  final Map<UUID, CommitOutcome.Committed> chunks = new HashMap<>();
  private final Map<String, Map<Long, byte[]>> byPosition = new HashMap<>();
  private final Map<String, byte[]> byId = new HashMap<>();

  MemoryBatch(OpenBatch request, Instant now) {
    this.key = request.key();
    this.spec = request.spec().withResume(false);
    this.labels = request.spec().labels();
    this.own = request.spec().limits();
    this.limits = request.limits();
    this.openedAt = now;
    this.state = BatchState.opened(now);
    this.checkAt = Expiry.checkAt(limits, state, now);
  }

  Instant openedAt() {
    return openedAt;
  }

  /** What it is at that time, as others are told. */
  StatusChange statusChange(Instant now) {
    return new StatusChange(
        key,
        spec,
        labels,
        state.run(),
        state.status(),
        state.version(),
        now,
        state.verdict(),
        state.tally(),
        state.events(),
        refusals().all(),
        TreeHead.of(state.tree()));
  }

  @Nullable Long mark(@Nullable String producer) {
    ProducerMark mark = producer == null ? null : marks.get(producer);
    return mark == null ? null : mark.position();
  }

  Known answer(Known.Questions questions, Chunk chunk) {
    Map<Long, byte[]> positions = new HashMap<>();
    Map<Long, byte[]> known = byPosition.getOrDefault(String.valueOf(chunk.producer()), Map.of());
    questions.positions().forEach(position -> putIfThere(positions, position, known.get(position)));
    Map<String, byte[]> ids = new HashMap<>();
    questions.ids().forEach(id -> putIfThere(ids, id, byId.get(id)));
    return new Known(positions, ids, chunk.isReplay() ? openNumbers() : Set.of());
  }

  private Set<Long> openNumbers() {
    return rejected.values().stream()
        .filter(kept -> kept.resolution() == null)
        .map(Rejected::number)
        .collect(Collectors.toSet());
  }

  private static <K> void putIfThere(Map<K, byte[]> map, K name, byte @Nullable [] value) {
    if (value != null) {
      map.put(name, value);
    }
  }

  void apply(CommitPlan plan, Chunk chunk, Instant now) {
    for (CommitPlan.LedgerRow row : plan.rows()) {
      append(row.body(), chunk.producer(), row.position(), row.id());
      resolve(chunk.producer(), row.position(), row.id());
    }
    accounts.putAll(plan.accounts());
    mark(chunk.producer(), plan.lastPosition(), now);
    plan.refused().forEach(line -> refuse(line, chunk, now));
    rejected.replaceAll(
        (name, kept) ->
            plan.replayed().contains(kept.number())
                ? RejectedRules.resolved(kept, RejectedRules.REPLAYED)
                : kept);
    boolean begins = state.startedAt() == null && plan.state().startedAt() != null;
    state = plan.state();
    checkAt = begins ? earlier(checkAt, Expiry.checkAt(limits, state, now)) : checkAt;
  }

  private void append(
      byte[] body, @Nullable String producer, @Nullable Long position, @Nullable String id) {
    String text = new String(body, StandardCharsets.UTF_8);
    ledger.add(text);
    if (producer != null && position != null) {
      byPosition
          .computeIfAbsent(producer, name -> new HashMap<>())
          .put(position, LedgerBody.eventOf(text));
    }
    if (id != null) {
      byId.put(id, LedgerBody.eventOf(text));
    }
  }

  private void mark(@Nullable String producer, @Nullable Long position, Instant now) {
    if (producer != null && position != null) {
      ProducerMark before = marks.get(producer);
      long highest = before == null ? position : Math.max(before.position(), position);
      marks.put(producer, new ProducerMark(producer, highest, now));
    }
  }

  private void resolve(@Nullable String producer, @Nullable Long position, @Nullable String id) {
    rejected.replaceAll(
        (name, kept) ->
            corrects(producer, position, id, name, kept)
                ? RejectedRules.resolved(kept, RejectedRules.REPLAYED)
                : kept);
  }

  private static boolean corrects(
      @Nullable String producer,
      @Nullable Long position,
      @Nullable String id,
      String name,
      Rejected kept) {
    boolean samePosition =
        position != null
            && position.equals(kept.position())
            && producer != null
            && producer.equals(kept.producer());
    boolean sameId = id != null && id.equals(kept.id());
    return kept.resolution() == null && !RejectedRules.isOverflow(name) && (samePosition || sameId);
  }

  private void refuse(CommitPlan.RefusedLine line, Chunk chunk, Instant now) {
    String name = RejectedRules.name(line, chunk);
    Rejected before = rejected.get(name);
    if (before == null && line.isCorrected() && rejected.size() >= RejectedRules.MOST_KEPT) {
      return;
    }
    if (before == null && rejected.size() >= RejectedRules.MOST_KEPT) {
      name = RejectedRules.overflowName(line);
      before = rejected.get(name);
    }
    rejected.put(
        name,
        before == null
            ? RejectedRules.first(rejected.size() + 1L, name, line, chunk, now)
            : RejectedRules.again(before, now));
  }

  RefusalCounts refusals() {
    return refusals((name, kept) -> false);
  }

  /** What remains when a decision's own event puts right what was refused of it. */
  RefusalCounts refusalsAfter(Decide request) {
    Line.Readable sent = request.sent();
    return sent == null
        ? refusals()
        : refusals(
            (name, kept) ->
                corrects(
                    request.producer(), sent.event().position(), sent.event().id(), name, kept));
  }

  private RefusalCounts refusals(BiPredicate<String, Rejected> without) {
    long all = 0;
    long invalid = 0;
    for (Map.Entry<String, Rejected> entry : rejected.entrySet()) {
      Rejected kept = entry.getValue();
      if (kept.resolution() == null && !without.test(entry.getKey(), kept)) {
        long count = RejectedRules.isOverflow(entry.getKey()) ? kept.times() : 1;
        all += count;
        invalid += RejectedRules.isInvalid(kept.status()) ? count : 0;
      }
    }
    return new RefusalCounts(all, invalid);
  }

  /** An earlier look stays: a sub-batch may have begun the run before. */
  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isBefore(one)) ? other : one;
  }

  void change(ChangePlan plan, Instant now) {
    labels = plan.labels();
    own = plan.own();
    limits = plan.limits();
    state = plan.state();
    checkAt = Expiry.checkAt(limits, state, now);
  }

  long dismiss(Set<Long> numbers) {
    AtomicLong dismissed = new AtomicLong();
    rejected.replaceAll(
        (name, kept) -> {
          boolean meant = numbers.isEmpty() || numbers.contains(kept.number());
          if (!meant || kept.resolution() != null) {
            return kept;
          }
          dismissed.addAndGet(kept.onlyCounted() ? kept.times() : 1);
          return RejectedRules.resolved(kept, RejectedRules.DISMISSED);
        });
    state = dismissed.get() > 0 ? state.changed() : state;
    return dismissed.get();
  }

  /** Whether the ledger has an event of that id. */
  boolean isKnown(String id) {
    return byId.containsKey(id);
  }

  boolean isRepeat(Decide request) {
    return OpenRules.isRepeat(
        request,
        answer(OpenRules.questions(request, mark(request.producer())), OpenRules.chunkOf(request)));
  }

  void decide(DecisionPlan plan, Verdict verdict, Decide request, Instant now) {
    OpenRules.DecisionRow row = OpenRules.row(request, verdict, now);
    append(row.body(), request.producer(), row.position(), row.id());
    mark(request.producer(), row.position(), now);
    resolve(request.producer(), row.position(), row.id());
    verdicts.add(verdict);
    state = plan.state().withRow(row.body());
    checkAt = Expiry.checkAt(limits, state, now);
  }
}
