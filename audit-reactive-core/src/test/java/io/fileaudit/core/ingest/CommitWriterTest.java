package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * The one writer of a node: how many commits, of what, in which order, and what happens when the
 * store is away.
 */
class CommitWriterTest {
  private static final AuditException AWAY =
      new AuditException(ProblemType.UNAVAILABLE, "no connection");
  private final HeldStore store = new HeldStore();

  @AfterEach
  void restoreTime() {
    VirtualTimeScheduler.reset();
  }

  private CommitWriter writer(int chunkSize, int concurrency) {
    return Loads.writer(store, new WriteSettings(chunkSize, concurrency, Duration.ofSeconds(10)));
  }

  private static Queue<Object> answers(Mono<Ack> call) {
    Queue<Object> answers = new ConcurrentLinkedQueue<>();
    call.subscribe(answers::add, answers::add);
    return answers;
  }

  @Test
  void nothingIsCommittedUntilSubscribed() {
    BatchKey key = Loads.open(store);
    Mono<Ack> call = writer(10, 3).commit(Loads.chunk(key, Loads.completed("a")));

    assertThat(store.calls).isEmpty();

    store.releaseAll();
    StepVerifier.create(call).expectNextCount(1).expectComplete().verify(Loads.PATIENCE);
    assertThat(store.calls).hasSize(1);
  }

  @Test
  void loneEventIsCommittedAtOnce() {
    BatchKey key = Loads.open(store);

    Queue<Object> answers =
        answers(writer(4_000, 3).commit(Loads.chunk(key, Loads.completed("a"))));

    assertThat(store.calls).singleElement().returns(List.of(1), HeldStore.Call::sizes);
    assertThat(answers).as("acknowledged after the commit, never before").isEmpty();
    store.calls.get(0).release();
    assertThat(answers).singleElement().returns(1L, answer -> ((Ack) answer).accepted());
  }

  @Test
  void neverMoreCommitsAtATimeThanAllowed() {
    CommitWriter writer = writer(1, 3);
    List<BatchKey> keys = IntStream.range(0, 5).mapToObj(i -> Loads.open(store)).toList();

    keys.forEach(key -> answers(writer.commit(Loads.chunk(key, Loads.completed("a")))));

    assertThat(store.calls).hasSize(3);
    store.calls.get(1).release();
    assertThat(store.calls).hasSize(4);
    store.calls.get(0).release();
    assertThat(store.calls).hasSize(5);
    assertThat(store.calls.stream().flatMap(call -> call.batches().stream()).toList())
        .containsExactlyElementsOf(keys);
  }

  @Test
  void withoutParallelWritesThereIsOneCommitAtATime() {
    CommitWriter writer = writer(1, 1);
    List<BatchKey> keys = IntStream.range(0, 3).mapToObj(i -> Loads.open(store)).toList();

    keys.forEach(key -> answers(writer.commit(Loads.chunk(key, Loads.completed("a")))));

    for (int i = 0; i < 3; i++) {
      assertThat(store.calls).hasSize(i + 1);
      store.calls.get(i).release();
    }
    assertThat(store.calls).hasSize(3);
  }

  @Test
  void chunksOfOneBatchAreCommittedOneAfterTheOtherInOrder() {
    CommitWriter writer = writer(4_000, 3);
    BatchKey key = Loads.open(store);
    List<Queue<Object>> answers = new ArrayList<>();

    for (int i = 0; i < 4; i++) {
      answers.add(answers(writer.commit(Loads.chunk(key, Loads.completed("f" + i)))));
    }

    for (int i = 0; i < 4; i++) {
      assertThat(store.calls).as("one commit of a batch at a time").hasSize(i + 1);
      assertThat(answers.get(i)).isEmpty();
      store.calls.get(i).release();
      assertThat(answers.get(i)).hasSize(1);
    }
    assertThat(Loads.filesInLedger(store, key)).containsExactly("f0", "f1", "f2", "f3");
  }

  @Test
  void whatWaitsForOtherBatchesGoesIntoOneCommit() {
    CommitWriter writer = writer(4_000, 1);
    BatchKey a = Loads.open(store);
    BatchKey b = Loads.open(store);
    BatchKey c = Loads.open(store);
    for (BatchKey key : List.of(a, b, a, c, b)) {
      answers(writer.commit(Loads.chunk(key, Loads.completed("x"))));
    }
    assertThat(store.calls).hasSize(1);

    store.calls.get(0).release();

    assertThat(store.calls).hasSize(2);
    assertThat(store.calls.get(1).batches())
        .as("one chunk of each")
        .containsExactlyInAnyOrder(a, b, c);
    store.calls.get(1).release();
    assertThat(store.calls.get(2).batches()).containsExactly(b);
  }

