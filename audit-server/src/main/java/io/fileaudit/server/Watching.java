package io.fileaudit.server;

import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.watch.Sweep;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/**
 * Runs the sweep while the node runs, and has every verdict logged and counted, also those that are
 * made while it stops.
 */
final class Watching implements SmartLifecycle, DisposableBean {
  private static final Logger log = LoggerFactory.getLogger(Watching.class);

  private static final long TELL_EVERY = Duration.ofSeconds(30).toNanos();

  private final Sweep sweep;
  private final Disposable logging;
  private final Clock clock;
  private volatile long toldAt;
  private volatile Disposable running = Disposables.disposed();

  Watching(
      WatchStore store, String node, Duration pause, Verdicts verdicts, MeterRegistry registry) {
    this.clock = registry.config().clock();
    this.toldAt = clock.monotonicTime() - TELL_EVERY;
    this.logging = verdicts.all().subscribe(new VerdictLog(registry)::note);
    this.sweep = new Sweep(store, verdicts, node, pause, Schedulers.parallel(), this::troubled);
    Gauge.builder("audit.sweep.age", sweep, Watching::ageSeconds)
        .description("Seconds since the last sweep that was made; -1 before the first")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Sweeps go on while the database is away; the log is told of it twice a minute. */
  private void troubled(Throwable error) {
    long now = clock.monotonicTime();
    if (now - toldAt >= TELL_EVERY) {
      toldAt = now;
      log.warn("a sweep could not be made: {}", error.getMessage());
    } else {
      log.debug("a sweep could not be made", error);
    }
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
    running = sweep.start();
  }

  @Override
  public void stop() {
    running.dispose();
  }

  @Override
  public boolean isRunning() {
    return !running.isDisposed();
  }

  /** After all that stops has stopped, requests and polls in hand as well. */
  @Override
  public void destroy() {
    logging.dispose();
  }
}
