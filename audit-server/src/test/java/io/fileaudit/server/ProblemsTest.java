package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.WatchStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Errors, wherever they come from, have one form; what failed inside stays inside. */
class ProblemsTest {
  private static final String SECRET = "password=hunter2";
  private static final AtomicReference<RuntimeException> failure = new AtomicReference<>();

  private static Node node;

  /** Both parts of a store, so that one proxy can stand for it. */
  interface WholeStore extends AuditStore, WatchStore {}

  @BeforeAll
  static void start() {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    node =
        Node.start(
            (WholeStore)
                Proxy.newProxyInstance(
                    ProblemsTest.class.getClassLoader(),
                    new Class<?>[] {WholeStore.class},
                    (proxy, method, arguments) -> {
                      RuntimeException error = failure.get();
                      if (error != null && method.getDeclaringClass() == AuditStore.class) {
                        return method.getReturnType() == Flux.class
                            ? Flux.error(error)
                            : Mono.error(error);
                      }
                      try {
                        return method.invoke(store, arguments);
                      } catch (InvocationTargetException e) {
                        throw e.getCause();
                      }
                    }));
  }

  @AfterEach
  void heal() {
    failure.set(null);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/api", "/api/v1", "/api/v2/batches", "/api/v1/batches/", "/actuator/env"})
  void unknownPathIsNotFound(String path) {
    Answer refused = node.get(path).isProblem(404, "not-found");

    assertThat(refused.at("/instance")).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE | /api/v1/batches/00000000-0000-0000-0000-000000000000 | GET, HEAD, PATCH, PUT",
        "PATCH | /api/v1/batches | GET, HEAD, POST",
        "GET | /api/v1/batches/00000000-0000-0000-0000-000000000000/events | POST",
        "OPTIONS | /api/v1/batches | GET, HEAD, POST",
        "POST | /problems/not-found | GET, HEAD",
      })
  void wrongMethodIsAnsweredWithThoseThereAre(String method, String path, String allow) {
    Answer refused = node.send(method, path, "").isProblem(405, "method-not-allowed");

    assertThat(refused.header("Allow")).isEqualTo(allow);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/batches/..%2f..%2factuator",
        "/api/v1/batches/%2e%2e/x",
        "/api/v1/batches/../x",
        "/api/v1//batches",
        "/api/v1/batches/a%00b",
        "/api/v1/batches/a%5Cb"
      })
  void pathThatHidesSomethingIsRefused(String path) {
    node.get(path).isProblem(400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "text/", "*/json"})
  void acceptThatCannotBeReadIsABadRequest(String accept) {
    Answer refused = node.get("/api/v1/batches", "Accept", accept);

    assertThat(refused.status()).isIn(400, 406);
    refused.isProblem(refused.status(), refused.status() == 400 ? "bad-request" : "not-acceptable");
  }

  @Test
  void unexpectedErrorIsAnsweredByAnIdAlone() {
    failure.set(new IllegalStateException(SECRET));

    for (Answer failed :
        new Answer[] {
          node.get("/api/v1/batches"),
          node.get(Node.fresh()),
          node.send("PUT", Node.fresh(), "{}"),
          node.events(Node.fresh(), "{\"type\":\"STARTED\",\"file\":\"a\"}\n"),
          node.get(Node.fresh() + "/ledger"),
        }) {
      failed.isProblem(500, "internal");
      assertThat(failed.at("/detail")).containsPattern("[0-9a-f]{8}-[0-9a-f]{4}-7");
      assertThat(failed.body())
          .doesNotContain(SECRET)
          .doesNotContain("Exception")
          .doesNotContain("\tat ")
          .doesNotContain("io.fileaudit");
    }
  }

  @Test
  void storeThatIsAwayIsUnavailableForNow() {
    failure.set(new AuditException(ProblemType.UNAVAILABLE, "the database does not answer"));

    Answer refused = node.get("/api/v1/batches").isProblem(503, "unavailable");

    assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
  }

  @Test
  void connectionLostToTheStoreIsNotTakenForOneOfTheClient() {
    IOException reset = new IOException("Connection reset by peer");
    failure.set(new AuditException(ProblemType.UNAVAILABLE, "the database is gone", reset));

    String batch = Node.fresh();
    node.send("PUT", batch, "{}").isProblem(503, "unavailable");
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").isProblem(503, "unavailable");
    node.get(batch).isProblem(503, "unavailable");
    node.get("/api/v1/batches").isProblem(503, "unavailable");
  }

  @Test
  void headGivesTheHeadersOfGetAndNoBody() {
    String batch = node.opened("");

    for (String path : new String[] {batch, "/api/v1/batches", batch + "/files"}) {
      Answer head = node.send("HEAD", path, "").is(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.header("Content-Type")).isEqualTo("application/json");
    }
    assertThat(node.send("HEAD", batch, "").header("ETag"))
        .isEqualTo(node.get(batch).header("ETag"));
    assertThat(node.send("HEAD", Node.fresh(), "").is(404).body()).isEmpty();
    node.get(batch).is(200);
  }

  @Test
  void everyAnswerForbidsGuessingAndKeeping() {
    for (Answer answer :
        new Answer[] {
          node.get("/api/v1/batches"), node.get("/nothing"), node.raw(node.port(), "GET", "/x")
        }) {
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }
  }

  @Test
  void queryMayHoldAnyCharacter() {
    assertThat(
            node.get("/api/v1/batches?table=%C3%BC%F0%9F%98%80&q=a+b%2B%EF%BF%BD").is(200).body())
        .contains("items");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/batches?table=%zz",
        "/api/v1/batches?table=%",
        "/api/v1/batches?table=%ff",
        "/api/v1/batches?table=a|b",
        "/api/v1/batches?table={a}",
        "/api/v1/batches?table=\"",
        "/api/v1/batches/%zz",
        "/api/v1/a|b",
        "/problems/<not-found>",
        "/api/v1/batches HTTP/1.1",
        "",
      })
  void targetThatIsNoUriIsABadRequestLikeOthers(String target) throws IOException {
    Answer refused = node.line("GET " + target + " HTTP/1.1").isProblem(400, "bad-request");

    assertThat(refused.body()).doesNotContain("Exception");
    assertThat(refused.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(refused.header("Cache-Control")).isEqualTo("no-store");
  }

  @ParameterizedTest
  @CsvSource({"Content-Length, -1", "Content-Length, x", "Transfer-Encoding, x", "a b, c"})
  void headerThatCannotBeReadIsABadRequest(String name, String value) throws IOException {
    node.line("GET /api/v1/batches HTTP/1.1", name, value).isProblem(400, "bad-request");
  }

  @Test
  void headOfWhatCannotBeReadHasNoBody() throws IOException {
    for (String target : new String[] {"/api/v1/batches?table=%zz", "/api/v1/%zz"}) {
      Answer refused = node.line("HEAD " + target + " HTTP/1.1").is(400);
      assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(refused.body()).isEmpty();
    }
  }

  /** A request line of that many bytes that asks for the list of batches. */
  private static String line(int length) {
    StringBuilder line = new StringBuilder("GET /api/v1/batches?page_size=1");
    int left = length - " HTTP/1.1".length();
    while (line.length() < left) {
      int part = Math.min(4_000, left - line.length());
      line.append(part < 20 ? "&" : "&label=a=").append("x".repeat(part < 20 ? 0 : part - 9));
      line.append("&".repeat(part < 20 ? part - 1 : 0));
    }
    return line + " HTTP/1.1";
  }

  @Test
  void requestLineOf16KibIsTakenAndALongerOneIsTooLarge() throws IOException {
    int most = 16 * 1024;
    assertThat(line(most)).hasSize(most);

    node.line(line(most)).is(200);

    Answer refused = node.line(line(most + 1)).is(414);
    assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(refused.at("/type")).isEqualTo("/problems/too-large");
    assertThat(refused.at("/status")).isEqualTo("414");
    assertThat(refused.at("/detail")).contains("request line");
  }

  @Test
  void headersThatAreTooLargeAreSaidToBe() throws IOException {
    Answer refused = node.line("GET /api/v1/batches HTTP/1.1", "X-Large", "x".repeat(9_000));

    refused.is(431);
    assertThat(refused.at("/type")).isEqualTo("/problems/too-large");
    assertThat(refused.at("/detail")).contains("headers");
  }

  @Test
  void connectionServesOnAfterAQueryThatCannotBeRead() throws IOException {
    String host = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Node.KEY + "\r\n";
    String requests =
        "GET /api/v1/batches?q=one"
            + host
            + "\r\nGET /api/v1/batches?q=%zz"
            + host
            + "\r\nGET /api/v1/batches?q=three"
            + host
            + "Connection: close\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", node.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answers.lines().filter(line -> line.contains("HTTP/1.1")))
          .extracting(line -> line.replaceAll(".*HTTP/1.1 (\\d+).*", "$1"))
          .containsExactly("200", "400", "200");
      assertThat(answers).contains("/problems/bad-request");
    }
  }

  /** A client must not be able to fill the log with stack traces. */
  @Test
  void bodyThatCannotBeReadIsNoErrorOfTheService() throws IOException {
    String batch = node.opened("{}");
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    root.addAppender(logged);
    try {
      for (int i = 0; i < 5; i++) {
        try (Socket socket = new Socket("127.0.0.1", node.port())) {
          socket.setSoTimeout(10_000);
          String request =
              "POST "
                  + batch
                  + "/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                  + Node.KEY
                  + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
          socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
          assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
              .startsWith("HTTP/1.1 400 ")
              .contains("/problems/bad-request");
        }
      }
      node.get(batch).is(200);
    } finally {
      root.detachAppender(logged);
    }
    assertThat(List.copyOf(logged.list))
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
        .isEmpty();
  }
}
