package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Which verdicts are logged and counted, and what is said of sweeps. */
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

  /** A store that is away, whatever it is asked for. */
  private static WatchStore away() {
    RuntimeException error = new IllegalStateException("away");
    return (WatchStore)
        Proxy.newProxyInstance(
            WatchStore.class.getClassLoader(),
            new Class<?>[] {WatchStore.class},
            (proxy, method, arguments) ->
                method.getReturnType() == Flux.class ? Flux.error(error) : Mono.error(error));
  }

  @Test
  void sweepsThatFailAllTheTimeAreToldOfTwiceAMinute() {
    Logger logger = (Logger) LoggerFactory.getLogger(Watching.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(lines);
    MockClock clock = new MockClock();
    Watching watching =
        new Watching(
            away(),
            "node",
            Duration.ofMillis(1),
            verdicts,
            new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock));
    watching.start();
    try {
      await(() -> lines.list.size() >= 5);
      assertThat(warnings(lines)).isEqualTo(1);
      clock.add(Duration.ofSeconds(30));
      await(() -> warnings(lines) == 2);
    } finally {
      watching.stop();
      watching.destroy();
      logger.detachAppender(lines);
      logger.setLevel(null);
    }
  }

  private static long warnings(ListAppender<ILoggingEvent> lines) {
    return lines.list.stream().filter(line -> line.getLevel() == Level.WARN).count();
  }

  private static void await(BooleanSupplier condition) {
    Boolean met =
        Mono.fromSupplier(condition::getAsBoolean)
            .filter(value -> value)
            .repeatWhenEmpty(looks -> looks.delayElements(Duration.ofMillis(10)))
            .block(Duration.ofSeconds(20));
    assertThat(met).isTrue();
  }
}
