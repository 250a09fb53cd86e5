package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The description of the calls says what the service does: no call less, none more, and so. */
class OpenApiTest {
  private static final String BASE = "/api/v1";
  private static final String EXAMPLE = "01890a5d-ac96-774b-bcce-b302099a8057";

  /** What is not one JSON value. */
  private static final Set<String> UNREAD = Set.of(Node.NDJSON, Node.EVENTS, "application/zip");

  private static Node node;
  private static JsonNode description;

  /** One call of the description. */
  private record Operation(String path, String method, JsonNode node) {
    String name() {
      return method.toUpperCase(java.util.Locale.ROOT) + " " + path;
    }
  }

  @BeforeAll
  static void start() {
    node = Node.start();
    String yaml = node.sendWithout("GET", BASE + "/openapi.yaml", "").is(200).body();
    Map<String, Object> read = new Yaml().load(yaml);
    description = AuditJson.lenient().valueToTree(read);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    description
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method ->
                            operations.add(
                                new Operation(path.getKey(), method.getKey(), method.getValue()))));
    return operations;
  }

  @Test
  void everyCallIsDescribedAndNoOther() {
    List<String> served =
        node.routes().stream()
            .filter(route -> route.pattern().startsWith(BASE + "/") && !isItself(route))
            .map(route -> route.method() + " " + route.pattern().substring(BASE.length()))
            .toList();

    assertThat(operations())
        .extracting(Operation::name)
        .containsExactlyInAnyOrderElementsOf(served);
    assertThat(description.path("openapi").asString()).startsWith("3.1.");
  }

  private static boolean isItself(Route route) {
    return route.pattern().endsWith("api.yaml");
  }

  @Test
  void referencesLeadSomewhereAndNamesAreUnique() {
    TreeSet<String> ids = new TreeSet<>();
    for (Operation operation : operations()) {
      assertThat(ids.add(operation.node().path("operationId").asString()))
          .as(operation.name())
          .isTrue();
    }
    for (JsonNode reference : description.findValues("$ref")) {
      String pointer = reference.asString().substring(1);
      assertThat(description.at(pointer).isMissingNode()).as(pointer).isFalse();
    }
  }

  /** A generated client takes an integer without a format for one of 32 bits. */
  @Test
  void everyIntegerSaysHowWideItIs() {
    assertThat(description.findParents("type")).isNotEmpty();
    for (JsonNode holder : description.findParents("type")) {
      if (holder.path("type").toString().contains("\"integer\"")) {
        assertThat(holder.path("format").asString("")).as(holder.toString()).matches("int(32|64)");
        boolean figure = holder.path("maximum").asLong() > Integer.MAX_VALUE;
        assertThat(figure && holder.path("format").asString().equals("int32")).isFalse();
      }
    }
  }

  @Test
  void parametersAreThoseThatTheServiceKnows() {
    for (Operation operation : operations()) {
      StringBuilder query = new StringBuilder();
      for (JsonNode parameter : parameters(operation)) {
        if (parameter.path("in").asString().equals("query")) {
          query.append(query.length() == 0 ? "?" : "&").append(parameter.path("name").asString());
        }
      }
      Answer answer =
          node.send(
              operation.method().toUpperCase(java.util.Locale.ROOT),
              path(operation).replace(EXAMPLE, UUID.randomUUID().toString())
                  + query.toString().replace("&", "=&")
                  + (query.isEmpty() ? "" : "="),
              "");
      assertThat(answer.body()).as(operation.name()).doesNotContain("unknown parameter");
    }
  }

  private static List<JsonNode> parameters(Operation operation) {
    List<JsonNode> parameters = new ArrayList<>();
    for (JsonNode parameter : operation.node().path("parameters")) {
      JsonNode reference = parameter.path("$ref");
      parameters.add(
          reference.isMissingNode()
              ? parameter
              : description.at(reference.asString().substring(1)));
    }
    return parameters;
  }

  private static String path(Operation operation) {
    String path = BASE + operation.path();
    for (JsonNode parameter : parameters(operation)) {
      String name = "{" + parameter.path("name").asString() + "}";
      path = path.replace(name, parameter.path("example").asString(""));
    }
    return path;
  }

  /** In the order of the file, which opens a batch first and ends it last. */
  @Test
  void examplesAreTakenAndAnswersAreAsDescribed() {
    int sent = 0;
    for (Operation operation : operations()) {
      JsonNode content = operation.node().path("requestBody").path("content");
      if (content.isMissingNode()) {
        check(operation, send(operation, "application/json", ""));
        continue;
      }
      for (Map.Entry<String, JsonNode> type : content.properties()) {
        JsonNode example = type.getValue().path("example");
        if (!example.isMissingNode()) {
          Answer answer =
              send(
                  operation,
                  type.getKey(),
                  example.isString() ? example.asString() : example.toString());
          assertThat(answer.status()).as("%s: %s", operation.name(), answer).isBetween(200, 299);
          check(operation, answer);
          sent++;
        }
      }
    }
    assertThat(sent).as("examples").isGreaterThan(8);
  }

  private static Answer send(Operation operation, String contentType, String body) {
    List<String> headers = new ArrayList<>(List.of("Content-Type", contentType));
    for (JsonNode parameter : parameters(operation)) {
      if (parameter.path("in").asString().equals("header") && parameter.has("example")) {
        headers.add(parameter.path("name").asString());
        headers.add(parameter.path("example").asString());
      }
    }
    String query = "";
    for (JsonNode parameter : parameters(operation)) {
      if (parameter.path("in").asString().equals("query") && parameter.has("example")) {
        query =
            "?" + parameter.path("name").asString() + "=" + parameter.path("example").asString();
      }
    }
    return node.send(
        operation.method().toUpperCase(java.util.Locale.ROOT),
        path(operation) + query,
        body,
        headers.toArray(String[]::new));
  }

  private static void check(Operation operation, Answer answer) {
    JsonNode responses = operation.node().path("responses");
    JsonNode response = responses.path(Integer.toString(answer.status()));
    if (response.isMissingNode()) {
      assertThat(answer.status()).as("%s: %s", operation.name(), answer).isGreaterThan(399);
      response = responses.path("default");
    }
    String type = answer.header("Content-Type").split(";", 2)[0];
    JsonNode schema = response.path("content").path(type).path("schema");
    if (answer.body().isEmpty() || UNREAD.contains(type)) {
      return;
    }
    assertThat(schema.isMissingNode()).as("%s: %s of %s", operation.name(), type, answer).isFalse();
    assertThat(errors(schema, answer.json())).as("%s: %s", operation.name(), answer).isEmpty();
  }

  private static List<Error> errors(JsonNode schema, JsonNode answer) {
    ObjectNode whole = schema.asObject().deepCopy();
    whole.set("components", description.path("components"));
    Schema checked =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(whole);
    return checked.validate(answer);
  }

  @Test
  void examplesFitTheirSchemas() {
    for (Operation operation : operations()) {
      for (Map.Entry<String, JsonNode> type :
          operation.node().path("requestBody").path("content").properties()) {
        JsonNode example = type.getValue().path("example");
        if (!example.isMissingNode()) {
          assertThat(errors(type.getValue().path("schema"), example))
              .as(operation.name())
              .isEmpty();
        }
      }
    }
  }

  @Test
  void callsAreShownLocally() {
    Answer page = node.sendWithout("GET", "/ui/api", "").is(200);
    assertThat(page.body()).doesNotContain("http://").doesNotContain("https://");
    assertThat(page.header("Content-Security-Policy")).contains("default-src 'self'");
    for (String file : new String[] {"swagger-ui.css", "swagger-ui-bundle.js", "api.js"}) {
      assertThat(page.body()).contains("/ui/files/" + file);
      node.sendWithout("GET", "/ui/files/" + file, "").is(200);
    }
  }
}
