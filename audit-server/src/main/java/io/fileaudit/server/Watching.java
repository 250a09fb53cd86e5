package io.fileaudit.server;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.watch.Sweep;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/** Runs the sweep while the node runs, and logs and counts every verdict. */
final class Watching implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger("io.fileaudit.verdicts");

  private final Sweep sweep;
  private final Verdicts verdicts;
  private final MeterRegistry registry;
  private volatile Disposable running = Disposables.disposed();

  Watching(NodeParts parts, Verdicts verdicts, MeterRegistry registry) {
    this.verdicts = verdicts;
    this.registry = registry;
    this.sweep =
        new Sweep(
            parts.watch(),
            verdicts,
            parts.settings().node(),
            parts.settings().watch().sweep(),
            Schedulers.parallel(),
            error -> log.warn("a sweep could not be made: {}", error.getMessage()));
    Gauge.builder("audit.sweep.age", sweep, Watching::ageSeconds)
        .description("Seconds since the last sweep that was made; -1 before the first")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Seconds since the last sweep that was made; -1 before the first. */
  double sweepAgeSeconds() {
    return ageSeconds(sweep);
  }

  private static double ageSeconds(Sweep sweep) {
    return sweep.ageMillis() < 0 ? -1.0 : sweep.ageMillis() / 1000.0;
  }

  @Override
  public void start() {
    running = Disposables.composite(verdicts.all().subscribe(this::note), sweep.start());
  }

  @Override
  public void stop() {
    running.dispose();
  }

  @Override
  public boolean isRunning() {
    return !running.isDisposed();
  }

  private void note(Verdicts.Decision decision) {
    Verdict verdict = decision.verdict();
    Counter.builder("audit.verdicts")
        .description("Decisions made on this node, by what the batch became and why")
        .tag("status", verdict.status().name().toLowerCase(Locale.ROOT))
        .tag("reason", verdict.reason().name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
    LoggingEventBuilder line =
        log.atInfo()
            .addKeyValue("batch_id", decision.key().id())
            .addKeyValue("namespace", decision.key().namespace())
            .addKeyValue("run", verdict.run())
            .addKeyValue("status", verdict.status())
            .addKeyValue("reason", verdict.reason());
    line.log(
        "batch {} run {} is {} ({}); last activity {}, last progress {}, decided {} by {}",
        decision.key(),
        verdict.run(),
        verdict.status(),
        verdict.reason(),
        verdict.lastActivityAt(),
        verdict.lastProgressAt(),
        verdict.decidedAt(),
        verdict.node());
  }
}
