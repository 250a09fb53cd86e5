package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.WatchStore;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
  @ValueSource(strings = {"/api/v1/batches?table=%zz", "/api/v1/batches?table=%ff"})
  void queryThatIsNotPercentEncodedTextIsABadRequest(String path) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", node.port())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET "
                  + path
                  + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                  + Node.KEY
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400").doesNotContain("Exception");
    }
  }
}
