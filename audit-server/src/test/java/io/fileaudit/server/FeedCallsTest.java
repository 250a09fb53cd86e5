package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.EventStream.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/** Feeds over HTTP: their head, what they refuse, and how they end. */
@Timeout(60)
class FeedCallsTest {
  private static final String STARTED = "{\"type\":\"STARTED\",\"file\":\"a\"}\n";
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String fail(String batch) {
    return node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200).at("/version");
  }

  @Test
  void aBatchIsFollowedToItsEnd() throws Exception {
    String batch = node.opened("{\"table\":\"t\"}");
    try (EventStream feed = node.feed(batch + "/feed")) {
      assertThat(feed.status()).isEqualTo(200);
      assertThat(feed.headers().firstValue("Content-Type")).contains("text/event-stream");
      assertThat(feed.headers().firstValue("Cache-Control")).contains("no-store, no-transform");
      assertThat(feed.headers().firstValue("X-Accel-Buffering")).contains("no");
      Event first = feed.next();
      assertThat(first.event()).isEqualTo("snapshot");
      assertThat(first.id()).isEqualTo("1");

      node.events(batch, STARTED).is(200);
      assertThat(feed.next("status").at("/status")).isEqualTo("RUNNING");
      String version = fail(batch);
      Event verdict = feed.next("verdict");
      assertThat(verdict.id()).isEqualTo(version);
      assertThat(verdict.at("/verdict/status")).isEqualTo("FAILED");
      assertThat(verdict.at("/table")).isEqualTo("t");
      assertThat(feed.next("status").at("/status")).isEqualTo("FAILED");
    }
  }

  @ParameterizedTest
  @CsvSource({"Last-Event-ID", "parameter"})
  void aFeedGoesOnBehindTheEventThatTheReaderHas(String how) throws Exception {
    String batch = node.opened("{}");
    String version = fail(batch);
    boolean header = how.equals("Last-Event-ID");
    String path = batch + "/feed" + (header ? "" : "?last_event_id=1");
    try (EventStream feed = header ? node.feed(path, "Last-Event-ID", "1") : node.feed(path)) {
      assertThat(feed.next().event()).isEqualTo("snapshot");
      Event verdict = feed.next();
      assertThat(verdict.event()).isEqualTo("verdict");
      assertThat(verdict.id()).isEqualTo(version);
    }
  }

  @Test
  void manyBatchesAreFollowedByFilter() throws Exception {
    String label = "{\"labels\":{\"of\":\"this-test\"}}";
    String there = node.opened(label);
    try (EventStream feed = node.feed("/api/v1/feed?label=of=this-test")) {
      assertThat(feed.next("snapshot").at("/id"))
          .isEqualTo(there.substring("/api/v1/batches/".length()));
      Event tick = feed.next();
      assertThat(tick.event()).isEqualTo("tick");
      assertThat(tick.id()).isNotNull();
      node.opened("{}");
      String later = node.opened(label);
      assertThat(feed.next().at("/id")).isEqualTo(later.substring("/api/v1/batches/".length()));
      fail(there);
      Event verdict = feed.next("verdict");
      assertThat(Long.parseLong(verdict.id())).isGreaterThan(Long.parseLong(tick.id()));

      try (EventStream resumed =
          node.feed(
              "/api/v1/feed?snapshots=false&label=of=this-test", "Last-Event-ID", tick.id())) {
        assertThat(resumed.next().at("/batch")).isEqualTo(verdict.at("/batch"));
      }
    }
  }

  @Test
  void aLedgerIsFollowed() throws Exception {
    String batch = node.opened("{}");
    node.events(batch, STARTED).is(200);
    try (EventStream rows = node.feed(batch + "/ledger")) {
      Event first = rows.next();
      assertThat(first.event()).isEqualTo("row");
      assertThat(first.id()).isEqualTo("0");
      fail(batch);
      assertThat(rows.next().id()).isEqualTo("1");
    }
    try (EventStream rows = node.feed(batch + "/ledger", "Last-Event-ID", "0")) {
      assertThat(rows.next().id()).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "-1", "1.5", "99999999999999999999", "9007199254740992", "1;2"})
  void anIdThatIsNoneOfOursIsRefused(String id) {
    String batch = node.opened("{}");
    for (String path : new String[] {batch + "/feed", "/api/v1/feed", batch + "/ledger"}) {
      Answer answer = node.get(path, "Last-Event-ID", id, "Accept", "text/event-stream");
      assertThat(answer.isProblem(400, "bad-request").at("/detail")).contains(id);
    }
  }

  @Test
  void anIdOfAnotherHistoryIsAGap() throws Exception {
    String batch = node.opened("{}");
    try (EventStream feed = node.feed(batch + "/feed", "Last-Event-ID", "500")) {
      Event gap = feed.next();
      assertThat(gap.event()).isEqualTo("gap");
      assertThat(gap.at("/asked")).isEqualTo("500");
      assertThat(gap.at("/last")).isEqualTo("1");
      assertThat(feed.next().event()).isEqualTo("snapshot");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "open=true&status=FAILED, contradict",
    "flag=nonsense, nonsense",
    "snapshots=perhaps, snapshots",
    "page_size=5, page_size"
  })
  void filtersThatCannotBeMeantAreRefused(String query, String said) {
    Answer answer = node.get("/api/v1/feed?" + query);
    assertThat(answer.isProblem(400, "bad-request").at("/detail")).contains(said);
  }

  @Test
  void aBrowserNamesTheNamespaceInTheAddress() throws Exception {
    String there = Node.fresh();
    node.send("PUT", there, "{}", "Audit-Namespace", "sales").is(201);
    try (EventStream feed = node.feed("/api/v1/feed?namespace=sales");
        EventStream one = node.feed(there + "/feed?namespace=sales")) {
      assertThat(feed.next("snapshot").at("/namespace")).isEqualTo("sales");
      assertThat(one.next().at("/namespace")).isEqualTo("sales");
    }
    node.get(there + "?namespace=sales").is(200);
    node.get(there + "?namespace=sales", "Audit-Namespace", "sales").is(200);
    node.get(there + "?namespace=sales", "Audit-Namespace", "other").isProblem(400, "bad-request");
    node.get(there + "?namespace=a&namespace=b").isProblem(400, "bad-request");
    node.get(there + "?namespace=").isProblem(400, "bad-request");
    node.send("PUT", there + "/status?namespace=sales", "{\"status\":\"FAILED\"}")
        .isProblem(400, "bad-request");
    String key = node.key("of-others", "read", "others");
    node.sendWithout("GET", "/api/v1/feed?namespace=sales", "", "Authorization", "Bearer " + key)
        .isProblem(403, "forbidden");
  }

  @Test
  void whoDoesNotWantEventsIsToldThatThereAreNoOthers() {
    String batch = node.opened("{}");
    node.get(batch + "/feed", "Accept", "application/json").isProblem(406, "not-acceptable");
    node.get("/api/v1/feed", "Accept", "text/html").isProblem(406, "not-acceptable");
    node.get(Node.fresh() + "/feed").isProblem(404, "not-found");
    Answer head = node.send("HEAD", batch + "/feed", "");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(node.send("HEAD", Node.fresh() + "/feed", "").status()).isEqualTo(404);
  }

  @Test
  void feedsCountAsRequestsOfTheirKey() throws Exception {
    try (Node small = Node.start("AUDIT_KEY_CONCURRENCY", "2")) {
      EventStream one = small.feed("/api/v1/feed");
      one.next("tick");
      try (EventStream two = small.feed("/api/v1/feed")) {
        two.next("tick");
        small.get("/api/v1/feed").isProblem(429, "too-many-requests");
        one.close();
        await(() -> small.get("/api/v1/session").status() == 200);
      }
    }
  }

  @Test
  void aNodeThatStopsEndsAllFeedsAtOnceAlsoThoseThatNobodyReads() throws Exception {
    Node stopping = Node.start();
    String batch = stopping.opened("{}");
    EventStream feed = stopping.feed(batch + "/feed");
    EventStream many = stopping.feed("/api/v1/feed");
    EventStream rows = stopping.feed(batch + "/ledger");
    feed.next("snapshot");
    many.next("tick");
    String large = STARTED.replace("}", ",\"attributes\":{\"x\":\"" + "y".repeat(2_000) + "\"}}");
    stopping.events(batch, large.repeat(20_000)).is(200);
    Socket deaf = deaf(stopping, batch + "/ledger");
    await(() -> stopping.get("/api/v1/health").json().at("/feeds/ledger").asInt() == 2);
    await(() -> received(deaf)); // Its buffers are full within moments of the first row.
    long begun = System.nanoTime();

    stopping.close();

    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    assertThat(feed.next("closing").data()).isNotNull();
    assertThat(feed.next().event()).isEqualTo("end");
    assertThat(many.next("closing").event()).isEqualTo("closing");
    assertThat(rows.next("closing").event()).isEqualTo("closing");
    assertThat(took).as("far from the ten seconds that are left to streams").isLessThan(5_000);
    deaf.close();
  }

  private static void await(Supplier<Boolean> condition) {
    Mono.fromSupplier(condition)
        .subscribeOn(Schedulers.boundedElastic())
        .filter(met -> met)
        .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50)))
        .block(Duration.ofSeconds(20));
  }

  private static boolean received(Socket socket) {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks for a feed and reads nothing of it. */
  private static Socket deaf(Node node, String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(2_048);
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", node.port()));
    String head =
        "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n"
            .formatted(path, Node.KEY);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void readersThatLeaveBeforeTheyAreAnsweredLeaveNothingBehind() throws Exception {
    String batch = node.opened("{}");
    String ask = "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Node.KEY + "\r\n\r\n";
    String health = ask.formatted("/api/v1/health");
    for (int i = 0; i < 300; i++) {
      String feed = ask.formatted(i % 2 == 0 ? "/api/v1/feed" : batch + "/feed");
      try (Socket socket = new Socket("127.0.0.1", node.port())) {
        // Half of them by a reset, and a third behind another request on the same connection.
        socket.setSoLinger(i % 4 < 2, 0);
        String requests = i % 3 == 0 ? health + feed : feed;
        socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        if (i % 6 < 3) {
          node.get("/api/v1/health").is(200); // Some are answered meanwhile.
        }
      }
    }

    await(
        () -> {
          JsonNode open = node.get("/api/v1/health").json().at("/feeds");
          return open.at("/batch").asInt() + open.at("/many").asInt() == 0;
        });
    JsonNode open = node.get("/api/v1/health").json().at("/feeds");
    assertThat(open.at("/batch").asInt() + open.at("/many").asInt()).isZero();
  }

  @Test
  void theHealthOfTheNodeIsTold() throws Exception {
    String batch = node.opened("{}");
    node.events(batch, STARTED).is(200);
    try (EventStream feed = node.feed(batch + "/feed")) {
      feed.next("snapshot");
      Answer health = node.get("/api/v1/health").is(200);
      assertThat(health.at("/node")).isEqualTo("node-under-test");
      assertThat(health.json().at("/feeds/batch").asInt()).isPositive();
      assertThat(health.json().at("/store/reachable").asBoolean()).isTrue();
      assertThat(health.json().at("/sweep/stopped").asBoolean()).isFalse();
      assertThat(health.json().at("/ingest/acknowledgement_p99_seconds").asDouble()).isPositive();
      assertThat(health.json().at("/pool").isNull()).as("in memory").isTrue();
    }
    node.get("/api/v1/health?x=1").isProblem(400, "bad-request");
  }
}
