package io.fileaudit.core.record;

import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.ingest.RecordIngest.Refused;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What a node counts of the records that it takes in. Tags are bounded: reasons alone. */
final class IntakeMeters {
  /** The reasons that records are usually not accepted for: counted from 0 on. */
  private static final List<ProblemType> USUAL =
      List.of(
          ProblemType.MALFORMED_JSON,
          ProblemType.INVALID_EVENT,
          ProblemType.TOO_LARGE,
          ProblemType.NOT_FOUND,
          ProblemType.KEY_CONFLICT,
          ProblemType.STALE_RUN,
          ProblemType.BATCH_ENDED);

  private final MeterRegistry registry;
  private final Counter received;
  private final Counter rejoined;
  private final Map<String, Counter> dead = new ConcurrentHashMap<>();

  /** Meters in that registry; the gauges ask for how things stand. */
  IntakeMeters(MeterRegistry registry, Supplier<Intake.State> state) {
    this.registry = registry;
    this.received =
        Counter.builder("audit.kafka.records")
            .description("Records that were received, repeats too")
            .register(registry);
    this.rejoined =
        Counter.builder("audit.kafka.rejoined")
            .description("How often receiving broke off or stalled and was begun anew")
            .register(registry);
    Gauge.builder("audit.kafka.lag", () -> state.get().lag())
        .description("Records of all partitions that no node has acknowledged")
        .register(registry);
    Gauge.builder("audit.kafka.partitions", () -> state.get().partitions())
        .description("Partitions that this node reads")
        .register(registry);
    Gauge.builder("audit.kafka.up", () -> state.get().isReached() ? 1 : 0)
        .description("1 while the brokers can be reached, else 0")
        .register(registry);
    USUAL.forEach(type -> dead(type.slug()));
  }

  void received(int records) {
    received.increment(records);
  }

  void rejoined() {
    rejoined.increment();
  }

  void dead(List<Refused> refused) {
    for (Refused one : refused) {
      dead(one.refusal().type()).increment();
    }
  }

  private Counter dead(String reason) {
    return dead.computeIfAbsent(
        reason,
        type ->
            Counter.builder("audit.kafka.dead.letters")
                .description("Records that were not accepted, by reason")
                .tag("reason", type)
                .register(registry));
  }

  double deadLetters() {
    return dead.values().stream().mapToDouble(Counter::count).sum();
  }
}
