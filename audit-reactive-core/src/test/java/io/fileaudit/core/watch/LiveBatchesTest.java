package io.fileaudit.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.core.batch.BatchKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** The stream of a batch is told of its ending at once, and watched by one timeout. */
class LiveBatchesTest {
  private static final Duration MOMENT = Duration.ofMillis(20);

  private final Watched watched = new Watched();
  private final LiveBatches live =
      new LiveBatches(watched, watched.verdicts, "node-1", watched.time);
  private final List<Verdicts.Decision> endings = new ArrayList<>();
  private final Sinks.Many<Object> heard = Sinks.many().multicast().directBestEffort();

  private Disposable watch(BatchKey key) {
    return live.ending(watched.find(key), heard.asFlux()).subscribe(endings::add);
  }

  @Test
  void silenceIsJudgedWhenItIsDueAndNotBefore() {
    BatchKey key = watched.running();
    watch(key);

    watched.pass(Watched.IDLE.minusMillis(1));
    assertThat(watched.judged).isEmpty();
    watched.pass(Duration.ofMillis(1));

    assertThat(endings).extracting(Verdicts.Decision::key).containsExactly(key);
    assertThat(endings.get(0).verdict().reason()).isEqualTo(VerdictReason.IDLE);
    assertThat(endings.get(0).version()).isEqualTo(watched.find(key).state().version());
  }

  @Test
  void streamThatIsHeardIsNotJudged() {
    BatchKey key = watched.running();
    watch(key);

    for (int i = 0; i < 100; i++) {
      watched.pass(Watched.IDLE.minusMillis(1));
      watched.send(key);
      heard.tryEmitNext(i);
    }

    assertThat(watched.judged).isEmpty();
    assertThat(endings).isEmpty();
  }

  @Test
  void storeDecidesAndNotTheTimeout() {
    BatchKey key = watched.running();
    watch(key);

    // Heard of by another node: this stream knows nothing of it.
    for (int i = 0; i < 20; i++) {
      watched.pass(Watched.IDLE.minus(MOMENT));
      watched.send(key);
    }
    assertThat(endings).isEmpty();
    assertThat(watched.judged).hasSizeBetween(1, 20);
    watched.pass(Watched.IDLE.multipliedBy(2));

    assertThat(endings).hasSize(1);
  }

  @Test
  void decisionMadeElsewhereOnThisNodeIsToldAtOnce() {
    BatchKey key = watched.running();
    watch(key);

    watched.batches.decide(key, 1, BatchStatus.CANCELLED, null, "admin").block();

    assertThat(endings).hasSize(1);
    assertThat(endings.get(0).verdict().status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(watched.judged).isEmpty();
  }

  @Test
  void endingWithTheParentIsToldAtOnce() {
    BatchKey parent = watched.open(BatchSpec.builder().build());
    BatchKey child = watched.open(BatchSpec.builder().parent(parent.id()).build());
    watched.send(child);
    watch(child);

    watched.batches.decide(parent, 1, BatchStatus.FAILED, null, "admin").block();

    assertThat(endings).hasSize(1);
    assertThat(endings.get(0).verdict().reason()).isEqualTo(VerdictReason.PARENT_ENDED);
  }

  @Test
  void judgementThatFailsIsMadeAgainAndEndsNoStream() {
    BatchKey key = watched.running();
    watch(key);
    watched.away = new IllegalStateException("away");

    watched.pass(Watched.IDLE.plusSeconds(5));
    assertThat(endings).isEmpty();
    assertThat(watched.judged).hasSizeBetween(4, 7);
    watched.away = null;
    watched.pass(Duration.ofSeconds(1));

    assertThat(endings).hasSize(1);
  }

  @Test
  void endOfWhatIsHeardDoesNotEndTheWatching() {
    BatchKey key = watched.running();
    live.ending(watched.find(key), Flux.error(new IllegalStateException("broken")))
        .subscribe(endings::add);

    watched.pass(Watched.IDLE);

    assertThat(endings).hasSize(1);
  }

  @Test
  void cancellingLeavesNoTimerBehind() {
    BatchKey key = watched.running();

    watch(key).dispose();
    watched.pass(Duration.ofDays(1));

    assertThat(watched.judged).isEmpty();
  }

  @Test
  void batchWithoutALimitThatEndsItIsWatchedAtEase() {
    BatchKey key = watched.open(LimitName.IDLE, Limit.off());
    Disposable watching = watch(key);

    watched.pass(Duration.ofMinutes(20));

    assertThat(watched.judged).isEmpty();
    watching.dispose();
  }

  @Test
  void watchingGoesOnForAsLongAsItTakesWithoutGrowing() {
    BatchKey key = watched.running();
    watch(key);

    // Each round the timeout passes and the store says that there is time left.
    for (int i = 0; i < 20_000; i++) {
      watched.pass(Watched.IDLE.minus(MOMENT));
      watched.send(key);
    }
    watched.pass(Watched.IDLE);

    assertThat(endings).hasSize(1);
  }
}
