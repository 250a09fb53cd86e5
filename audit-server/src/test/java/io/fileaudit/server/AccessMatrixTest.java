package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.access.Scope;
import io.fileaudit.server.http.Route;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every call of the interface, taken from its own table so that a new one cannot be forgotten, by
 * everybody who could make it: without a key, with a key for another namespace, with each scope.
 */
class AccessMatrixTest {
  private static final String OURS = "ours";
  private static final String THEIRS = "theirs";
  private static final String NAMESPACE = "Audit-Namespace";

  /** What is open to everybody: whatever else there is needs a key. */
  private static final Set<String> OPEN =
      Set.of(
          "GET /problems/{slug}",
          "GET /ui/login",
          "POST /ui/login",
          "GET /ui/files/{name}",
          "GET /ui/api",
          "GET /ui/asyncapi",
          "GET /api/v1/openapi.yaml",
          "GET /api/v1/asyncapi.yaml");

  /** Lists that name no batch, file or key. */
  private static final Set<String> NAMELESS =
      Set.of("/api/v1/checkpoint", "/api/v1/session", "/api/v1/summary", "/api/v1/health");

  private static final Map<String, String> DELIVERIES = new ConcurrentHashMap<>();

  private static Node node;
  private static final Map<Scope, String> ours = new EnumMap<>(Scope.class);
  private static final Map<Scope, String> theirs = new EnumMap<>(Scope.class);

  @BeforeAll
  static void start() {
    node = Node.start("AUDIT_WEBHOOKS_ALLOW", "127.0.0.1");
    for (Scope scope : Scope.values()) {
      ours.put(scope, node.key("ours-" + scope.word(), scope.word(), OURS));
      theirs.put(scope, node.key("theirs-" + scope.word(), scope.word(), THEIRS));
    }
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String name(Route route) {
    return route.method() + " " + route.pattern();
  }

  private static Stream<Route> closed() {
    return node.routes().stream().filter(route -> !route.isOpen());
  }

  /** The route's path with a fresh thing of ours in it. */
  private static String path(Route route, String id) {
    return route
        .pattern()
        .replace("{id}", id)
        .replace("{table}", "t-" + id)
        .replace("{name}", "w-" + id)
        .replace("{number}", number(id))
        .replace("{period}", "2026-11");
  }

  /** The delivery of a webhook of ours; of what is not there any number. */
  private static String number(String id) {
    return DELIVERIES.getOrDefault(id, "1");
  }

  private static void webhook(String id) {
    String hook = "/api/v1/webhooks/w-" + id;
    node.send("PUT", hook, "{\"url\":\"http://127.0.0.1:1/ours\"}", NAMESPACE, OURS).is(201);
    DELIVERIES.put(
        id, node.send("POST", hook + "/test", "", NAMESPACE, OURS).is(200).at("/number"));
  }

  private static String fresh(Route route) {
    if (route.pattern().startsWith("/api/v1/keys")) {
      return node.send(
              "POST",
              "/api/v1/keys",
              "{\"name\":\"k-%s\",\"scopes\":[\"read\"],\"namespaces\":[\"%s\"]}"
                  .formatted(UUID.randomUUID(), OURS))
          .is(201)
          .at("/id");
    }
    String id = UUID.randomUUID().toString();
    if (route.pattern().startsWith("/api/v1/webhooks")) {
      webhook(id);
      return id;
    }
    String expectation = "/api/v1/expectations/t-" + id;
    node.send("PUT", expectation, "{\"schedule\":\"0 6 1 1 *\"}", NAMESPACE, OURS).is(200);
    String batch = "/api/v1/batches/" + id;
    String spec = "{\"name\":\"secret\",\"table\":\"t-%s\",\"period\":\"2026-11\"}".formatted(id);
    node.send("PUT", batch, spec, NAMESPACE, OURS).is(201);
    String event = "{\"type\":\"STARTED\",\"file\":\"f-%s\"}\n".formatted(id);
    node.events(batch, event, NAMESPACE, OURS).is(200);
    return id;
  }

  private static Answer call(Route route, String path, String key, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("Authorization", "Bearer " + key));
    boolean looks = route.method().name().equals("GET");
    if (!looks) {
      all.addAll(List.of("Content-Type", "application/json"));
    }
    return node.sendWithout(
        route.method().name(), path, looks ? "" : body(route), all.toArray(String[]::new));
  }

