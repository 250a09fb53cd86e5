package io.fileaudit.it.bench;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How long an acknowledgement takes at 1,000 events a second on one open stream. An event counts
 * from the moment at which it was due, whether or not it could be sent then, so that a stall is
 * seen by all whom it would have met (Tene, <i>How NOT to Measure Latency</i>: coordinated
 * omission).
 */
final class LatencyBench {
  private static final int A_SECOND = 1_000;
  private static final int WARM_UP = 10 * A_SECOND;
  private static final int EVENTS = 60 * A_SECOND;
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final URI service;
  private final String key;
  private final Measured measured;

  LatencyBench(URI service, String key, Measured measured) {
    this.service = service;
    this.key = key;
    this.measured = measured;
  }

  void run() throws Exception {
    Histogram latency = new Histogram(LONGEST.toNanos(), 3);
    UUID batch = UUID.randomUUID();
    try (RawHttp http = new RawHttp(service, key)) {
      http.open(batch);
      int events = WARM_UP + EVENTS;
      http.beginEvents(batch, "bench", "application/x-ndjson", Workload.lines(0, events).length);
      long begun = System.nanoTime() + Duration.ofMillis(100).toNanos();
      CompletableFuture<Void> reading =
          CompletableFuture.runAsync(() -> read(http, begun, events, latency));
      for (int n = 0; n < events; n++) {
        byte[] line = Workload.lines(n, n + 1);
        awaitTime(due(begun, n));
        http.write(line);
      }
      reading.get();
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("events", latency.getTotalCount());
    result.put("p50_ms", millis(latency.getValueAtPercentile(50)));
    result.put("p90_ms", millis(latency.getValueAtPercentile(90)));
    result.put("p99_ms", millis(latency.getValueAtPercentile(99)));
    result.put("p999_ms", millis(latency.getValueAtPercentile(99.9)));
    result.put("most_ms", millis(latency.getMaxValue()));
    measured.note("g, acknowledgement at 1,000 events/s", result);
  }

  private static long due(long begun, long n) {
    return begun + n * (Duration.ofSeconds(1).toNanos() / A_SECOND);
  }

  private static void awaitTime(long at) {
    for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void read(RawHttp http, long begun, int events, Histogram latency) {
    try {
      http.beginAnswer();
      long answered = 0;
      while (answered < events) {
        String piece = http.piece();
        long now = System.nanoTime();
        for (String line : piece.lines().toList()) {
          Ack ack = AuditJson.lenient().readValue(line, Ack.class);
          for (; answered < ack.lastLine(); answered++) {
            if (answered >= WARM_UP) {
              latency.recordValue(now - due(begun, answered));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e4) / 100.0;
  }
}
