package io.fileaudit.api.client;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts in a registry of Micrometer, which is only needed on the classpath where this is used. */
final class MicrometerMeters implements ClientMeters {
  private final Counter acknowledged;
  private final Counter refused;
  private final Counter spooled;
  private final Counter undelivered;
  private final Counter retried;
  private final Counter heartbeats;

  MicrometerMeters(MeterRegistry registry) {
    acknowledged = events(registry, "acknowledged");
    refused = events(registry, "refused");
    spooled = events(registry, "spooled");
    undelivered = events(registry, "undelivered");
    retried =
        Counter.builder("audit.client.retries")
            .description("calls that failed in a way that may pass")
            .register(registry);
    heartbeats =
        Counter.builder("audit.client.heartbeats")
            .description("heartbeats that were answered")
            .register(registry);
  }

  private static Counter events(MeterRegistry registry, String outcome) {
    return Counter.builder("audit.client.events")
        .description("events by what became of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  @Override
  public void acknowledged(long events) {
    acknowledged.increment(events);
  }

  @Override
  public void refused() {
    refused.increment();
  }

  @Override
  public void retried() {
    retried.increment();
  }

  @Override
  public void spooled(long events) {
    spooled.increment(events);
  }

  @Override
  public void undelivered(long events) {
    undelivered.increment(events);
  }

  @Override
  public void heartbeat() {
    heartbeats.increment();
  }
}
