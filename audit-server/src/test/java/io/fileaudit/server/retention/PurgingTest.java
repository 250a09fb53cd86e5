package io.fileaudit.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.RetentionStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Batches are purged one after the other, each in as many steps as it takes. */
class PurgingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final RetentionStore.Ages AGES =
      new RetentionStore.Ages(Duration.ofDays(1), Map.of(), Set.of());

  private final List<BatchKey> outdated = new ArrayList<>();
  private final List<BatchKey> steps = new ArrayList<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private boolean failing;

  private final RetentionStore store =
      new RetentionStore() {
        @Override
        public Flux<BatchKey> outdated(Ages ages, int limit) {
          return failing
              ? Flux.error(new IllegalStateException("away"))
              : Flux.defer(() -> Flux.fromIterable(List.copyOf(outdated)));
        }

        @Override
        public Mono<Boolean> purge(BatchKey key, int rows) {
          return Mono.fromSupplier(
              () -> {
                steps.add(key);
                boolean done = steps.stream().filter(key::equals).count() == 3;
                if (done) {
                  outdated.remove(key);
                }
                return key.namespace().equals("open") ? null : done;
              });
        }

        @Override
        public Mono<Boolean> isPurged(BatchKey key) {
          return Mono.just(false);
        }
      };

  private static BatchKey key(String namespace) {
    return new BatchKey(namespace, UUID.randomUUID());
  }

  @Test
  void eachBatchIsTakenAwayWholeBeforeTheNext() {
    BatchKey first = key("a");
    BatchKey open = key("open");
    BatchKey second = key("b");
    outdated.addAll(List.of(first, open, second));
    Purging purging =
        new Purging(store, AGES, Duration.ofSeconds(10), VirtualTimeScheduler.create(), registry);

    purging.look().block(PATIENCE);

    assertThat(steps).containsExactly(first, first, first, open, second, second, second);
    assertThat(registry.get("audit.batches.purged").counter().count()).isEqualTo(2);
  }

  @Test
  void failureIsNotTheEnd() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Purging purging = new Purging(store, AGES, Duration.ofSeconds(10), time, registry);
    outdated.add(key("a"));
    failing = true;
    Disposable running = purging.start();
    time.advanceTimeBy(Duration.ofSeconds(11));
    assertThat(steps).isEmpty();

    failing = false;
    time.advanceTimeBy(Duration.ofSeconds(10));

    assertThat(steps).hasSize(3);
    running.dispose();
    time.dispose();
  }
}
