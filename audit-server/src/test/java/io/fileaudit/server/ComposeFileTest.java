package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Holds deploy/compose.yaml against the settings that there are, and its nodes against each other.
 */
class ComposeFileTest {
  private static final Path FILE = Path.of("..", "deploy", "compose.yaml");
  private static final List<String> NODES = List.of("one", "two");

  private static Map<String, Map<String, Object>> services;

  @BeforeAll
  static void read() throws IOException {
    Map<String, Map<String, Map<String, Object>>> file = new Yaml().load(Files.readString(FILE));
    services = file.get("services");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> environment(String node) {
    Map<String, String> environment = new TreeMap<>();
    ((Map<String, Object>) services.get(node).get("environment"))
        .forEach((name, value) -> environment.put(name, String.valueOf(value)));
    return environment;
  }

  @Test
  void nodesHaveSettingsThatThereAre() {
    List<String> known = Stream.of(Setting.values()).map(Setting::name).toList();
    for (String node : NODES) {
      assertThat(known).containsAll(environment(node).keySet());
    }
  }

  @Test
  void settingsOfTheNodesAreRight() throws IOException {
    for (String node : NODES) {
      Map<String, String> environment = environment(node);
      // What the container has and this machine does not.
      environment.put("AUDIT_ADMIN_KEY_FILE", FILE.toString());
      environment.put("AUDIT_SIGNING_KEY_FILE", FILE.toString());
      environment.replaceAll((name, value) -> value.replaceAll("\\$\\{[^}]*}", "secret"));

      ServerSettings settings = ServerSettings.read(environment);

      assertThat(settings.node()).isEqualTo(node);
      assertThat(settings.database().service()).isNotNull();
      assertThat(settings.database().owner()).isNotNull();
      assertThat(settings.kafka()).isNotNull();
    }
  }

  @Test
  void nodesDifferInTheirNameAndAddressAlone() {
    Map<String, String> one = environment("one");
    Map<String, String> two = environment("two");
    for (String own : List.of("AUDIT_NODE", "AUDIT_PUBLIC_URL")) {
      assertThat(one.remove(own)).isNotEqualTo(two.remove(own));
    }

    assertThat(one).isEqualTo(two);
  }

  @Test
  void topicOfEventsIsMadeUnderItsName() {
    assertThat(String.valueOf(services.get("topics").get("command")))
        .contains(Setting.AUDIT_KAFKA_EVENTS.standard());
  }
}