  /** What gets as far as the thing that the path names; most calls do with nothing. */
  private static String body(Route route) {
    if (route.pattern().endsWith("/expectations/{table}")) {
      return "{\"schedule\":\"0 6 * * *\"}";
    }
    if (route.pattern().endsWith("/webhooks/{name}")) {
      return "{\"url\":\"https://1.1.1.1/theirs\"}";
    }
    return route.pattern().endsWith("/status") ? "{\"status\":\"CANCELLED\"}" : "{}";
  }

  @Test
  void noMoreIsOpenThanWhatIsMeantToBe() {
    assertThat(node.routes().stream().filter(Route::isOpen).map(AccessMatrixTest::name))
        .containsExactlyInAnyOrderElementsOf(OPEN);
    assertThat(node.routes()).hasSizeGreaterThan(20);
  }

  @TestFactory
  Stream<DynamicTest> withoutAKeyNobodyIsLetIn() {
    return closed()
        .map(
            route ->
                DynamicTest.dynamicTest(
                    name(route),
                    () -> {
                      String path = path(route, UUID.randomUUID().toString());
                      Answer answer = node.sendWithout(route.method().name(), path, "");
                      if (path.startsWith("/ui") && route.method().name().equals("GET")) {
                        assertThat(answer.is(303).header("Location")).startsWith("/ui/login?next=");
                      } else {
                        answer.isProblem(401, "unauthenticated");
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> scopesLetInAsTheTableSays() {
    return closed()
        .flatMap(
            route ->
                Stream.of(Scope.values())
                    .map(
                        scope ->
                            DynamicTest.dynamicTest(
                                name(route) + " with " + scope.word(), () -> scope(route, scope))));
  }

  private static void scope(Route route, Scope scope) {
    Answer answer = call(route, path(route, fresh(route)), ours.get(scope));
    boolean allowed = scope == Scope.ADMIN || route.scopes().contains(scope);
    if (allowed) {
      assertThat(answer.status()).as("%s", answer).isNotIn(401, 403, 404, 405, 500);
    } else {
      assertThat(answer.isProblem(403, "forbidden").at("/detail")).contains("scopes");
    }
  }

  @TestFactory
  Stream<DynamicTest> whatIsOfOthersIsAsIfItWereNotThere() {
    return closed()
        .filter(route -> route.pattern().contains("{"))
        // The same document for every batch; what it shows comes by the calls.
        .filter(route -> !route.pattern().equals("/ui/batches/{id}"))
        .map(route -> DynamicTest.dynamicTest(name(route), () -> foreign(route)));
  }

  private static void foreign(Route route) {
    String id = fresh(route);
    String absent = UUID.randomUUID().toString();
    DELIVERIES.put(absent, number(id));
    String key = theirs.get(scopes(route).iterator().next());

    Answer answer = call(route, path(route, id), key);

    if (route.method().name().equals("PUT") && route.pattern().contains("/expectations/")) {
      assertThat(answer.is(200).at("/schedule")).as("one of their own").isEqualTo("0 6 * * *");
      Answer untouched = node.get(path(route, id), NAMESPACE, OURS);
      assertThat(untouched.is(200).at("/schedule")).isEqualTo("0 6 1 1 *");
      return;
    }
    if (route.method().name().equals("PUT") && route.pattern().contains("/webhooks/")) {
      assertThat(answer.is(201).at("/url")).as("one of their own").endsWith("/theirs");
      Answer untouched = node.get(path(route, id), NAMESPACE, OURS);
      assertThat(untouched.is(200).at("/url")).endsWith("/ours");
      return;
    }
    if (route.method().name().equals("PUT") && route.pattern().endsWith("/batches/{id}")) {
      assertThat(answer.is(201).at("/namespace")).as("a batch of their own").isEqualTo(THEIRS);
      Answer untouched = node.get(path(route, id), NAMESPACE, OURS);
      assertThat(untouched.is(200).at("/name")).isEqualTo("secret");
      assertThat(untouched.at("/run")).isEqualTo("1");
      return;
    }
    Answer nothing = call(route, path(route, absent), key);
    answer.isProblem(404, "not-found");
    assertThat(answer.body().replace(id, absent)).isEqualTo(nothing.body());
    assertThat(headers(answer)).isEqualTo(headers(nothing));
  }

  private static Map<String, List<String>> headers(Answer answer) {
    return answer.headers().map();
  }

  private static Set<Scope> scopes(Route route) {
    return route.scopes().isEmpty() ? EnumSet.of(Scope.READ) : route.scopes();
  }

  @TestFactory
  Stream<DynamicTest> namingAForeignNamespaceIsForbidden() {
    return closed()
        .map(
            route ->
                DynamicTest.dynamicTest(
                    name(route),
                    () -> {
                      String key = theirs.get(scopes(route).iterator().next());
                      Answer there = call(route, path(route, fresh(route)), key, NAMESPACE, OURS);
                      Answer absent =
                          call(
                              route,
                              path(route, UUID.randomUUID().toString()),
                              key,
                              NAMESPACE,
                              "none-such");
                      there.isProblem(403, "forbidden");
                      absent.isProblem(403, "forbidden");
                    }));
  }

  @TestFactory
  Stream<DynamicTest> listsShowNothingOfOthers() {
    return closed()
        .filter(
            route -> route.method().name().equals("GET") && route.pattern().startsWith("/api/v1/"))
        .filter(route -> !route.pattern().contains("{"))
        .map(
            route ->
                DynamicTest.dynamicTest(
                    name(route),
                    () -> {
                      String id = fresh(route);
                      String path =
                          route.pattern()
                              + (route.pattern().endsWith("/files") ? "?file=f-" + id : "");
                      Answer mine = call(route, path, ours.get(Scope.ADMIN)).is(200);
                      Answer foreign = call(route, path, theirs.get(Scope.ADMIN)).is(200);
                      if (!NAMELESS.contains(route.pattern())) {
                        assertThat(mine.body()).contains(id);
                      }
                      assertThat(foreign.body())
                          .doesNotContain(id)
                          .doesNotContain("\"" + OURS + "\"");
                    }));
  }

  @Test
  void summaryCountsNothingOfOthers() {
    fresh(node.routes().get(0));
    String key = node.key("nobody-else", "read", "empty");

    Answer summary =
        node.sendWithout("GET", "/api/v1/summary", "", "Authorization", "Bearer " + key).is(200);

    assertThat(summary.json().at("/batches").isEmpty()).isTrue();
    assertThat(summary.json().at("/files/running").asInt()).isZero();
  }

  @TestFactory
  Stream<DynamicTest> parameterThatACallDoesNotKnowIsRefused() {
    return closed()
        .map(
            route ->
                DynamicTest.dynamicTest(
                    name(route),
                    () -> {
                      String path = path(route, fresh(route)) + "?no-such=1";
                      Answer answer = call(route, path, ours.get(Scope.ADMIN));
                      assertThat(answer.isProblem(400, "bad-request").at("/detail"))
                          .contains("\"no-such\"");
                    }));
  }

  @Test
  void methodThatIsNotThereTellsNobodyAnything() {
    for (Route route : closed().toList()) {
      if (route.pattern().startsWith("/api/")) {
        String path = path(route, UUID.randomUUID().toString());
        node.sendWithout("DELETE", path, "").isProblem(401, "unauthenticated");
      }
    }
  }
}
