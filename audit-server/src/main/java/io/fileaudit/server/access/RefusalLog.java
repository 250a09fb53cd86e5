package io.fileaudit.server.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Notes who was refused: counts each, and writes at most ten a second into the log, so that a flood
 * of wrong keys does not become a flood of lines. Thread-safe.
 */
public final class RefusalLog {
  private static final long SECOND = 1_000_000_000L;
  private static final int LINES = 10;

  /** The reasons there are: each is counted from 0 on, so that a first one shows. */
  private static final List<String> REASONS =
      List.of("concurrency", "csrf", "jwt", "key", "link", "namespace", "rate", "scope", "session");

  private final MeterRegistry registry;
  private final LongSupplier nanoClock;
  private final AtomicLong windowBegan;
  private final AtomicLong inWindow = new AtomicLong();

  /** Counts in that registry. */
  public RefusalLog(MeterRegistry registry, LongSupplier nanoClock) {
    this.registry = registry;
    this.nanoClock = nanoClock;
    this.windowBegan = new AtomicLong(nanoClock.getAsLong());
    REASONS.forEach(this::refused);
  }

  /**
   * Notes a refusal.
   *
   * @param reason one of a few words, for the counter
   * @param what what was refused and to whom, without any key
   */
  public void note(String reason, String what) {
    refused(reason).increment();
    long now = nanoClock.getAsLong();
    long began = windowBegan.get();
    if (now - began >= SECOND && windowBegan.compareAndSet(began, now)) {
      long before = inWindow.getAndSet(0);
      if (before > LINES) {
        SecurityLog.LOGGER.warn("{} more refusals are not in this log", before - LINES);
      }
    }
    if (inWindow.incrementAndGet() <= LINES) {
      SecurityLog.LOGGER
          .atWarn()
          .addKeyValue("reason", reason)
          .log("refused {}", SecurityLog.printable(what));
    }
  }

  private Counter refused(String reason) {
    return Counter.builder("audit.access.refused")
        .description("Requests that were refused for want of access, by reason")
        .tag("reason", reason)
        .register(registry);
  }
}
