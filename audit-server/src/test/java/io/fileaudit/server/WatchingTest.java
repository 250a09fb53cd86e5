package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which verdicts are logged and counted. */
class WatchingTest {
  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
  private final Verdicts verdicts = new Verdicts();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private Decided failed() {
    BatchKey key = new BatchKey("default", UUID.randomUUID());
    BatchSpec spec = BatchSpec.builder().build();
    store
        .open(
            new OpenBatch(
                key,
                spec,
                LimitRules.resolve(spec.limits(), LimitRules.DEFAULTS),
                null,
                "tester",
                "node"))
        .block();
    DecisionPlan.Wish wish = new DecisionPlan.Wish(1, BatchStatus.FAILED, null, "tester", "node");
    return Objects.requireNonNull(store.decide(new Decide(key, wish)).block());
  }

  private double counted() {
    return registry
        .get("audit.verdicts")
        .tags("status", "failed", "reason", "requested")
        .counter()
        .count();
  }

  @Test
  void verdictsOfRequestsThatAreStillInHandWhenItStopsAreCounted() {
    Watching watching = new Watching(store, "node", Duration.ofHours(1), verdicts, registry);
    watching.start();
    verdicts.tell(failed());
    assertThat(counted()).isEqualTo(1);

    watching.stop();
    verdicts.tell(failed());

    assertThat(watching.isRunning()).isFalse();
    assertThat(counted()).isEqualTo(2);
    watching.destroy();
    verdicts.tell(failed());
    assertThat(counted()).as("behind the end").isEqualTo(2);
  }
}
