package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the accounts and figures of a batch must be, recomputed from the texts of its ledger alone.
 * Naive on purpose: it gathers all that was said and looks for the greatest, and shares no rule
 * with the code that it checks.
 */
final class LedgerModel {
  private record Said(int run, Instant at, Map<String, Object> event) {
    String type() {
      return (String) event.get("type");
    }

    long figure(String name) {
      Object value = event.get(name);
      return value == null ? -1 : ((Number) value).longValue();
    }

    /** What it says of the file, without who sent it when and which file and try it is about. */
    String content() {
      Map<String, Object> rest = new HashMap<>(event);
      rest.keySet().removeAll(Set.of("at", "id", "position", "file", "attempt"));
      return CanonicalJson.text(rest);
    }
  }

  private record Try(int run, int number) {}

  private static final List<String> WEAKEST_FIRST = List.of("COMPLETED", "SKIPPED", "FAILED");

  private static final Comparator<Said> STANDS =
      Comparator.comparingInt((Said said) -> WEAKEST_FIRST.indexOf(said.type()))
          .thenComparingLong(said -> said.figure("rows"))
          .thenComparingLong(said -> said.figure("bytes"))
          .thenComparingLong(said -> said.figure("rejected_rows"))
          .thenComparing(said -> Objects.toString(said.event().get("checksum"), ""))
          .thenComparing(Said::content)
          .thenComparing(Said::at, Comparator.reverseOrder());

