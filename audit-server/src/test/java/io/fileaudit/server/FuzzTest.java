package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.fileaudit.server.FuzzRequests.End;
import io.fileaudit.server.FuzzRequests.Kind;
import io.fileaudit.server.FuzzRequests.Sent;
import io.fileaudit.server.http.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;

/**
 * Requests with faults of every kind to every route, over plain connections: whatever comes, the
 * service answers as it promises or hangs up, keeps nothing, and serves the next one.
 *
 * <p>{@code -Daudit.fuzz.seed=N} repeats a run, {@code -Daudit.fuzz.seconds=N} makes it longer,
 * {@code -Daudit.fuzz.database=true} takes a PostgreSQL instead of the store in memory.
 */
class FuzzTest {
  private static final long SEED =
      Long.getLong("audit.fuzz.seed", System.nanoTime() & 0xffff_ffffL);
  private static final int SECONDS = Integer.getInteger("audit.fuzz.seconds", 60);
  private static final boolean DATABASE = Boolean.getBoolean("audit.fuzz.database");
  private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(20).toMillis();

  /** How long a body may take that is read as a whole, and something to spare. */
  private static final int HELD_MILLIS = (int) Duration.ofSeconds(60).toMillis();

  /** How long nothing comes until the client says that it sends no more. */
  private static final int QUIET_MILLIS = 40;

  private static final int MOST_FAULTS = 20;

  /** What the service answers and then hangs up, so that one need not wait for silence. */
  private static final String LAST =
      "GET /problems/not-found HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<Kind, Integer> tried = new EnumMap<>(Kind.class);
  private final Map<String, Integer> triedOfRoutes = new HashMap<>();
  private final Map<Integer, Integer> statuses = new java.util.TreeMap<>();
  private Node node;

  @BeforeEach
  void start(@TempDir Path files) throws Exception {
    RSAKey key = new RSAKeyGenerator(2_048).keyID("k1").generate();
    Path keys =
        Files.writeString(files.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    String[] settings = {
      "AUDIT_JWT_ISSUER", "https://issuer.example",
      "AUDIT_JWT_AUDIENCE", "audit",
      "AUDIT_JWT_KEYS", keys.toString(),
      "AUDIT_KEY_RATE", "1000000",
      // A request that is never over would use these up.
      "AUDIT_KEY_CONCURRENCY", "60"
    };
    node = DATABASE ? Node.startOnDatabase(files, settings) : Node.start(settings);
    logged.start();
    root().addAppender(logged);
  }

  @AfterEach
  void stop() {
    root().detachAppender(logged);
    node.close();
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  @Test
  void whateverComesIsAnsweredAsPromised() throws IOException {
    System.out.println("audit.fuzz.seed=" + SEED + " audit.fuzz.seconds=" + SECONDS);
    List<String> batches =
        IntStream.range(0, 8)
            .mapToObj(i -> node.opened("{\"name\":\"n" + i + "\"}"))
            .map(path -> path.substring(path.lastIndexOf('/') + 1))
            .toList();
    FuzzRequests requests = new FuzzRequests(SEED, node.routes(), batches);
    double before = connections();
    assertThat(before).isPositive();
    List<Wire> held = hold(batches.get(0));

    long each = Duration.ofSeconds(SECONDS).toNanos() / Kind.values().length;
    for (Kind kind : Kind.values()) {
      long end = System.nanoTime() + each;
      while (System.nanoTime() < end && faults.size() < MOST_FAULTS) {
        Sent sent = requests.next(kind);
        tried.merge(kind, 1, Integer::sum);
        triedOfRoutes.merge(FuzzRequests.name(sent.route()), 1, Integer::sum);
        send(sent);
      }
    }
    letGo(held);
    awaitConnections(before);

    System.out.println("audit.fuzz tried " + tried + ", answers by status " + statuses);
    assertThat(faults).as("with -Daudit.fuzz.seed=%s", SEED).isEmpty();
    assertThat(tried).containsOnlyKeys(Kind.values());
    assertThat(triedOfRoutes.keySet())
        .containsExactlyInAnyOrderElementsOf(
            node.routes().stream().map(FuzzRequests::name).toList());
    assertThat(List.copyOf(logged.list))
        .as("what clients can make the service log")
        .filteredOn(
            event -> event.getLevel().isGreaterOrEqual(Level.ERROR) || isTraceOfAClient(event))
        .isEmpty();
  }

  private static boolean isTraceOfAClient(ILoggingEvent event) {
    return event.getThrowableProxy() != null && event.getLevel().isGreaterOrEqual(Level.INFO);
  }

  private void send(Sent sent) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      sent.pieces().forEach(wire::send);
      if (sent.end() == End.ABORT) {
        wire.abort();
      } else if (sent.end() == End.WAIT) {
        wire.send(LAST);
      } else {
        wire.halfClose();
      }
      if (sent.end() != End.ABORT && !wire.isClosedWithin(QUIET_MILLIS)) {
        wire.halfClose();
        if (!wire.isClosedWithin(PATIENCE_MILLIS)) {
          faults.add("the connection is stuck after " + sent.shown());
        }
      }
      for (WireAnswer answer : wire.answers()) {
        statuses.merge(answer.answer().status(), 1, Integer::sum);
        if (answer.isWhole()) {
          String wrong = Promise.broken(answer.answer());
          if (wrong != null) {
            faults.add(wrong + " after " + sent.shown());
          }
        }
      }
    } catch (AssertionError e) {
      faults.add(e.getMessage() + " after " + sent.shown());
    }
    next(sent);
  }

