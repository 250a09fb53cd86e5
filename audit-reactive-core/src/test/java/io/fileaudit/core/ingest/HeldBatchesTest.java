package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What the writer does with batches that someone else holds, and with all others meanwhile. */
class HeldBatchesTest {
  private static final Duration A_MOMENT = Duration.ofMillis(20);

  private final VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
  private final HeldStore store = new HeldStore();
  private final BatchKey held = Loads.open(store);
  private final BatchKey alsoHeld = Loads.open(store);
  private final BatchKey free = Loads.open(store);

  @AfterEach
  void restoreTime() {
    VirtualTimeScheduler.reset();
  }

  private CommitWriter writer(int concurrency) {
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
        new WriteSettings(4_000, concurrency, Duration.ofSeconds(10)),
        new WriteMeters(new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock)));
  }

  private static Queue<Object> answers(Mono<Ack> call) {
    Queue<Object> answers = new ConcurrentLinkedQueue<>();
    call.subscribe(answers::add, answers::add);
    return answers;
  }

  @Test
  void whatIsLeftOfACommitWaitsAloneAndLooksWhetherItIsThere() {
    CommitWriter writer = writer(3);
    store.heldByOthers.add(held);
    Queue<Object> waiting = answers(writer.commit(Loads.chunk(held, Loads.completed("a"))));

    assertThat(store.calls).singleElement().returns(List.of(held), HeldStore.Call::batches);
    assertThat(store.calls.get(0).again()).isTrue();
    assertThat(waiting).isEmpty();
    store.calls.get(0).release();
    assertThat(waiting).singleElement().returns(1L, answer -> ((Ack) answer).accepted());
  }

  @Test
  void laterChunksOfAHeldBatchStayBehindTheFirst() {
    CommitWriter writer = writer(3);
    store.heldByOthers.add(held);
    List<Queue<Object>> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answers.add(answers(writer.commit(Loads.chunk(held, Loads.completed("f" + i)))));
    }
    assertThat(store.calls).hasSize(1);
    store.heldByOthers.clear();

    store.releaseAll();

    assertThat(answers).allMatch(one -> one.size() == 1);
    assertThat(Loads.filesInLedger(store, held)).containsExactly("f0", "f1", "f2");
  }

  @Test
  void oneCommitWaitsForALockAndTheOthersAreTriedAgainInAMoment() {
    CommitWriter writer = writer(3);
    store.heldByOthers.addAll(List.of(held, alsoHeld));
    answers(writer.commit(Loads.chunk(held, Loads.completed("a"))));
    Queue<Object> second = answers(writer.commit(Loads.chunk(alsoHeld, Loads.completed("b"))));
    Queue<Object> other = answers(writer.commit(Loads.chunk(free, Loads.completed("c"))));

    assertThat(store.calls)
        .extracting(HeldStore.Call::batches)
        .containsExactly(List.of(held), List.of(free));
    store.calls.get(1).release();
    assertThat(other).as("nobody else waits").hasSize(1);
    time.advanceTimeBy(A_MOMENT.multipliedBy(3));
    assertThat(store.asked).containsExactly(held, alsoHeld, free, alsoHeld, alsoHeld, alsoHeld);

    store.heldByOthers.clear();
    time.advanceTimeBy(A_MOMENT);

    store.calls.get(2).release();
    assertThat(second).singleElement().isInstanceOf(Ack.class);
  }

  @Test
  void writerThatMayNotWriteInParallelWaitsForNoLock() {
    CommitWriter writer = writer(1);
    store.heldByOthers.add(held);
    store.releaseAll();
    Queue<Object> waiting = answers(writer.commit(Loads.chunk(held, Loads.completed("a"))));
    Queue<Object> other = answers(writer.commit(Loads.chunk(free, Loads.completed("c"))));

    assertThat(other).hasSize(1);
    assertThat(waiting).isEmpty();

    store.heldByOthers.clear();
    time.advanceTimeBy(A_MOMENT);
    assertThat(waiting).singleElement().isInstanceOf(Ack.class);
    assertThat(store.most()).isEqualTo(1);
  }

  @Test
  void senderOfABatchThatStaysHeldIsToldAfterAMinute() {
    CommitWriter writer = writer(1);
    store.heldByOthers.add(held);
    Queue<Object> waiting = answers(writer.commit(Loads.chunk(held, Loads.completed("a"))));

    time.advanceTimeBy(Duration.ofSeconds(59));
    assertThat(waiting).isEmpty();
    time.advanceTimeBy(Duration.ofSeconds(2));

    assertThat(waiting)
        .singleElement()
        .returns(ProblemType.UNAVAILABLE, error -> ((AuditException) error).type());
    store.heldByOthers.clear();
    store.releaseAll();
    assertThat(answers(writer.commit(Loads.chunk(held, Loads.completed("b")))))
        .as("the batch is not left busy")
        .hasSize(1);
  }
}
