package io.fileaudit.server.health;

import io.fileaudit.core.store.AuditStore;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/** Whether the store answers: asked at most once a second, whoever asks. */
public final class StoreHealth implements ReactiveHealthIndicator {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration KEPT = Duration.ofSeconds(1);

  private final Mono<Health> health;

  /** The health of that store. */
  public StoreHealth(AuditStore store) {
    // The probe is given up, not the statement, which the server ends by itself.
    this.health =
        store
            .ping()
            .thenReturn(Health.up().build())
            .timeout(PATIENCE)
            .onErrorResume(
                error ->
                    Mono.just(
                        Health.down()
                            .withDetail("error", String.valueOf(error.getMessage()))
                            .build()))
            .cache(KEPT);
  }

  @Override
  public Mono<Health> health() {
    return health;
  }
}
