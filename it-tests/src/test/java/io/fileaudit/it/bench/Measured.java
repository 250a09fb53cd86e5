package io.fileaudit.it.bench;

import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a benchmark has measured so far, printed as it comes and kept as a JSON file. */
final class Measured {
  private final Path file;
  private final Map<String, Object> all = new LinkedHashMap<>();
  private final Map<String, List<Double>> rounds = new LinkedHashMap<>();

  /** Figures that go into that file. */
  Measured(Path file) {
    this.file = file;
    Runtime machine = Runtime.getRuntime();
    all.put("processors", machine.availableProcessors());
    all.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    all.put("java", System.getProperty("java.vm.version"));
  }

  /** Notes something that is not measured in rounds. */
  void note(String name, Object value) {
    System.out.println(name + ": " + value);
    all.put(name, value);
  }

  /** Notes the figure of one round. */
  void round(String name, double figure, String remark) {
    System.out.printf(Locale.ROOT, "%s: %,.0f %s%n", name, figure, remark);
    rounds.computeIfAbsent(name, key -> new ArrayList<>()).add(figure);
  }

  /** Notes how one series stands to another, round by round, as median and range. */
  void ratio(String name, String over, String under) {
    List<Double> ratios = new ArrayList<>();
    List<Double> some = rounds.getOrDefault(over, List.of());
    List<Double> others = rounds.getOrDefault(under, List.of());
    for (int i = 0; i < Math.min(some.size(), others.size()); i++) {
      ratios.add(some.get(i) / others.get(i));
    }
    if (!ratios.isEmpty()) {
      note(name, spread(ratios));
    }
  }

  /** Median and range of a series. */
  static Map<String, Object> spread(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    Map<String, Object> spread = new LinkedHashMap<>();
    spread.put("median", rounded(median));
    spread.put("least", rounded(sorted.get(0)));
    spread.put("most", rounded(sorted.get(sorted.size() - 1)));
    spread.put("rounds", figures.stream().map(Measured::rounded).toList());
    return spread;
  }

  private static double rounded(double figure) {
    double unit = figure >= 1_000 ? 1 : 1_000;
    return Math.round(figure * unit) / unit;
  }

  /** Writes the file. */
  void write() throws IOException {
    rounds.forEach((name, figures) -> all.put(name, spread(figures)));
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, AuditJson.lenient().writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
    System.out.println(file.toAbsolutePath() + ":\n" + Files.readString(file));
  }
}
