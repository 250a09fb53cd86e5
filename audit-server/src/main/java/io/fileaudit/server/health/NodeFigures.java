package io.fileaudit.server.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** How many events this node took in and refused over the last minute. Thread-safe. */
public final class NodeFigures {
  private static final Duration SPACING = Duration.ofSeconds(1);
  private static final int KEPT = 60;

  /**
   * What a minute came to.
   *
   * @param windowSeconds how long it was; less than a minute after a start
   * @param eventsPerSecond events that were accepted
   * @param refusedPerSecond lines that were refused
   */
  public record Flow(double windowSeconds, double eventsPerSecond, double refusedPerSecond) {}

  private record Sample(long nanos, double accepted, double refused) {}

  private final MeterRegistry registry;
  private final Scheduler scheduler;
  private final Deque<Sample> samples = new ArrayDeque<>();

  /** Figures of that registry's meters. */
  public NodeFigures(MeterRegistry registry, Scheduler scheduler) {
    this.registry = registry;
    this.scheduler = scheduler;
  }

  /** Looks at the meters once a second until disposed. */
  public Disposable start() {
    return Flux.interval(Duration.ZERO, SPACING, scheduler)
        .onBackpressureDrop()
        .subscribe(second -> sample());
  }

  private void sample() {
    Sample now = now();
    synchronized (samples) {
      samples.addLast(now);
      if (samples.size() > KEPT) {
        samples.removeFirst();
      }
    }
  }

  private Sample now() {
    return new Sample(
        registry.config().clock().monotonicTime(),
        sum("audit.events.accepted"),
        sum("audit.events.refused"));
  }

  private double sum(String name) {
    return registry.find(name).counters().stream().mapToDouble(Counter::count).sum();
  }

  /** What the last minute came to. */
  public Flow flow() {
    Sample last = now();
    Sample first;
    synchronized (samples) {
      first = samples.isEmpty() ? last : samples.getFirst();
    }
    double seconds = (last.nanos() - first.nanos()) / 1e9;
    return seconds <= 0
        ? new Flow(0, 0, 0)
        : new Flow(
            rounded(seconds),
            rounded((last.accepted() - first.accepted()) / seconds),
            rounded((last.refused() - first.refused()) / seconds));
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
