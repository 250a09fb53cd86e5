package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.core.batch.BatchKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A lone event is not made to wait for others: it is acknowledged in a time that stands still, and
 * nothing is put off to a later one.
 */
class LoneEventTest {
  private static final WriteSettings LARGE_COMMITS =
      new WriteSettings(4_000, 3, Duration.ofSeconds(10));

  private final VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
  private final HeldStore store = new HeldStore();

  @AfterEach
  void restoreTime() {
    VirtualTimeScheduler.reset();
  }

  @Test
  void loneEventIsAcknowledgedWithoutTimePassing() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    TestPublisher<byte[]> body = TestPublisher.create();
    List<Ack> acks = new ArrayList<>();
    Disposable reading =
        Loads.ingest(store, LARGE_COMMITS)
            .lines(Loads.source(key), body.flux())
            .subscribe(acks::add);

    for (int i = 1; i <= 3; i++) {
      body.next(Loads.buffer(Loads.completed("f" + i)));
      assertThat(acks).as("acknowledged before the next one comes").hasSize(i);
    }

    assertThat(acks).extracting(Ack::accepted).containsExactly(1L, 1L, 1L);
    assertThat(time.getScheduledTaskCount()).as("put off to a later time").isZero();
    reading.dispose();
  }

  @Test
  void eventThatComesDuringACommitGoesAsSoonAsThatIsOver() {
    BatchKey key = Loads.open(store);
    TestPublisher<byte[]> body = TestPublisher.create();
    List<Ack> acks = new ArrayList<>();
    Disposable reading =
        Loads.ingest(store, LARGE_COMMITS)
            .lines(Loads.source(key), body.flux())
            .subscribe(acks::add);
    body.next(Loads.buffer(Loads.completed("a")));
    body.next(Loads.buffer(Loads.completed("b")));
    assertThat(store.calls).as("one commit of a batch at a time").hasSize(1);

    store.calls.get(0).release();

    assertThat(store.calls).hasSize(2);
    store.calls.get(1).release();
    assertThat(acks).extracting(Ack::lastLine).containsExactly(1L, 2L);
    assertThat(time.getScheduledTaskCount()).as("put off to a later time").isZero();
    reading.dispose();
  }
}