  private void next(Sent sent) throws IOException {
    try (Wire wire = new Wire(node.port())) {
      wire.send(
          "GET /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
              + Node.KEY
              + "\r\n\r\n");
      if (!wire.whole().text().startsWith("HTTP/1.1 200 ")) {
        faults.add("the next one got " + wire.text() + " after " + sent.shown());
      }
    }
  }

  /** The connections that are open at the node, as it says itself. */
  private double connections() {
    return node.raw(node.managementPort(), "GET", "/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("audit_connections"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** Waits until nothing is left of what clients had open but what the test itself keeps. */
  private void awaitConnections(double before) {
    long end = System.nanoTime() + Duration.ofMillis(PATIENCE_MILLIS).toNanos();
    double open = connections();
    while (open > before && System.nanoTime() < end) {
      open = connections();
    }
    assertThat(open).as("connections that are left").isLessThanOrEqualTo(before);
  }

  /** Connections that bring the beginning of a request and then nothing. */
  private List<Wire> hold(String batch) throws IOException {
    List<Wire> held = new ArrayList<>();
    for (Route route : node.routes()) {
      boolean isRead = route.method() != HttpMethod.GET && route.method() != HttpMethod.DELETE;
      if (isRead && !route.pattern().endsWith("/events")) {
        String path = route.pattern().replace("{id}", batch).replace("{table}", "t");
        String form =
            path.equals("/ui/login") ? "application/x-www-form-urlencoded" : "application/json";
        held.add(
            held(
                route.method()
                    + " "
                    + path
                    + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + Node.KEY
                    + "\r\nConnection: close\r\nContent-Type: "
                    + form
                    + "\r\nContent-Length: 1000\r\n\r\n{"));
      }
    }
    held.add(held(""));
    held.add(held("GET /api/v1/session HTTP/1.1\r\nHost"));
    return held;
  }

  private Wire held(String text) throws IOException {
    Wire wire = new Wire(node.port());
    wire.send(text);
    return wire;
  }

  private void letGo(List<Wire> held) throws IOException {
    for (Wire wire : held) {
      if (!wire.isClosedWithin(HELD_MILLIS)) {
        faults.add("a connection is held for ever; so far " + wire.text());
      }
      wire.close();
    }
  }
}
