package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.CommitOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What a node counts of its writing. Tags are bounded: never a batch, a file or a producer. */
public final class WriteMeters {
  /**
   * The reasons that lines are usually refused for: counted from 0 on, so that a first one shows.
   */
  private static final List<ProblemType> USUAL =
      List.of(
          ProblemType.MALFORMED_JSON,
          ProblemType.INVALID_EVENT,
          ProblemType.TOO_LARGE,
          ProblemType.KEY_CONFLICT,
          ProblemType.STALE_RUN,
          ProblemType.BATCH_ENDED);

  private final MeterRegistry registry;
  private final Counter accepted;
  private final Counter duplicates;
  private final Counter failures;
  private final Timer duration;
  private final Timer acknowledgement;
  private final DistributionSummary size;
  private final Map<String, Counter> refused = new ConcurrentHashMap<>();

  /** Meters in that registry. */
  public WriteMeters(MeterRegistry registry) {
    this.registry = registry;
    this.accepted =
        Counter.builder("audit.events.accepted")
            .description("Events that are durable")
            .register(registry);
    this.duplicates =
        Counter.builder("audit.events.duplicates")
            .description("Events that were known already")
            .register(registry);
    this.failures =
        Counter.builder("audit.commits.failed")
            .description("Commits that were given up")
            .register(registry);
    this.duration =
        Timer.builder("audit.commits")
            .description("From the start of a commit to its end, tries again included")
            .publishPercentileHistogram()
            .register(registry);
    this.acknowledgement =
        Timer.builder("audit.acknowledgements")
            .description("From the arrival of a chunk to its acknowledgement")
            .publishPercentileHistogram()
            .publishPercentiles(0.99)
            .register(registry);
    this.size =
        DistributionSummary.builder("audit.commits.events")
            .description("Lines of a commit")
            .register(registry);
    USUAL.forEach(type -> refused(type.slug()));
  }

  /** The monotonic clock that durations are measured by, in nanoseconds. */
  long nanoTime() {
    return registry.config().clock().monotonicTime();
  }

  /** A chunk was acknowledged that came at that time. */
  void acknowledged(long arrived) {
    acknowledgement.record(nanoTime() - arrived, TimeUnit.NANOSECONDS);
  }

  void committed(long begun, List<Chunk> chunks, List<CommitOutcome> outcomes) {
    duration.record(nanoTime() - begun, TimeUnit.NANOSECONDS);
    size.record(chunks.stream().mapToInt(chunk -> chunk.lines().size()).sum());
    for (CommitOutcome outcome : outcomes) {
      if (outcome instanceof CommitOutcome.Committed committed) {
        count(committed.ack());
      }
    }
  }

  private void count(Ack ack) {
    accepted.increment(ack.accepted());
    duplicates.increment(ack.duplicates());
    for (Refusal refusal : ack.refusals()) {
      refused(refusal.type()).increment();
    }
  }

  private Counter refused(String reason) {
    return refused.computeIfAbsent(
        reason,
        type ->
            Counter.builder("audit.events.refused")
                .description("Lines that were not accepted, by reason")
                .tag("reason", type)
                .register(registry));
  }

  void failed() {
    failures.increment();
  }
}
