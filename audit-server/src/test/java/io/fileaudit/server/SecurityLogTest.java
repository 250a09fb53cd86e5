package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fileaudit.server.access.RefusalLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What concerns security stands in the log; keys and tokens never do. */
class SecurityLogTest {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static Node node;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger everything = (Logger) LoggerFactory.getLogger("ROOT");
  private final Logger ours = (Logger) LoggerFactory.getLogger("io.fileaudit");

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @BeforeEach
  void listen() {
    log.start();
    everything.addAppender(log);
    ours.setLevel(Level.DEBUG);
  }

  @AfterEach
  void forget() {
    everything.detachAppender(log);
    ours.setLevel(null);
  }

  private List<String> said() {
    List<String> said = new ArrayList<>();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      String thrown =
          event.getThrowableProxy() == null ? "" : event.getThrowableProxy().getMessage();
      said.add(
          event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getKeyValuePairs()
              + thrown);
    }
    return said;
  }

  private List<String> security() {
    return said().stream().filter(line -> line.startsWith("io.fileaudit.security ")).toList();
  }

  @Test
  void whoComesInWhoIsRefusedAndWhatHappensToKeysStandsInTheLog() {
    String name = "k-" + UUID.randomUUID();
    Answer made =
        node.send("POST", "/api/v1/keys", "{\"name\":\"" + name + "\",\"scopes\":[\"read\"]}")
            .is(201);
    String key = made.at("/key");
    String wrong = "ak_" + "w".repeat(43);
    List<String> secrets = new ArrayList<>(List.of(key, Node.KEY, wrong));

    node.sendWithout("GET", "/api/v1/batches", "", "Authorization", "Bearer " + wrong).is(401);
    node.raw(node.port(), "GET", "/api/v1/batches", "X-Odd", "value");
    String jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.sig";
    secrets.add(jwt);
    node.sendWithout("GET", "/api/v1/batches", "", "Authorization", "Bearer " + jwt).is(401);
    node.sendWithout("PUT", Node.fresh(), "{}", "Authorization", "Bearer " + key).is(403);
    node.sendWithout(
            "GET", "/api/v1/batches", "", "Authorization", "Bearer " + key, "Audit-Namespace", "x")
        .is(403);
    String link =
        node.sendWithout("POST", "/api/v1/links", "", "Authorization", "Bearer " + key).at("/path");
    secrets.add(link.substring(link.indexOf('=') + 1));
    Answer in = node.sendWithout("GET", link, "").is(303);
    node.sendWithout("GET", link, "").is(401);
    String cookie = in.header("Set-Cookie").split(";", 2)[0];
    secrets.add(cookie.substring(cookie.indexOf('=') + 1));
    node.sendWithout("POST", "/ui/logout", "", "Cookie", cookie).is(403);
    String csrf =
        node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie).at("/csrf_token");
    secrets.add(csrf);
    node.sendWithout("POST", "/ui/logout", "", "Cookie", cookie, "X-CSRF-Token", csrf).is(204);
    node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie).is(401);
    node.sendWithout("POST", "/ui/login", "key=" + wrong, "Content-Type", FORM).is(401);
    node.sendWithout(
            "POST",
            "/ui/login",
            "key=" + URLEncoder.encode(key, StandardCharsets.UTF_8),
            "Content-Type",
            FORM)
        .is(303);
    node.get("/api/v1/batches?key=" + key).is(400);
    node.send("DELETE", "/api/v1/keys/" + made.at("/id"), "").is(200);

    assertThat(String.join("\n", security()))
        .contains(
            "admin made the key " + name,
            "refused a wrong key from",
            "refused PUT /api/v1/batches/{id} to " + name + ": it has none of the scopes [ingest]",
            "refused the namespace x to " + name,
            name + " signed in by a one-time link",
            "refused a link that was used",
            "refused POST /ui/logout with the session of " + name,
            name + " signed out",
            "refused a wrong session from",
            "refused a wrong key on the page",
            name + " signed in by a key",
            "admin revoked the key " + name);
    for (String secret : secrets) {
      assertThat(String.join("\n", said())).doesNotContain(secret);
    }
  }

  @Test
  void floodOfAnyKindIsLoggedInPart() {
    String loader = node.key("f-" + UUID.randomUUID(), "ingest", "default");
    for (int i = 0; i < 200; i++) {
      node.sendWithout("GET", "/api/v1/batches", "", "Authorization", "Bearer " + loader).is(403);
    }

    // Ten a second, whatever the seconds fall on; so many calls take less than twenty.
    assertThat(security().stream().filter(line -> line.contains("none of the scopes")))
        .isNotEmpty()
        .hasSizeLessThan(200);
  }

  @Test
  void refusalsAreCountedAllAndLoggedInPart() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    AtomicLong now = new AtomicLong();
    RefusalLog refusals = new RefusalLog(registry, now::get);

    for (int i = 0; i < 1_000; i++) {
      refusals.note("key", "a wrong key from\nsomewhere " + i);
    }
    now.addAndGet(2_000_000_000L);
    refusals.note("key", "the next");

    assertThat(registry.get("audit.access.refused").tag("reason", "key").counter().count())
        .isEqualTo(1_001);
    assertThat(security())
        .hasSize(12)
        .noneSatisfy(line -> assertThat(line).contains("\n"))
        .anySatisfy(line -> assertThat(line).contains("990 more refusals"))
        .anySatisfy(line -> assertThat(line).contains("the next"));
  }
}
