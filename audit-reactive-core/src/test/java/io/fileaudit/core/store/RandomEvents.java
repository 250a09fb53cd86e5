package io.fileaudit.core.store;

import io.fileaudit.api.event.EventType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Events of a few files, made up from a seed so that they collide: equal attempts, equal figures,
 * contradicting endings.
 */
final class RandomEvents {
  private static final Instant EPOCH = Instant.parse("2024-05-11T06:00:00Z");
  private static final List<String> FIGURES = List.of("rows", "bytes", "rejected_rows");
  private static final List<String> NO_FIGURES =
      List.of("-1", "1.5", "1.0", "1e3", "\"7\"", "9007199254740992", "true", "[7]", "{}");

  private final Random random;

  RandomEvents(Random random) {
    this.random = random;
  }

  /**
   * Lines without ids, all with a time of their own, so that it does not matter when they arrive.
   */
  List<String> lines(int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(
          Lines.object(
              event().entrySet().stream()
                  .flatMap(e -> List.of(e.getKey(), e.getValue()).stream())
                  .toArray()));
    }
    return lines;
  }

  private Map<String, Object> event() {
    Map<String, Object> event = new LinkedHashMap<>();
    EventType type = EventType.values()[random.nextInt(EventType.SKIPPED.ordinal() + 1)];
    event.put("type", type.name());
    event.put("file", "f" + random.nextInt(4) + (random.nextBoolean() ? ".csv" : ".txt"));
    event.put("at", EPOCH.plusMillis(random.nextInt(5) * 1_000L).toString());
    if (random.nextInt(3) > 0) {
      event.put("attempt", 1 + random.nextInt(3));
    }
    for (String figure : FIGURES) {
      if (random.nextInt(3) > 0) {
        event.put(figure, random.nextInt(4));
      }
    }
    if (random.nextInt(3) == 0) {
      event.put("checksum", "md5:" + random.nextInt(3));
    }
    if (type == EventType.FAILED && random.nextBoolean()) {
      event.put("error", Map.of("code", "e" + random.nextInt(2)));
    }
    if (random.nextInt(4) == 0) {
      event.put("attributes", Map.of("worker", random.nextInt(2)));
    }
    return event;
  }

  /** A line that would change figures, were one of them not no figure; no two are the same text. */
  String withABadFigure(int number) {
    Map<String, Object> event = event();
    event.put("type", "COMPLETED");
    event.put("rows", 5 + random.nextInt(5));
    event.put("bytes", 5 + random.nextInt(5));
    event.put("attributes", Map.of("number", number));
    String figure = FIGURES.get(random.nextInt(FIGURES.size()));
    event.put(figure, "BAD");
    String line =
        Lines.object(
            event.entrySet().stream()
                .flatMap(e -> List.of(e.getKey(), e.getValue()).stream())
                .toArray());
    return line.replace("\"BAD\"", NO_FIGURES.get(random.nextInt(NO_FIGURES.size())));
  }

  /** The same lines in another order, some of them more than once. */
  List<String> shuffledAndRepeated(List<String> lines) {
    List<String> all = new ArrayList<>(lines);
    for (int i = random.nextInt(lines.size() + 1); i > 0; i--) {
      all.add(lines.get(random.nextInt(lines.size())));
    }
    Collections.shuffle(all, random);
    return all;
  }

  /** The lines cut into parts of any size. */
  List<String[]> split(List<String> lines) {
    List<String[]> parts = new ArrayList<>();
    for (int from = 0; from < lines.size(); ) {
      int to = Math.min(lines.size(), from + 1 + random.nextInt(9));
      parts.add(lines.subList(from, to).toArray(String[]::new));
      from = to;
    }
    return parts;
  }
}
