package io.fileaudit.server.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How a node reaches Kafka.
 *
 * @param bootstrapServers the brokers to begin with, as in {@code one:9092,two:9092}
 * @param group the group of consumers that the nodes make up
 * @param topic what events come from
 * @param mostOfOnePoll how many records at most are taken in one poll
 * @param properties further properties of Kafka's clients, each given to those that know it
 */
public record KafkaSettings(
    String bootstrapServers,
    String group,
    String topic,
    int mostOfOnePoll,
    Map<String, String> properties) {
  public static final String DEFAULT_GROUP = "audit";

  public KafkaSettings {
    properties = Map.copyOf(properties);
  }

  /**
   * Reads further properties from a file as Kafka's own tools take it, for TLS, SASL and the like.
   *
   * @throws IllegalArgumentException naming every property that the service sets by itself or that
   *     no client knows
   */
  public static Map<String, String> readProperties(Path file) throws IOException {
    Properties read = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      read.load(reader);
    }
    Map<String, String> properties = new TreeMap<>();
    read.stringPropertyNames().forEach(name -> properties.put(name, read.getProperty(name)));
    List<String> problems = new ArrayList<>();
    note(problems, "set by the service itself", names(properties, ClientProperties::isOwn));
    note(
        problems,
        "not known to any client of Kafka",
        names(properties, ClientProperties::isUnknown));
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(file + ": " + String.join("; ", problems));
    }
    return properties;
  }

  /** Without the properties, among which there are passwords. */
  @Override
  public String toString() {
    return "topic " + topic + " of " + bootstrapServers + " as group " + group;
  }

  private static String names(Map<String, String> properties, Predicate<String> which) {
    return properties.keySet().stream().filter(which).collect(Collectors.joining(", "));
  }

  private static void note(List<String> problems, String what, String names) {
    if (!names.isEmpty()) {
      problems.add(what + ": " + names);
    }
  }
}
