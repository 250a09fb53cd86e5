package io.fileaudit.server.health;

import io.fileaudit.core.live.Feeds;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.r2dbc.PoolUse;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Says to people how this node is: what their page shows of it. */
public final class HealthCalls {
  private static final double P99 = 0.99;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** What the node is made of, and what it is called. */
  public record Parts(
      String node,
      Instant startedAt,
      FeedStore store,
      Feeds feeds,
      NodeFigures figures,
      Supplier<@Nullable PoolUse> pool,
      Detector detector,
      Supplier<@Nullable KafkaFigures> kafka,
      MeterRegistry registry) {}

  private record Ingest(
      double eventsPerSecond,
      double refusedPerSecond,
      @Nullable Double acknowledgementP99Seconds) {}

  private record SweepView(@Nullable Double ageSeconds, double intervalSeconds, boolean stopped) {}

  private record FeedCounts(int batch, int many, int ledger) {}

  private record Reach(boolean reachable) {}

  private record Health(
      String node,
      @Nullable Instant now,
      Instant startedAt,
      double windowSeconds,
      Ingest ingest,
      SweepView sweep,
      @Nullable PoolUse pool,
      FeedCounts feeds,
      Reach store,
      @Nullable KafkaFigures kafka) {}

  private final Parts parts;

  /** The health of that node. */
  public HealthCalls(Parts parts) {
    this.parts = parts;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(Route.read("/api/v1/health", this::health));
  }

  private Mono<ServerResponse> health(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    // The question is given up, not the statement, which the server ends by itself.
    return parts
        .store()
        .clock()
        .map(Optional::of)
        .timeout(PATIENCE)
        .onErrorResume(error -> Mono.just(Optional.empty()))
        .flatMap(now -> Answers.json(health(now.orElse(null))));
  }

  private Health health(@Nullable Instant now) {
    NodeFigures.Flow flow = parts.figures().flow();
    return new Health(
        parts.node(),
        now,
        parts.startedAt(),
        flow.windowSeconds(),
        new Ingest(flow.eventsPerSecond(), flow.refusedPerSecond(), acknowledgement()),
        sweep(),
        parts.pool().get(),
        new FeedCounts(
            parts.feeds().ofBatches(), parts.feeds().ofMany(), parts.feeds().ofLedgers()),
        new Reach(now != null),
        parts.kafka().get());
  }

  private SweepView sweep() {
    Detector.State now = parts.detector().state();
    return new SweepView(
        now.ageSeconds() < 0 ? null : now.ageSeconds(), now.intervalSeconds(), now.stalled());
  }

  private @Nullable Double acknowledgement() {
    Timer timer = parts.registry().find("audit.acknowledgements").timer();
    return timer == null || timer.count() == 0
        ? null
        : Stream.of(timer.takeSnapshot().percentileValues())
            .filter(value -> value.percentile() == P99)
            .map(value -> seconds(value))
            .findFirst()
            .orElse(null);
  }

  private static double seconds(ValueAtPercentile value) {
    return Math.round(value.value(TimeUnit.MICROSECONDS)) / 1e6;
  }
}
