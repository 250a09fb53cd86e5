package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.server.access.AdminAccess;
import io.fileaudit.server.access.AdminKey;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Who gets in, what is open to all, and what stands on which port. */
class AccessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicBoolean storeIsAway = new AtomicBoolean();
  private static Node node;

  /** Both parts of a store, so that one proxy can stand for it. */
  interface WholeStore extends AuditStore, WatchStore {}

  @BeforeAll
  static void start() {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    WholeStore silent =
        (WholeStore)
            Proxy.newProxyInstance(
                AccessTest.class.getClassLoader(),
                new Class<?>[] {WholeStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("ping")) {
                    return Mono.defer(() -> storeIsAway.get() ? Mono.never() : store.ping());
                  }
                  try {
                    return method.invoke(store, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    node = Node.start(silent);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YWRtaW46YWRtaW4=", Node.KEY})
  void requestWithoutAKeyIsTurnedAway(String authorization) {
    Answer refused =
        authorization.isEmpty()
            ? node.raw(node.port(), "GET", "/api/v1/batches")
            : node.raw(node.port(), "GET", "/api/v1/batches", "Authorization", authorization);

    refused.isProblem(401, "unauthenticated");
    assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ak_wrong", Node.KEY + "x", "AK_A-KEY"})
  void wrongKeyIsTurnedAway(String key) {
    Answer refused =
        node.raw(node.port(), "GET", "/api/v1/batches", "Authorization", "Bearer " + key)
            .isProblem(401, "unauthenticated");

    assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
    assertThat(refused.body()).doesNotContain(key);
  }

  @Test
  void schemeIsReadInAnyCase() {
    node.raw(node.port(), "GET", "/api/v1/batches", "Authorization", "bEARER " + Node.KEY).is(200);
  }

  @Test
  void unknownPathsAndMethodsTellNothingToThoseWithoutAKey() {
    node.raw(node.port(), "GET", "/nothing").isProblem(401, "unauthenticated");
    node.raw(node.port(), "DELETE", "/api/v1/batches").isProblem(401, "unauthenticated");
    node.raw(node.port(), "GET", Node.fresh()).isProblem(401, "unauthenticated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"key=x", "access_token=x", "Token=x", "table=" + Node.KEY})
  void keyInTheAddressIsRefused(String query) {
    Answer refused = node.get("/api/v1/batches?" + query).isProblem(400, "bad-request");

    assertThat(refused.at("/detail")).contains("Authorization").doesNotContain(Node.KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upper", "-x", "a_b", "ü", "a b", "../x"})
  void namespaceHasAForm(String namespace) {
    Answer refused =
        node.get("/api/v1/batches", "Audit-Namespace", namespace).isProblem(400, "bad-request");

    assertThat(refused.at("/detail")).contains("Audit-Namespace").contains("[a-z0-9]");
  }

  @Test
  void namespaceHasAtMostSixtyThreeCharacters() {
    node.get("/api/v1/batches", "Audit-Namespace", "a".repeat(63)).is(200);
    node.get("/api/v1/batches", "Audit-Namespace", "a".repeat(64)).isProblem(400, "bad-request");
  }

  @Test
  void headerThatIsThereTwiceIsRefused() {
    node.get("/api/v1/batches", "Audit-Namespace", "a", "Audit-Namespace", "b")
        .isProblem(400, "bad-request");
  }

  @Test
  void problemsAreExplainedToEverybody() {
    for (io.fileaudit.api.problem.ProblemType type :
        io.fileaudit.api.problem.ProblemType.values()) {
      Answer page = node.raw(node.port(), "GET", type.uri()).is(200);
      assertThat(page.at("/type")).isEqualTo(type.uri());
      assertThat(page.json().at("/status").asInt()).isEqualTo(type.status());
      assertThat(page.at("/advice")).as(type.slug()).isNotEmpty().isNotEqualTo("null");
    }
    node.raw(node.port(), "GET", "/problems/none").isProblem(404, "not-found");
  }

  @Test
  void healthAndMetricsAreOnTheManagementPortAlone() {
    for (String path :
        new String[] {
          "/actuator/health/liveness", "/actuator/health/readiness", "/actuator/prometheus"
        }) {
      node.raw(node.managementPort(), "GET", path).is(200);
      node.get(path).isProblem(404, "not-found");
      node.raw(node.port(), "GET", path).isProblem(401, "unauthenticated");
    }
    assertThat(node.managementPort()).isNotEqualTo(node.port());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator",
        "/actuator/env",
        "/actuator/beans",
        "/actuator/heapdump",
        "/actuator/loggers",
        "/actuator/metrics",
        "/actuator/shutdown",
        "/api/v1/batches",
        "/problems/not-found"
      })
  void managementPortServesNothingElse(String path) {
    node.raw(node.managementPort(), "GET", path).is(404);
    node.raw(node.managementPort(), "GET", path, "Authorization", "Bearer " + Node.KEY).is(404);
  }

  @Test
  void metricsCountRequestsByRouteAndNeverByBatch() {
    String batch = node.opened("");
    node.get(batch).is(200);
    node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n").is(200);

    // A request is counted when its answer has gone out, which the client may see before.
    String counted = "route=\"/api/v1/batches/{id}/events\"";
    String metrics = "";
    long end = System.nanoTime() + 20_000_000_000L;
    while (!metrics.contains(counted) && System.nanoTime() < end) {
      metrics = node.raw(node.managementPort(), "GET", "/actuator/prometheus").body();
    }

    assertThat(
            metrics.lines().filter(line -> line.startsWith("http_server_requests_seconds_count")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).contains("route=").doesNotContain("uri="));
    assertThat(metrics).contains(counted);
    assertThat(metrics).doesNotContain(batch.substring(batch.lastIndexOf('/') + 1));
  }

  @Test
  void nodeWhoseStoreIsAwayLivesAndIsNotReady() {
    node.raw(node.managementPort(), "GET", "/actuator/health/readiness").is(200);
    storeIsAway.set(true);
    try {
      awaitReadiness(503);
      Answer live = node.raw(node.managementPort(), "GET", "/actuator/health/liveness").is(200);
      assertThat(live.at("/status")).isEqualTo("UP");
    } finally {
      storeIsAway.set(false);
    }
    awaitReadiness(200);
  }

  private static void awaitReadiness(int status) {
    long end = System.nanoTime() + 20_000_000_000L;
    int last = -1;
    while (last != status && System.nanoTime() < end) {
      last = node.raw(node.managementPort(), "GET", "/actuator/health/readiness").status();
    }
    assertThat(last).isEqualTo(status);
  }

  @Test
  void adminKeyIsMadeOnceAndOnlyItsOwnerReadsIt(@TempDir Path data) throws IOException {
    AdminAccess first = AdminKey.inDataDirectory(data, new SecureRandom());
    Path file = data.resolve(AdminKey.FILE);
    String key = Files.readString(file).strip();

    assertThat(key).matches("ak_[A-Za-z0-9_-]{43}");
    try (var files = Files.list(data)) {
      assertThat(files)
          .allSatisfy(
              any ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(any)))
                      .isEqualTo("rw-------"))
          .filteredOn(any -> !any.equals(file))
          .isNotEmpty()
          .allSatisfy(any -> assertThat(any).content().doesNotContain(key));
    }
    lets(first, key);

    AdminAccess second = AdminKey.inDataDirectory(data, new SecureRandom());
    assertThat(Files.readString(file).strip()).isEqualTo(key);
    lets(second, key);
  }

  @Test
  void keyThatWasTakenAwayFromTheDirectoryStillCounts(@TempDir Path data) throws IOException {
    AdminKey.inDataDirectory(data, new SecureRandom());
    String key = Files.readString(data.resolve(AdminKey.FILE)).strip();
    Files.delete(data.resolve(AdminKey.FILE));

    lets(AdminKey.inDataDirectory(data, new SecureRandom()), key);

    assertThat(data.resolve(AdminKey.FILE)).doesNotExist();
  }

  @Test
  void fileWithoutAProperKeyIsRefused(@TempDir Path data) throws IOException {
    for (String bad : new String[] {"", "short", "x".repeat(40) + " y"}) {
      Path file = Files.writeString(data.resolve("key"), bad);
      assertThatThrownBy(() -> AdminKey.fromFile(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("holds no key");
    }
  }

  private static void lets(AdminAccess access, String key) {
    StepVerifier.create(access.principal(key))
        .assertNext(admin -> assertThat(admin.name()).isEqualTo("admin"))
        .expectComplete()
        .verify(PATIENCE);
    StepVerifier.create(access.principal(key + "x")).expectComplete().verify(PATIENCE);
  }
}
