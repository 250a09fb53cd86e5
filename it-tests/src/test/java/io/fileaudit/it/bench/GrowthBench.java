package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;

/**
 * Whether a batch of ten million events and a million files is as fast at its end as at its
 * beginning: one stream, timed by tenths of what was acknowledged, and then pages of its files.
 */
final class GrowthBench {
  private static final long EVENTS = Long.getLong("audit.bench.growth", 10_000_000);
  private static final int PIECE = 20_000;
  private static final int TENTHS = 10;
  private static final int PAGES = 1_000;
  private static final int WARM_UP_PAGES = 100;
  private static final int PAGE_SIZE = 100;

  private final URI service;
  private final String key;
  private final Measured measured;

  GrowthBench(URI service, String key, Measured measured) {
    this.service = service;
    this.key = key;
    this.measured = measured;
  }

  void run() throws Exception {
    UUID batch = UUID.randomUUID();
    try (RawHttp http = new RawHttp(service, key)) {
      http.open(batch);
      long length = 0;
      for (long from = 0; from < EVENTS; from += PIECE) {
        length += Workload.lines(from, Math.min(EVENTS, from + PIECE)).length;
      }
      long[] reached = new long[TENTHS + 1];
      reached[0] = System.nanoTime();
      http.beginEvents(batch, "bench", "application/x-ndjson", length);
      CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(http, reached));
      for (long from = 0; from < EVENTS; from += PIECE) {
        http.write(Workload.lines(from, Math.min(EVENTS, from + PIECE)));
      }
      reading.get();
      List<Double> rates =
          IntStream.range(0, TENTHS)
              .mapToObj(i -> EVENTS / 10.0 / ((reached[i + 1] - reached[i]) / 1e9))
              .toList();
      measured.note("h, events/s by tenth", Measured.spread(rates));
      measured.note(
          "h, last tenth over first", Math.round(rates.get(9) / rates.get(0) * 1_000) / 1_000.0);
    }
    pages(batch);
  }

  private static void read(RawHttp http, long[] reached) {
    try {
      http.beginAnswer();
      long accepted = 0;
      int tenth = 1;
      while (tenth <= TENTHS) {
        for (String line : http.piece().lines().toList()) {
          accepted += AuditJson.lenient().readValue(line, Ack.class).accepted();
          for (; tenth <= TENTHS && accepted >= EVENTS / 10 * tenth; tenth++) {
            reached[tenth] = System.nanoTime();
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Pages from random places: each is found by its cursor, as a reader comes to it. */
  private void pages(UUID batch) throws IOException {
    String path = "/api/v1/batches/" + batch + "/files?page_size=" + PAGE_SIZE;
    List<String> cursors = cursors(path);
    Histogram latency = new Histogram(Duration.ofMinutes(1).toNanos(), 3);
    Random random = new Random(1);
    try (RawHttp http = new RawHttp(service, key)) {
      for (int i = 0; i < WARM_UP_PAGES + PAGES; i++) {
        String cursor = cursors.get(random.nextInt(cursors.size()));
        long begun = System.nanoTime();
        String page = http.get(path + cursor);
        long nanos = System.nanoTime() - begun;
        assertThat(page).contains("\"file\"");
        if (i >= WARM_UP_PAGES) {
          latency.recordValue(nanos);
        }
      }
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("files_of_a_page", PAGE_SIZE);
    result.put("p50_ms", Math.round(latency.getValueAtPercentile(50) / 1e4) / 100.0);
    result.put("p99_ms", Math.round(latency.getValueAtPercentile(99) / 1e4) / 100.0);
    measured.note("h, a page of files at the end", result);
  }

  /** Every hundredth cursor, by following the pages from the first to the last. */
  private List<String> cursors(String path) throws IOException {
    List<String> cursors = new ArrayList<>(List.of(""));
    try (RawHttp http = new RawHttp(service, key)) {
      String all = path.replace("page_size=" + PAGE_SIZE, "page_size=1000");
      String next = "";
      do {
        JsonNode page = AuditJson.lenient().readTree(http.get(all + next));
        JsonNode cursor = page.path("next");
        next =
            cursor.isString()
                ? "&cursor=" + URLEncoder.encode(cursor.asString(), StandardCharsets.UTF_8)
                : "";
        if (!next.isEmpty()) {
          cursors.add(next);
        }
      } while (!next.isEmpty());
    }
    return cursors;
  }
}
