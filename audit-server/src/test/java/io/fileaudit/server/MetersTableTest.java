package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the table of meters in the documentation against those of a node that uses everything. */
class MetersTableTest {
  private static final Path PAGE = Path.of("..", "docs", "operations.md");
  private static final String REQUESTS = "http.server.requests";
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");

  /** A tag and its values; with none written in code any will do, as routes. */
  private static final Pattern TAG = Pattern.compile("`([a-z]+)`: ([^;]*)");

  private record Row(
      String name, String scraped, String type, String unit, Map<String, Set<String>> tags) {}

  private static Node node;
  private static String scrape;
  private static final Map<String, Row> rows = new TreeMap<>();

  @BeforeAll
  static void start() throws IOException {
    node = Scrape.node();
    scrape = Scrape.text(node);
    try (Stream<String> lines = Files.lines(PAGE)) {
      lines
          .filter(line -> line.startsWith("| `audit.") || line.startsWith("| `" + REQUESTS))
          .map(MetersTableTest::row)
          .forEach(row -> assertThat(rows.put(row.name(), row)).as("twice").isNull());
    }
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Row row(String line) {
    String[] cells = line.split("\\|", -1);
    assertThat(cells).as(line).hasSize(8);
    Map<String, Set<String>> tags = new TreeMap<>();
    Matcher tag = TAG.matcher(cells[5]);
    while (tag.find()) {
      tags.put(tag.group(1), new TreeSet<>(words(tag.group(2))));
    }
    return new Row(
        words(cells[1]).get(0), words(cells[2]).get(0), cells[3].strip(), cells[4].strip(), tags);
  }

  private static List<String> words(String cell) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(cell);
    while (word.find()) {
      words.add(word.group(1));
    }
    return words;
  }

  private static List<Meter> meters() {
    return node.meters().getMeters().stream()
        .filter(
            meter ->
                meter.getId().getName().startsWith("audit.")
                    || meter.getId().getName().equals(REQUESTS))
        // A timer that tells percentiles registers a gauge of its own for each.
        .filter(meter -> !meter.getId().getName().endsWith(".percentile"))
        .filter(meter -> meter.getId().getTag("quantile") == null)
        .toList();
  }

  @Test
  void everyMeterIsInTheTableAndEveryRowIsAMeter() {
    Set<String> there = new TreeSet<>();
    meters().forEach(meter -> there.add(meter.getId().getName()));

    assertThat(rows.keySet()).containsExactlyElementsOf(there);
  }

  @Test
  void typeAndUnitAreThoseOfTheTable() {
    for (Meter meter : meters()) {
      Meter.Id id = meter.getId();
      Row row = rows.get(id.getName());
      String type = id.getType().name().toLowerCase(Locale.ROOT).replace("distribution_", "");
      assertThat(row.type()).as(id.getName()).isEqualTo(type);
      if (id.getBaseUnit() != null) {
        assertThat(row.unit()).as(id.getName()).isEqualTo(id.getBaseUnit());
      }
    }
  }

  @Test
  void tagsHaveNoOtherValuesThanTheTableSays() {
    for (Meter meter : meters()) {
      Row row = rows.get(meter.getId().getName());
      assertThat(meter.getId().getTags().stream().map(Tag::getKey))
          .as(row.name())
          .containsExactlyInAnyOrderElementsOf(row.tags().keySet());
      for (Tag tag : meter.getId().getTags()) {
        Set<String> values = row.tags().get(tag.getKey());
        if (!values.isEmpty()) {
          assertThat(values).as(row.name() + " " + tag.getKey()).contains(tag.getValue());
        }
      }
    }
  }

  @Test
  void prometheusShowsTheNamesOfTheTable() {
    Set<String> names = Scrape.names(scrape);
    for (Row row : rows.values()) {
      String name =
          row.type().equals("timer") || row.type().equals("summary")
              ? row.scraped() + "_count"
              : row.scraped();
      assertThat(names).as(row.name()).contains(name);
    }
  }
}