  @Test
  void commitTakesNoFurtherBatchOnceItIsLargeEnough() {
    CommitWriter writer = writer(4, 1);
    BatchKey first = Loads.open(store);
    List<BatchKey> keys = IntStream.range(0, 3).mapToObj(i -> Loads.open(store)).toList();
    answers(writer.commit(Loads.chunk(first, Loads.completed("x"))));
    keys.forEach(
        key ->
            answers(writer.commit(Loads.chunk(key, Loads.completed("a"), Loads.completed("b")))));

    store.calls.get(0).release();

    assertThat(store.calls.get(1).batches()).isEqualTo(keys.subList(0, 2));
  }

  @Test
  void batchWithMuchToWriteKeepsNoOtherFromItsTurn() {
    CommitWriter writer = writer(2, 1);
    BatchKey busy = Loads.open(store);
    BatchKey other = Loads.open(store);
    for (int i = 0; i < 10; i++) {
      answers(writer.commit(Loads.chunk(busy, Loads.completed("a" + i), Loads.completed("b" + i))));
    }
    answers(writer.commit(Loads.chunk(other, Loads.completed("x"))));

    store.calls.get(0).release();
    store.calls.get(1).release();

    assertThat(store.calls.subList(0, 3))
        .flatExtracting(HeldStore.Call::batches)
        .as("the other one comes within a round")
        .contains(other);
    store.releaseAll();
  }

  @Test
  void batchThatIsNotThereIsRefusedAlone() {
    CommitWriter writer = writer(4_000, 1);
    BatchKey there = Loads.open(store);
    answers(writer.commit(Loads.chunk(Loads.open(store), Loads.completed("x"))));
    Queue<Object> missing = answers(writer.commit(Loads.chunk(Loads.key(), Loads.completed("x"))));
    Queue<Object> present = answers(writer.commit(Loads.chunk(there, Loads.completed("x"))));

    store.releaseAll();

    assertThat(store.calls.get(1).chunks()).hasSize(2);
    assertThat(missing)
        .singleElement()
        .returns(ProblemType.NOT_FOUND, error -> ((AuditException) error).type());
    assertThat(present).singleElement().isInstanceOf(Ack.class);
  }

  @Test
  void cancellingGivesUpTheAnswerAndNotTheCommit() {
    CommitWriter writer = writer(4_000, 1);
    BatchKey key = Loads.open(store);
    BatchKey other = Loads.open(store);

    writer.commit(Loads.chunk(key, Loads.completed("under way"))).subscribe().dispose();
    writer.commit(Loads.chunk(other, Loads.completed("waiting"))).subscribe().dispose();
    store.releaseAll();

    assertThat(Loads.filesInLedger(store, key)).containsExactly("under way");
    assertThat(Loads.filesInLedger(store, other)).containsExactly("waiting");
  }

  @Test
  void commitIsTriedAgainWhileTheStoreIsAway() {
    VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
    CommitWriter writer = writer(time, Duration.ofSeconds(10));
    BatchKey key = Loads.open(store);
    Chunk chunk = Loads.chunk(key, Loads.completed("a"));
    Queue<Object> answers = answers(writer.commit(chunk));

    store.calls.get(0).fail(AWAY);
    time.advanceTimeBy(Duration.ofMillis(100));
    store.calls.get(1).fail(AWAY);
    time.advanceTimeBy(Duration.ofSeconds(1));

    assertThat(answers).isEmpty();
    assertThat(store.calls).hasSize(3);
    assertThat(store.calls).extracting(HeldStore.Call::again).containsExactly(false, true, true);
    assertThat(store.calls).allMatch(call -> call.chunks().equals(List.of(chunk)));
    store.calls.get(2).release();
    assertThat(answers).singleElement().returns(1L, answer -> ((Ack) answer).accepted());
  }

  @Test
  void commitWhoseAnswerWasLostIsNotRepeated() {
    VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
    CommitWriter writer = writer(time, Duration.ofSeconds(10));
    BatchKey key = Loads.open(store);
    Chunk chunk = Loads.chunk(key, Loads.completed("a"));
    Queue<Object> answers = answers(writer.commit(chunk));

    store.memory.commit(List.of(chunk), false).block(Loads.PATIENCE);
    store.calls.get(0).fail(AWAY);
    time.advanceTimeBy(Duration.ofSeconds(1));
    store.calls.get(1).release();

    assertThat(answers).singleElement().returns(1L, answer -> ((Ack) answer).accepted());
    assertThat(Loads.filesInLedger(store, key)).containsExactly("a");
  }

  @Test
  void senderIsToldWhenTheStoreStaysAway() {
    VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
    Duration retryFor = Duration.ofSeconds(10);
    CommitWriter writer = writer(time, retryFor);
    BatchKey key = Loads.open(store);
    Queue<Object> answers = answers(writer.commit(Loads.chunk(key, Loads.completed("a"))));
    Queue<Object> next = answers(writer.commit(Loads.chunk(key, Loads.completed("b"))));

    Duration waited = Duration.ZERO;
    for (int seen = 0; answers.isEmpty() && waited.compareTo(Duration.ofMinutes(1)) < 0; ) {
      if (store.calls.size() > seen) {
        store.calls.get(seen++).fail(AWAY);
      }
      time.advanceTimeBy(Duration.ofMillis(10));
      waited = waited.plusMillis(10);
    }

    assertThat(answers)
        .singleElement()
        .returns(ProblemType.UNAVAILABLE, error -> ((AuditException) error).type());
    assertThat(waited).isBetween(retryFor, retryFor.plusSeconds(2));
    assertThat(store.calls).hasSizeGreaterThan(8);
    store.releaseAll();
    assertThat(next).as("the writer goes on").singleElement().isInstanceOf(Ack.class);
  }

