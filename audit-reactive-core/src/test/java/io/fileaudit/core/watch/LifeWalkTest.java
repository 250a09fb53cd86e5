package io.fileaudit.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Transitions;
import io.fileaudit.core.store.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever loaders, people, limits and parents do to batches in whatever order: every change of
 * status is one of the table, and every run has at most one ending.
 */
class LifeWalkTest {
  private static final BatchStatus[] WANTED = {
    BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.CANCELLED, BatchStatus.RUNNING
  };
  private static final int STEPS = 150;

  private final Watched watched = new Watched();

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyChangeIsOneOfTheTable(long seed) {
    Random random = new Random(seed);
    BatchKey parent = watched.open(spec(random).build());
    List<BatchKey> keys = new ArrayList<>(List.of(parent, watched.open(spec(random).build())));
    keys.add(watched.open(spec(random).parent(parent.id()).build()));
    keys.add(watched.open(spec(random).parent(parent.id()).build()));

    for (int step = 0; step < STEPS; step++) {
      List<BatchState> before = keys.stream().map(key -> watched.find(key).state()).toList();
      act(random, keys.get(random.nextInt(keys.size())));
      for (int i = 0; i < keys.size(); i++) {
        checkStep(before.get(i), watched.find(keys.get(i)).state());
      }
      checkParent(keys);
    }
    keys.forEach(this::checkVerdicts);
  }

  private static BatchSpec.Builder spec(Random random) {
    BatchSpec.Builder spec = BatchSpec.builder();
    for (LimitName name : LimitName.values()) {
      if (random.nextBoolean()) {
        Duration after = Duration.ofSeconds(5 + random.nextInt(20));
        spec.limit(name, random.nextInt(4) == 0 ? Limit.flagAfter(after) : new Limit(after, null));
      }
    }
    BatchSpec made = spec.build();
    boolean contradicts =
        made.limits().operation() != null
            && (made.limits().idle() != null || made.limits().progress() != null);
    return contradicts ? spec.limit(LimitName.OPERATION, Limit.off()) : spec;
  }

  private void act(Random random, BatchKey key) {
    int run = watched.find(key).state().run() + (random.nextInt(10) == 0 ? 1 : 0);
    switch (random.nextInt(6)) {
      case 0 -> watched.send(key);
      case 1 -> decide(key, run, WANTED[random.nextInt(WANTED.length)]);
      case 2 -> watched.store.heartbeat(List.of(new Heartbeat(key, run))).block();
      case 3 -> watched.store.expire(key, "node-1").block();
      case 4 -> watched.store.expireAll(List.of(key), "node-2").block();
      default -> watched.pass(Duration.ofMillis(random.nextInt(4_000)));
    }
  }

  private void decide(BatchKey key, int run, BatchStatus wanted) {
    try {
      watched.batches.decide(key, run, wanted, null, "walker").block();
    } catch (AuditException e) {
      assertThat(e.type().status()).isEqualTo(409);
    }
  }

  private static void checkStep(BatchState before, BatchState after) {
    assertThat(after.version()).isGreaterThanOrEqualTo(before.version());
    assertThat(after.nextSeq()).isGreaterThanOrEqualTo(before.nextSeq());
    if (after.status() != before.status()) {
      assertThat(Transitions.allowed(before.status(), after.status()))
          .as("%s to %s", before.status(), after.status())
          .isTrue();
      assertThat(after.version()).isGreaterThan(before.version());
    }
    boolean resumed = !before.status().isOpen() && after.status().isOpen();
    assertThat(after.run()).isEqualTo(resumed ? before.run() + 1 : before.run());
    assertThat(after.endedAt() == null).isEqualTo(after.status().isOpen());
  }

  /** An ended parent has no open sub-batch. */
  private void checkParent(List<BatchKey> keys) {
    if (!watched.status(keys.get(0)).isOpen()) {
      assertThat(watched.status(keys.get(2)).isOpen()).isFalse();
      assertThat(watched.status(keys.get(3)).isOpen()).isFalse();
    }
  }

  private void checkVerdicts(BatchKey key) {
    List<Verdict> verdicts =
        Objects.requireNonNull(watched.store.verdicts(key).collectList().block());
    BatchState state = watched.find(key).state();
    long endings = verdicts.stream().filter(verdict -> !verdict.status().isOpen()).count();
    assertThat(endings).isEqualTo(state.status().isOpen() ? state.run() - 1 : state.run());
    assertThat(verdicts.stream().filter(verdict -> !verdict.status().isOpen()).map(Verdict::run))
        .doesNotHaveDuplicates();
    assertThat(verdicts).extracting(Verdict::seq).isSorted().doesNotHaveDuplicates();
  }
}
