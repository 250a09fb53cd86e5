package io.fileaudit.it.ingest;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writers that send small requests to random ones of many batches, and others that end, resume and
 * keep alive some of these batches meanwhile. It notes what was acknowledged, and every error that
 * is not an orderly answer to the state of a batch.
 */
final class Crowd {
  /** Of the batches, by number: parents first, then their sub-batches, then those soon idle. */
  static final int PARENTS = 40;

  static final int SUB_BATCHES_OF_EACH = 5;
  static final int FAMILIES = PARENTS * (1 + SUB_BATCHES_OF_EACH);
  static final int SOON_IDLE = 40;

  /** Families, and as many batches that stand alone, are ended and resumed. */
  private static final int CHANGED = 2 * FAMILIES;

  private static final int EVENTS_OF_A_REQUEST = 10;
  private static final int HANDS = 2;
  private static final Set<ProblemType> ORDERLY =
      Set.of(
          ProblemType.BATCH_ENDED,
          ProblemType.STALE_RUN,
          ProblemType.INVALID_TRANSITION,
          ProblemType.SUB_BATCHES_OPEN);
  private static final List<BatchStatus> WISHES =
      List.of(
          BatchStatus.CANCELLED,
          BatchStatus.COMPLETED,
          BatchStatus.RUNNING,
          BatchStatus.RUNNING,
          BatchStatus.RUNNING);

  /** A batch as the crowd knows it. */
  static final class Target {
    final UUID id;
    final Queue<FileEvent> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger run = new AtomicInteger(1);

    Target(UUID id) {
      this.id = id;
    }
  }

  private final AuditCalls client;
  private final long seed;
  private final List<Target> targets;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicInteger heartbeats = new AtomicInteger();

  private Crowd(AuditCalls client, long seed, List<Target> targets) {
    this.client = client;
    this.seed = seed;
    this.targets = targets;
  }

  /** Opens so many batches; those of which nothing is particular come from elsewhere. */
  static Mono<Crowd> open(AuditCalls client, List<UUID> plain, long seed) {
    List<UUID> parents = new ArrayList<>();
    return Flux.range(0, PARENTS)
        .concatMap(i -> client.open(BatchSpec.builder().build()).map(Snapshot::id))
        .doOnNext(parents::add)
        .thenMany(
            Flux.range(PARENTS, FAMILIES + SOON_IDLE - PARENTS)
                .flatMapSequential(i -> client.open(spec(i, parents)).map(Snapshot::id), 8))
        .collectList()
        .map(
            others -> {
              List<UUID> all = new ArrayList<>(parents);
              all.addAll(others);
              all.addAll(plain);
              return new Crowd(client, seed, all.stream().map(Target::new).toList());
            });
  }

  private static BatchSpec spec(int number, List<UUID> parents) {
    BatchSpec.Builder spec = BatchSpec.builder();
    if (number < FAMILIES) {
      spec.parent(parents.get(number % PARENTS));
    } else {
      spec.limit(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(1)));
    }
    return spec.build();
  }

  /** All batches by number. */
  List<Target> targets() {
    return targets;
  }

  /** Answers that no state of a batch explains. */
  Queue<Throwable> wrong() {
    return wrong;
  }

  /** How many requests were refused because of the state of their batch. */
  int refused() {
    return refused.get();
  }

  /** How many changes of a status were made. */
  int changes() {
    return changes.get();
  }

  /** How many heartbeats were answered. */
  int heartbeats() {
    return heartbeats.get();
  }

  /** So many writers send so many requests each, one after the other. */
  Mono<Void> run(int writers, int requests) {
    Mono<Void> writing =
        Flux.range(0, writers)
            .flatMap(
                writer -> {
                  Random random = new Random(seed + writer);
                  return Flux.range(0, requests)
                      .concatMap(request -> write(writer, request, random), 1);
                },
                writers)
            .then()
            .doFinally(signal -> over.set(true));
    return Mono.when(
        writing, byHands(1_000, this::changeAStatus), byHands(2_000, this::keepAnyAlive));
  }

  /** Carries something out by several hands again and again until the writers are done. */
  private Mono<Void> byHands(int number, java.util.function.Function<Random, Mono<?>> work) {
    return Flux.range(0, HANDS)
        .flatMap(
            hand -> {
              Random random = new Random(seed + number + hand);
              return Mono.defer(() -> work.apply(random)).then().repeat(() -> !over.get());
            },
            HANDS)
        .then();
  }

  private Mono<Void> write(int writer, int request, Random random) {
    Target target = targets.get(random.nextInt(targets.size()));
    boolean numbered = random.nextBoolean();
    List<FileEvent> events = new ArrayList<>();
    for (int i = 0; i < EVENTS_OF_A_REQUEST; i++) {
      long number = (long) request * EVENTS_OF_A_REQUEST + i;
      FileEvent.Builder event =
          i == 0
              ? FileEvent.of(EventType.PROGRESS, "shared")
              : FileEvent.of(EventType.COMPLETED, "file-" + writer + "-" + number);
      event.rows((long) random.nextInt(1_000));
      events.add(
          numbered
              ? event.position(number).build()
              : event.id("event-" + writer + "-" + number).build());
    }
    return client
        .send(
            target.id,
            target.run.get(),
            numbered ? "writer-" + writer : null,
            Flux.fromIterable(events))
        .scan(0L, (line, ack) -> note(target, events, line, ack))
        .then()
        .onErrorResume(error -> refused(error, refused));
  }

  /** Notes what of the lines that it answers an acknowledgement says to be durable. */
  private long note(Target target, List<FileEvent> events, long answered, Ack ack) {
    Set<Long> bad = new HashSet<>();
    ack.refusals().forEach(refusal -> bad.add(refusal.line()));
    long taken = 0;
    for (long line = answered + 1; line <= ack.lastLine(); line++) {
      if (!bad.contains(line)) {
        target.acknowledged.add(events.get((int) line - 1));
        taken++;
      }
    }
    if (taken != ack.accepted()) {
      wrong.add(new AssertionError("not what was sent: " + ack));
    }
    return ack.lastLine();
  }

  private Mono<Void> changeAStatus(Random random) {
    Target target = targets.get(changed(random));
    BatchStatus wish = WISHES.get(random.nextInt(WISHES.size()));
    return client
        .status(target.id, target.run.get(), wish, null)
        .doOnNext(
            snapshot -> {
              target.run.accumulateAndGet(snapshot.run(), Math::max);
              changes.incrementAndGet();
            })
        .then()
        .onErrorResume(error -> refused(error, new AtomicInteger()));
  }

  /** Parents more often than others: what ends with them makes for long transactions. */
  private static int changed(Random random) {
    int number = random.nextInt(3) == 0 ? random.nextInt(PARENTS) : random.nextInt(CHANGED);
    return number < FAMILIES ? number : number + SOON_IDLE;
  }

  private Mono<Void> keepAnyAlive(Random random) {
    Target target = targets.get(random.nextInt(targets.size()));
    return client
        .heartbeat(target.id, target.run.get())
        .doOnNext(answer -> heartbeats.incrementAndGet())
        .then()
        .onErrorResume(error -> refused(error, new AtomicInteger()));
  }

  private Mono<Void> refused(Throwable error, AtomicInteger count) {
    if (error instanceof AuditException orderly && ORDERLY.contains(orderly.type())) {
      count.incrementAndGet();
    } else {
      wrong.add(Objects.requireNonNull(error));
    }
    return Mono.empty();
  }
}