  private final Map<String, List<Said>> files =
      new TreeMap<>(
          (one, other) ->
              Arrays.compareUnsigned(
                  one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)));
  private long events;

  /** Reads a ledger. */
  static LedgerModel of(List<String> ledger) {
    LedgerModel model = new LedgerModel();
    ledger.forEach(text -> model.add(Lines.parse(text)));
    return model;
  }

  @SuppressWarnings("unchecked") // names of JSON objects are strings
  private void add(Map<String, Object> body) {
    if (body.containsKey("verdict")) {
      return;
    }
    events++;
    Map<String, Object> event = (Map<String, Object>) body.get("event");
    if (event.get("file") != null) {
      String at = (String) event.getOrDefault("at", body.get("recorded_at"));
      Said said = new Said((Integer) body.get("run"), Instant.parse(at), event);
      files.computeIfAbsent((String) event.get("file"), file -> new ArrayList<>()).add(said);
    }
  }

  /** How many rows are events. */
  long events() {
    return events;
  }

  /** The accounts as they should be shown, by name in the order of code points. */
  List<Manifest> manifests() {
    return files.entrySet().stream().map(file -> manifest(file.getKey(), file.getValue())).toList();
  }

  private static Manifest manifest(String file, List<Said> all) {
    List<Said> announced = of(all, "EXPECTED");
    int announcedRun = announced.stream().mapToInt(Said::run).max().orElse(0);
    announced = announced.stream().filter(said -> said.run() == announcedRun).toList();
    Map<Try, List<Said>> tries =
        new TreeMap<>(Comparator.comparingInt(Try::run).thenComparingInt(Try::number));
    for (Said said : of(all, "STARTED", "PROGRESS", "COMPLETED", "FAILED", "SKIPPED")) {
      int number = (Integer) said.event().getOrDefault("attempt", 1);
      tries.computeIfAbsent(new Try(said.run(), number), name -> new ArrayList<>()).add(said);
    }
    Try shown = shown(tries);
    List<Said> about = shown == null ? List.of() : tries.get(shown);
    Said ending = ending(about);
    return new Manifest(
        file,
        shown != null
            ? state(about)
            : of(all, "DISCOVERED").isEmpty() ? FileState.EXPECTED : FileState.DISCOVERED,
        shown == null ? null : shown.run(),
        shown == null ? null : shown.number(),
        tries.size(),
        figure("rows", about, ending),
        figure("rejected_rows", about, ending),
        figure("bytes", about, ending),
        ending == null ? null : (String) ending.event().get("checksum"),
        earliest(of(about, "STARTED")),
        ending == null ? null : ending.at(),
        earliest(of(all, "DISCOVERED")),
        !announced.isEmpty(),
        greatest("rows", announced),
        greatest("bytes", announced),
        announced.stream()
            .map(said -> (String) said.event().get("checksum"))
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null),
        tries.values().stream().anyMatch(LedgerModel::contradicts),
        ending == null ? null : error(ending),
        ending == null ? Map.of() : attributes(ending));
  }

  private static Try shown(Map<Try, List<Said>> tries) {
    List<Try> latestFirst = new ArrayList<>(tries.keySet());
    Collections.reverse(latestFirst);
    if (latestFirst.isEmpty()) {
      return null;
    }
    if (state(tries.get(latestFirst.get(0))) == FileState.SKIPPED) {
      for (Try earlier : latestFirst) {
        if (state(tries.get(earlier)) == FileState.COMPLETED) {
          return earlier;
        }
      }
    }
    return latestFirst.get(0);
  }

  private static FileState state(List<Said> about) {
    Said ending = ending(about);
    return ending == null ? FileState.RUNNING : FileState.valueOf(ending.type());
  }

  private static Said ending(List<Said> about) {
    return of(about, "COMPLETED", "FAILED", "SKIPPED").stream().max(STANDS).orElse(null);
  }

  private static boolean contradicts(List<Said> about) {
    Set<String> contents = new HashSet<>();
    of(about, "COMPLETED", "FAILED", "SKIPPED").forEach(said -> contents.add(said.content()));
    return contents.size() > 1;
  }

  private static Long figure(String name, List<Said> about, Said ending) {
    if (ending != null && ending.figure(name) >= 0) {
      return ending.figure(name);
    }
    return greatest(name, of(about, "STARTED", "PROGRESS"));
  }

  private static Long greatest(String name, List<Said> all) {
    long greatest = all.stream().mapToLong(said -> said.figure(name)).max().orElse(-1);
    return greatest < 0 ? null : greatest;
  }

  private static Instant earliest(List<Said> all) {
    return all.stream().map(Said::at).min(Comparator.naturalOrder()).orElse(null);
  }

  private static List<Said> of(List<Said> all, String... types) {
    return all.stream().filter(said -> List.of(types).contains(said.type())).toList();
  }

  private static EventError error(Said ending) {
    Object error = ending.event().get("error");
    return error == null ? null : AuditJson.lenient().convertValue(error, EventError.class);
  }

  @SuppressWarnings("unchecked") // names of JSON objects are strings
  private static Map<String, Object> attributes(Said ending) {
    return (Map<String, Object>) ending.event().getOrDefault("attributes", Map.of());
  }

  /**
   * The figures by the names in which stores keep them; of patterns it knows {@code *.end} alone.
   */
  Map<String, Long> figures(BatchSpec spec) {
    Map<String, Long> sums = new TreeMap<>();
    for (String name :
        List.of(
            "expected",
            "missing",
            "discovered",
            "running",
            "completed",
            "failed",
            "skipped",
            "short",
            "zero_rows",
            "arrived",
            "rows",
            "rows_in_flight",
            "rejected_rows",
            "bytes")) {
      sums.put(name, 0L);
    }
    for (Manifest file : manifests()) {
      String state =
          file.state() == FileState.EXPECTED ? "missing" : file.state().name().toLowerCase();
      sums.merge(state, 1L, Long::sum);
      sums.merge("expected", file.expected() ? 1L : 0L, Long::sum);
      if (file.state() == FileState.RUNNING) {
        sums.merge("rows_in_flight", orZero(file.rows()), Long::sum);
      }
      if (file.state() == FileState.COMPLETED) {
        sums.merge("rows", orZero(file.rows()), Long::sum);
        sums.merge("rejected_rows", orZero(file.rejectedRows()), Long::sum);
        sums.merge("bytes", orZero(file.bytes()), Long::sum);
        sums.merge("short", isShort(file) ? 1L : 0L, Long::sum);
        sums.merge("zero_rows", file.rows() != null && file.rows() == 0 ? 1L : 0L, Long::sum);
      }
      boolean heardOf = file.state() != FileState.EXPECTED;
      sums.merge("arrived", heardOf && isCounted(file.file(), spec) ? 1L : 0L, Long::sum);
    }
    return sums;
  }

  private static boolean isShort(Manifest file) {
    boolean fewerRows = orZero(file.rows()) < orZero(file.expectedRows());
    boolean fewerBytes = orZero(file.bytes()) < orZero(file.expectedBytes());
    boolean otherContent =
        file.expectedChecksum() != null && !file.expectedChecksum().equals(file.checksum());
    return fewerRows || fewerBytes || otherContent;
  }

  private static boolean isCounted(String file, BatchSpec spec) {
    if (spec.expected() == null || spec.expected().pattern() == null) {
      return true;
    }
    String pattern = spec.expected().pattern();
    if (!pattern.startsWith("*.") || pattern.lastIndexOf('*') > 0 || pattern.indexOf('/') >= 0) {
      throw new IllegalArgumentException("the model knows *.end alone, not " + pattern);
    }
    return file.endsWith(pattern.substring(1));
  }

  private static long orZero(Long value) {
    return value == null ? 0 : value;
  }
}
