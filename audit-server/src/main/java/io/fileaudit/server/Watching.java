package io.fileaudit.server;

import io.fileaudit.core.watch.Sweep;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/** Runs the sweep while the node runs, and has every verdict logged and counted. */
final class Watching implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Watching.class);

  private final Sweep sweep;
  private final Verdicts verdicts;
  private final VerdictLog verdictLog;
  private volatile Disposable running = Disposables.disposed();

  Watching(NodeParts parts, Verdicts verdicts, MeterRegistry registry) {
    this.verdicts = verdicts;
    this.verdictLog = new VerdictLog(registry);
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
    running = Disposables.composite(verdicts.all().subscribe(verdictLog::note), sweep.start());
  }

  @Override
  public void stop() {
    running.dispose();
  }

  @Override
  public boolean isRunning() {
    return !running.isDisposed();
  }
}
