package io.fileaudit.core.watch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.WatchStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A store in memory whose clock is virtual time, and what watching asked of it. */
final class Watched implements WatchStore {
  static final Duration IDLE = Duration.ofSeconds(8);

  final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  final MemoryAuditStore store = new MemoryAuditStore(this::now);
  final Verdicts verdicts = new Verdicts();
  final Batches batches = new Batches(store, LimitRules.DEFAULTS, "node-1", verdicts);
  final List<BatchKey> judged = new ArrayList<>();
  final List<List<Heartbeat>> written = new ArrayList<>();
  final Set<BatchKey> held = new HashSet<>();
  final Set<BatchKey> unjudgeable = new HashSet<>();
  final List<Instant> signs = new ArrayList<>();

  /** What calls fail with; null while the store answers. */
  @Nullable RuntimeException away;

  /** What heartbeats wait for before they are noted. */
  Mono<?> gate = Mono.just(true);

  private final AtomicLong ids = new AtomicLong();

  Instant now() {
    return Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS));
  }

  void pass(Duration duration) {
    time.advanceTimeBy(duration);
  }

  BatchKey open(LimitName name, Limit limit) {
    return open(BatchSpec.builder().limit(name, limit).build());
  }

  BatchKey open(BatchSpec spec) {
    BatchKey key = new BatchKey("default", new UUID(0, ids.incrementAndGet()));
    Objects.requireNonNull(batches.open(key, spec, "tester").block());
    return key;
  }

  /** An open batch with an idle limit of {@link #IDLE} that has begun. */
  BatchKey running() {
    BatchKey key = open(LimitName.IDLE, Limit.endAfter(IDLE));
    send(key);
    return key;
  }

  void send(BatchKey key) {
    long n = ids.incrementAndGet();
    byte[] line =
        ("{\"type\":\"STARTED\",\"file\":\"f" + n + "\"}").getBytes(StandardCharsets.UTF_8);
    Chunk chunk =
        new Chunk(
            new UUID(1, n), key, 1, null, List.of(new EventReader().read(1, line, 0, line.length)));
    Objects.requireNonNull(store.commit(List.of(chunk), false).block());
  }

  BatchRecord find(BatchKey key) {
    return Objects.requireNonNull(store.find(key).block());
  }

  BatchStatus status(BatchKey key) {
    return find(key).state().status();
  }

  private <T> Mono<T> unlessAway(Mono<T> call) {
    return Mono.defer(() -> away == null ? call : Mono.error(away));
  }

  @Override
  public Mono<Heard> heartbeat(List<Heartbeat> beats) {
    return unlessAway(
        Mono.defer(
            () -> {
              written.add(beats);
              return gate.then(store.heartbeat(beats)).map(this::withoutHeld);
            }));
  }

  private Heard withoutHeld(Heard heard) {
    Set<BatchKey> noted = new HashSet<>(heard.noted());
    noted.removeAll(held);
    return new Heard(heard.batches(), noted);
  }

  @Override
  public Mono<OpenCount> countOpen() {
    return unlessAway(store.countOpen());
  }

  @Override
  public Flux<BatchKey> due(int limit) {
    return unlessAway(store.due(limit).collectList()).flatMapIterable(due -> due);
  }

  @Override
  public Mono<Decided> expire(BatchKey key, String node) {
    return Mono.defer(
        () -> {
          judged.add(key);
          return unjudgeable.contains(key)
              ? Mono.error(new IllegalStateException("cannot be judged"))
              : unlessAway(store.expire(key, node));
        });
  }

  @Override
  public Mono<Judged> expireAll(List<BatchKey> keys, String node) {
    return Mono.defer(
        () -> {
          boolean broken = keys.stream().anyMatch(unjudgeable::contains);
          if (!broken) {
            judged.addAll(keys);
          }
          return broken
              ? Mono.error(new IllegalStateException("one of them cannot be judged"))
              : unlessAway(store.expireAll(keys, node));
        });
  }

  @Override
  public Mono<Void> signOfLife(String node, Duration gap) {
    return unlessAway(
        Mono.defer(
            () -> {
              signs.add(now());
              return store.signOfLife(node, gap);
            }));
  }
}
