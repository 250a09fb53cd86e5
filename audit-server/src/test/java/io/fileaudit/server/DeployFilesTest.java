package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.ServiceRehearsal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/** Holds what deploy/ brings against the service and against the documentation. */
class DeployFilesTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final Path RULES = DEPLOY.resolve("prometheus").resolve("rules.yaml");
  private static final Path TESTS = DEPLOY.resolve("prometheus").resolve("rules_test.yaml");
  private static final Path PAGE = Path.of("..", "docs", "operations.md");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:audit|http_server|jvm|process|system)_[a-z0-9_]+");
  private static final Pattern SETTING = Pattern.compile("\\bAUDIT_[A-Z_]+\\b");
  private static final Set<String> ALERTS =
      Set.of(
          "DetectorStalled",
          "BatchesTimingOut",
          "IngestRefusing",
          "AckSlow",
          "KafkaLag",
          "OutboxBacklog",
          "WebhookLost",
          "SealMismatch");

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rules() throws IOException {
    Map<String, List<Map<String, Object>>> file = new Yaml().load(Files.readString(RULES));
    return (List<Map<String, Object>>) file.get("groups").get(0).get("rules");
  }

  /** Every object of that manifest by kind and name. */
  private static Map<String, Map<String, Object>> manifest(String name) throws IOException {
    Map<String, Map<String, Object>> found = new TreeMap<>();
    for (Object one :
        new Yaml().loadAll(Files.readString(DEPLOY.resolve("kubernetes").resolve(name)))) {
      @SuppressWarnings("unchecked")
      Map<String, Object> object = (Map<String, Object>) one;
      found.put(object.get("kind") + "/" + at(object, "metadata", "name"), object);
    }
    return found;
  }

  private static Object at(Object object, String... path) {
    Object found = object;
    for (String step : path) {
      found =
          found instanceof List<?> list
              ? list.get(Integer.parseInt(step))
              : ((Map<?, ?>) found).get(step);
      assertThat(found).as(String.join(".", path)).isNotNull();
    }
    return found;
  }

  @Test
  void everyMeterOfRulesAndDashboardIsShownByTheService() throws IOException {
    Set<String> used = new TreeSet<>();
    rules().forEach(rule -> metrics(String.valueOf(rule.get("expr")), used));
    JsonNode dashboard =
        AuditJson.lenient()
            .readTree(Files.readString(DEPLOY.resolve("grafana").resolve("dashboard.json")));
    dashboard
        .findValuesAsString("expr")
        .forEach(expression -> metrics(String.valueOf(expression), used));
    assertThat(used).hasSizeGreaterThan(25);

    try (Node node = Scrape.node()) {
      assertThat(Scrape.names(Scrape.text(node))).containsAll(used);
    }
  }

  private static void metrics(String expression, Set<String> into) {
    METRIC.matcher(expression).results().forEach(found -> into.add(found.group()));
  }

  @Test
  void rulesAreThoseThatHaveAParagraph() throws IOException {
    List<String> headings;
    try (Stream<String> lines = Files.lines(PAGE)) {
      headings =
          lines
              .filter(line -> line.startsWith("### "))
              .map(line -> line.substring("### ".length()))
              .toList();
    }
    assertThat(rules())
        .allSatisfy(
            rule -> {
              String name = String.valueOf(rule.get("alert"));
              assertThat(headings).contains(name);
              assertThat(at(rule, "annotations", "runbook_url"))
                  .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
              assertThat(at(rule, "annotations", "summary")).isNotNull();
              assertThat(at(rule, "labels", "severity")).isIn("critical", "warning");
            })
        .extracting(rule -> String.valueOf(rule.get("alert")))
        .containsExactlyInAnyOrderElementsOf(ALERTS);
  }

  @Test
  void everyParagraphSaysWhatItMeansWhereToLookAndWhatToDo() throws IOException {
    String page = Files.readString(PAGE);
    for (String alert : ALERTS) {
      String paragraph = page.substring(page.indexOf("### " + alert + "\n")).substring(4);
      paragraph = paragraph.substring(0, paragraph.indexOf("\n#"));
      assertThat(paragraph)
          .contains("**What it means.**", "**What to look at.**", "**What to do.**");
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void everyRuleIsTriedWhereItFiresAndWhereItDoesNot() throws IOException {
    Map<String, Object> file = new Yaml().load(Files.readString(TESTS));
    Set<String> fire = new TreeSet<>();
    Set<String> quiet = new TreeSet<>();
    for (Map<String, Object> test : (List<Map<String, Object>>) file.get("tests")) {
      for (Map<String, Object> tried : (List<Map<String, Object>>) test.get("alert_rule_test")) {
        boolean none = ((List<?>) tried.get("exp_alerts")).isEmpty();
        (none ? quiet : fire).add(String.valueOf(tried.get("alertname")));
      }
    }

    assertThat(fire).containsExactlyInAnyOrderElementsOf(ALERTS);
    assertThat(quiet).containsExactlyInAnyOrderElementsOf(ALERTS);
  }

  @Test
  void promtoolFindsRulesRightAndTheirTestsPass() throws IOException, InterruptedException {
    boolean there = Stream.of(path()).anyMatch(at -> Files.isExecutable(at.resolve("promtool")));
    // Where it is not installed this says so; .ci/suites fails for a test that was skipped.
    assumeTrue(there, "promtool is not installed (Debian: apt-get install prometheus)");

    assertThat(promtool("check", "rules", RULES.getFileName().toString())).contains("SUCCESS");
    assertThat(promtool("test", "rules", TESTS.getFileName().toString())).contains("SUCCESS");
  }

  private static Path[] path() {
    return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of)
        .toArray(Path[]::new);
  }

  private static String promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Path said = Files.createTempFile("promtool", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(RULES.getParent().toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("promtool ends").isTrue();
      String output = Files.readString(said, StandardCharsets.UTF_8);
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      Files.delete(said);
    }
  }

  @Test
  void manifestsSetWhatThereIs() throws IOException {
    List<String> known = Stream.of(Setting.values()).map(Setting::name).toList();
    String text = Files.readString(DEPLOY.resolve("kubernetes").resolve("fileaudit.yaml"));
    Set<String> named = new TreeSet<>();
    SETTING.matcher(text).results().forEach(found -> named.add(found.group()));

    assertThat(known).containsAll(named);
  }

  @Test
  void settingsOfTheManifestAreRight() throws IOException {
    Map<String, Map<String, Object>> objects = manifest("fileaudit.yaml");
    Map<String, String> environment = new TreeMap<>();
    ((Map<?, ?>) at(objects.get("ConfigMap/fileaudit"), "data"))
        .forEach((name, value) -> environment.put(String.valueOf(name), String.valueOf(value)));
    environment.put("AUDIT_DB", "postgresql://audit:secret@db:5432/audit");
    environment.put("AUDIT_DB_OWNER", "postgresql://owner:secret@db:5432/audit");
    // What the container has and this machine does not.
    environment.put("AUDIT_ADMIN_KEY_FILE", RULES.toString());
    environment.put("AUDIT_SIGNING_KEY_FILE", RULES.toString());

    ServerSettings settings = ServerSettings.read(environment);

    assertThat(settings.http().managementPort()).isEqualTo(8081);
    assertThat(settings.jsonLog()).isTrue();
  }

  @Test
  void podsAreProbedAndHaveNoRights() throws IOException {
    Map<String, Map<String, Object>> objects = manifest("fileaudit.yaml");
    Object pod = at(objects.get("Deployment/fileaudit"), "spec", "template", "spec");
    Object container = at(pod, "containers", "0");

    assertThat(at(container, "startupProbe", "httpGet", "path"))
        .isEqualTo("/actuator/health/readiness");
    assertThat(at(container, "readinessProbe", "httpGet", "path"))
        .isEqualTo("/actuator/health/readiness");
    assertThat(at(container, "livenessProbe", "httpGet", "path"))
        .isEqualTo("/actuator/health/liveness");
    assertThat(at(pod, "securityContext", "runAsNonRoot")).isEqualTo(true);
    assertThat(at(container, "securityContext", "readOnlyRootFilesystem")).isEqualTo(true);
    assertThat(at(container, "securityContext", "allowPrivilegeEscalation")).isEqualTo(false);
    assertThat((Integer) at(pod, "terminationGracePeriodSeconds")).isGreaterThanOrEqualTo(60);
    assertThat(at(container, "resources", "limits", "memory")).isEqualTo("1Gi");
    assertThat(objects)
        .containsKeys("PodDisruptionBudget/fileaudit", "Service/fileaudit", "ConfigMap/fileaudit");
  }

  @Test
  void whatSelectsAndWhatIsSelectedBearTheSameLabels() throws IOException {
    Map<String, Map<String, Object>> objects = manifest("fileaudit.yaml");
    Object deployment = objects.get("Deployment/fileaudit");
    Object labels = at(deployment, "spec", "template", "metadata", "labels");
    for (Object selector :
        List.of(
            at(deployment, "spec", "selector", "matchLabels"),
            at(objects.get("Service/fileaudit"), "spec", "selector"),
            at(objects.get("Service/fileaudit-management"), "spec", "selector"),
            at(objects.get("PodDisruptionBudget/fileaudit"), "spec", "selector", "matchLabels"))) {
      assertThat(labels).isEqualTo(selector);
    }
    Object monitor = manifest("servicemonitor.yaml").get("ServiceMonitor/fileaudit");
    assertThat(at(monitor, "spec", "selector", "matchLabels"))
        .isEqualTo(at(objects.get("Service/fileaudit-management"), "metadata", "labels"));
    assertThat(at(monitor, "spec", "endpoints", "0", "port"))
        .isEqualTo(at(objects.get("Service/fileaudit-management"), "spec", "ports", "0", "name"));
  }

  @Test
  void imageIsRunByTheUserThatTheManifestNames() throws IOException {
    List<String> lines = Files.readAllLines(DEPLOY.resolve("Dockerfile"));
    Object pod =
        at(manifest("fileaudit.yaml").get("Deployment/fileaudit"), "spec", "template", "spec");

    assertThat(String.join("\n", lines))
        .contains("--uid " + at(pod, "securityContext", "runAsUser"));
    assertThat(lines).contains("USER 10001:10001");
  }

  @Test
  void optionsOfServicesAreKnownToThisJava() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + DEPLOY.resolve("service.options"),
                "-version")
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(java.waitFor()).as(said).isZero();
    assertThat(said).doesNotContain("warning");
  }

  @Test
  void imageIsRehearsedAndStartedWithTheSameOptions() throws IOException {
    List<String> lines = Files.readAllLines(DEPLOY.resolve("Dockerfile"));

    assertThat(lines)
        .anyMatch(
            line ->
                line.startsWith("RUN java @service.options")
                    && line.contains("-XX:ArchiveClassesAtExit=/app/classes/service")
                    && line.endsWith(ServiceRehearsal.class.getName()))
        .anyMatch(
            line ->
                line.startsWith("ENTRYPOINT [\"java\", \"@service.options\"")
                    && line.contains("-XX:SharedArchiveFile=/app/classes/service"));
  }
}
