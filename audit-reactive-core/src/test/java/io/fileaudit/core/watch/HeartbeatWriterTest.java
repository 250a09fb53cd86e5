package io.fileaudit.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.util.RaceTestUtils;

/** Heartbeats are gathered, written together, and answered after their commit. */
class HeartbeatWriterTest {
  private static final Duration WINDOW = Duration.ofMillis(50);

  private final Watched watched = new Watched();
  private final HeartbeatWriter writer = new HeartbeatWriter(watched, WINDOW, watched.time);
  private final List<BatchRecord> answers = new ArrayList<>();
  private final List<Throwable> errors = new ArrayList<>();

  private void beat(BatchKey key, int run) {
    writer.beat(key, run).subscribe(answers::add, errors::add);
  }

  private ProblemType error(int index) {
    return ((AuditException) errors.get(index)).type();
  }

  @Test
  void nothingIsNotedUntilSubscribed() {
    Mono<BatchRecord> beat = writer.beat(watched.running(), 1);
    watched.pass(WINDOW);
    assertThat(watched.written).isEmpty();

    beat.subscribe(answers::add);
    watched.pass(WINDOW);

    assertThat(answers).hasSize(1);
  }

  @Test
  void whatComesWithinTheWindowIsOneStatement() {
    BatchKey one = watched.running();
    BatchKey other = watched.running();
    beat(one, 1);
    watched.pass(WINDOW.dividedBy(2));
    beat(other, 1);
    beat(one, 1);
    assertThat(watched.written).isEmpty();

    watched.pass(WINDOW.dividedBy(2));

    assertThat(watched.written)
        .containsExactly(List.of(new Heartbeat(one, 1), new Heartbeat(other, 1)));
    assertThat(answers).extracting(BatchRecord::key).containsExactly(one, other, one);
    assertThat(watched.find(one).state().lastActivityAt()).isEqualTo(watched.now());
  }

  @Test
  void answerComesAfterTheCommitAndOneStatementRunsAtATime() {
    Sinks.Empty<Void> gate = Sinks.empty();
    watched.gate = gate.asMono();
    BatchKey key = watched.running();
    beat(key, 1);
    watched.pass(WINDOW);
    beat(key, 1);
    watched.pass(WINDOW.multipliedBy(100));
    assertThat(watched.written).hasSize(1);
    assertThat(answers).isEmpty();

    watched.gate = Mono.just(true);
    gate.tryEmitEmpty();

    assertThat(answers).hasSize(1);
    watched.pass(WINDOW);
    assertThat(watched.written).hasSize(2);
    assertThat(answers).hasSize(2);
  }

  @Test
  void eachIsToldWhyItWasNotNoted() {
    BatchKey ended = watched.running();
    watched.batches.decide(ended, 1, BatchStatus.CANCELLED, "stop", "admin").block();
    BatchKey open = watched.running();
    beat(ended, 1);
    beat(open, 2);
    beat(new BatchKey("default", UUID.randomUUID()), 1);
    beat(open, 1);

    watched.pass(WINDOW);

    assertThat(errors).hasSize(3);
    assertThat(error(0)).isEqualTo(ProblemType.BATCH_ENDED);
    assertThat(Objects.requireNonNull(((AuditException) errors.get(0)).verdict()).by())
        .isEqualTo("admin");
    assertThat(error(1)).isEqualTo(ProblemType.STALE_RUN);
    assertThat(error(2)).isEqualTo(ProblemType.NOT_FOUND);
  }

  @Test
  void beatsOfTwoRunsDoNotHideEachOther() {
    BatchKey key = watched.running();
    beat(key, 7);
    beat(key, 1);

    watched.pass(WINDOW);

    assertThat(answers).hasSize(1);
    assertThat(error(0)).isEqualTo(ProblemType.STALE_RUN);
    assertThat(watched.find(key).state().lastActivityAt()).isEqualTo(watched.now());
  }

  @Test
  void storeThatIsAwayFailsThoseThatWaitAndNoOthers() {
    watched.away = new AuditException(ProblemType.UNAVAILABLE, "away");
    BatchKey key = watched.running();
    beat(key, 1);
    watched.pass(WINDOW);
    assertThat(error(0)).isEqualTo(ProblemType.UNAVAILABLE);

    watched.away = null;
    beat(key, 1);
    watched.pass(WINDOW);

    assertThat(answers).hasSize(1);
  }

  @Test
  void batchThatSomebodyHoldsIsTriedAgainAndKeepsNoOtherWaiting() {
    BatchKey held = watched.running();
    BatchKey free = watched.running();
    watched.held.add(held);
    beat(held, 1);
    beat(free, 1);

    watched.pass(WINDOW.multipliedBy(5));
    assertThat(answers).extracting(BatchRecord::key).containsExactly(free);
    watched.held.clear();
    watched.pass(WINDOW);

    assertThat(answers).extracting(BatchRecord::key).containsExactly(free, held);
    assertThat(watched.written.get(5)).containsExactly(new Heartbeat(held, 1));
  }

  @Test
  void batchThatIsHeldForTooLongIsToldToComeAgain() {
    BatchKey held = watched.running();
    watched.held.add(held);
    beat(held, 1);

    watched.pass(WINDOW.multipliedBy(HeartbeatWriter.TRIES));

    assertThat(error(0)).isEqualTo(ProblemType.UNAVAILABLE);
    watched.pass(Duration.ofMinutes(1));
    assertThat(watched.written).hasSize(HeartbeatWriter.TRIES);
  }

  @Test
  void cancellingGivesUpTheAnswerAlone() {
    BatchKey key = watched.running();
    watched.pass(Duration.ofSeconds(1));
    writer.beat(key, 1).subscribe(answers::add).dispose();

    watched.pass(WINDOW);

    assertThat(answers).isEmpty();
    assertThat(watched.find(key).state().lastActivityAt()).isEqualTo(watched.now());
  }

  @Test
  void whateverRacesEveryBeatIsAnswered() {
    HeartbeatWriter racing =
        new HeartbeatWriter(watched.store, Duration.ofMillis(1), Schedulers.parallel());
    BatchKey key = watched.running();
    for (int i = 0; i < 200; i++) {
      Sinks.One<BatchRecord> one = Sinks.one();
      Sinks.One<BatchRecord> other = Sinks.one();

      RaceTestUtils.race(
          () -> racing.beat(key, 1).subscribe(one::tryEmitValue),
          () -> racing.beat(key, 1).subscribe(other::tryEmitValue));

      StepVerifier.create(Mono.zip(one.asMono(), other.asMono()))
          .expectNextCount(1)
          .expectComplete()
          .verify(Duration.ofSeconds(10));
    }
  }
}