  private CommitWriter writer(VirtualTimeScheduler time, Duration retryFor) {
    Clock clock =
        new Clock() {
          @Override
          public long wallTime() {
            return time.now(TimeUnit.MILLISECONDS);
          }

          @Override
          public long monotonicTime() {
            return time.now(TimeUnit.NANOSECONDS);
          }
        };
    return new CommitWriter(
        store,
        new WriteSettings(4_000, 1, retryFor),
        new WriteMeters(new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock)));
  }

  @Test
  void otherErrorsAreNotTriedAgain() {
    CommitWriter writer = writer(4_000, 1);
    BatchKey key = Loads.open(store);
    IllegalStateException bug = new IllegalStateException("a bug");
    Queue<Object> failed = answers(writer.commit(Loads.chunk(key, Loads.completed("a"))));
    Queue<Object> next = answers(writer.commit(Loads.chunk(key, Loads.completed("b"))));

    store.calls.get(0).fail(bug);

    assertThat(failed).containsExactly(bug);
    assertThat(store.calls).hasSize(2);
    store.calls.get(1).release();
    assertThat(next).singleElement().isInstanceOf(Ack.class);
  }

  @Test
  void metersCountWhatBecameOfTheLinesWithBoundedTags() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    CommitWriter writer =
        new CommitWriter(store, WriteSettings.DEFAULTS, new WriteMeters(registry));
    BatchKey key = Loads.open(store);
    store.releaseAll();
    String known = "{\"type\":\"STARTED\",\"file\":\"a\",\"id\":\"x\"}";

    answers(
        writer.commit(
            Loads.chunk(key, known, known, Loads.completed("b"), "not JSON", "{}", "{}")));

    assertThat(registry.get("audit.events.accepted").counter().count()).isEqualTo(2);
    assertThat(registry.get("audit.events.duplicates").counter().count()).isEqualTo(1);
    assertThat(
            registry.get("audit.events.refused").tag("reason", "invalid-event").counter().count())
        .isEqualTo(2);
    assertThat(
            registry.get("audit.events.refused").tag("reason", "malformed-json").counter().count())
        .isEqualTo(1);
    assertThat(registry.get("audit.commits").timer().count()).isEqualTo(1);
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .flatExtracting(Meter.Id::getTags)
        .extracting(Tag::getKey)
        .as("phi is the percentile that a gauge shows")
        .containsOnly("reason", "phi");
  }

  @Test
  void settingsHaveBounds() {
    Duration time = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new WriteSettings(0, 3, time)).hasMessageContaining("chunk-size is 0");
    assertThatThrownBy(() -> new WriteSettings(100_001, 3, time)).hasMessageContaining("100001");
    assertThatThrownBy(() -> new WriteSettings(1, 0, time))
        .hasMessageContaining("concurrency is 0");
    assertThatThrownBy(() -> new WriteSettings(1, 65, time)).hasMessageContaining("65");
    assertThat(WriteSettings.DEFAULTS.concurrency()).isEqualTo(3);
  }

  /**
   * Many threads at once: nothing is lost, no batch is written twice at a time, and the bound
   * holds.
   */
  @Test
  void whateverRacesEveryChunkIsAnsweredOnce() {
    int batches = 7;
    int chunks = 3_000;
    HeldStore racing = new HeldStore(Schedulers.parallel());
    List<BatchKey> keys = IntStream.range(0, batches).mapToObj(i -> Loads.open(racing)).toList();
    CommitWriter writer = Loads.writer(racing, new WriteSettings(20, 3, Duration.ofSeconds(10)));
    racing.releaseAll();

    List<Ack> acks =
        Loads.all(
            Flux.range(0, chunks)
                .parallel(4)
                .runOn(Schedulers.boundedElastic())
                .flatMap(
                    i ->
                        writer.commit(Loads.chunk(keys.get(i % batches), Loads.completed("f" + i))),
                    false,
                    64)
                .sequential());

    assertThat(acks).hasSize(chunks).allMatch(ack -> ack.accepted() == 1);
    assertThat(racing.overlapped()).as("two commits of one batch at a time").isFalse();
    assertThat(racing.most()).isLessThanOrEqualTo(3);
    assertThat(keys.stream().mapToLong(key -> Loads.snapshot(racing, key).totals().rows()).sum())
        .isEqualTo(100L * chunks);
  }
}
