package io.fileaudit.server.health;

import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/**
 * Whether Kafka's brokers can be reached. No part of readiness: a node without them serves HTTP all
 * the same, so that a balancer must not take it out.
 */
public final class KafkaHealth implements ReactiveHealthIndicator {
  private final Supplier<KafkaFigures> figures;

  /** The health that those figures tell. */
  public KafkaHealth(Supplier<KafkaFigures> figures) {
    this.figures = figures;
  }

  @Override
  public Mono<Health> health() {
    return Mono.fromSupplier(
        () -> {
          KafkaFigures now = figures.get();
          Health.Builder health = now.reachable() ? Health.up() : Health.down();
          return health
              .withDetail("partitions", now.partitions())
              .withDetail("lag", now.lag())
              .build();
        });
  }
}
