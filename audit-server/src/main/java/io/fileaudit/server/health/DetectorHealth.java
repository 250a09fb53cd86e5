package io.fileaudit.server.health;

import io.fileaudit.server.health.Detector.State;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/**
 * Whether this node still looks for stuck batches. No part of readiness: where the store is away no
 * node can, and a node that is taken out of a balancer for it would take requests from nobody.
 */
public final class DetectorHealth implements ReactiveHealthIndicator {
  private final Detector detector;

  /** The health of that detector. */
  public DetectorHealth(Detector detector) {
    this.detector = detector;
  }

  @Override
  public Mono<Health> health() {
    return Mono.fromSupplier(
        () -> {
          State now = detector.state();
          Health.Builder health = now.stalled() ? Health.down() : Health.up();
          if (now.stalled()) {
            health.withDetail("reason", reason(now));
          }
          if (now.ageSeconds() >= 0) {
            health.withDetail("sweep_age_seconds", now.ageSeconds());
          }
          return health.withDetail("bound_seconds", now.boundSeconds()).build();
        });
  }

  private static String reason(State now) {
    String since =
        now.ageSeconds() < 0
            ? "no sweep was ever made"
            : String.format(Locale.ROOT, "the last sweep was made %.0f s ago", now.ageSeconds());
    return String.format(
        Locale.ROOT,
        "%s, expected one every %.1f s: stuck batches are not found by this node",
        since,
        now.intervalSeconds());
  }
}
