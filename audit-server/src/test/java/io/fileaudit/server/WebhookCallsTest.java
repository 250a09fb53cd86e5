package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.store.MemoryAuditStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Webhooks by HTTP, and receivers that are well, slow, down, and lead elsewhere. */
class WebhookCallsTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final String HOOKS = "/api/v1/webhooks/";
  private static Node node;
  private static HttpServer receiver;
  private static ExecutorService threads;
  private static CountDownLatch slow;
  private static final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private static final Map<String, Integer> answers = new ConcurrentHashMap<>();

  /** What came to a receiver. */
  private record Sent(String path, Map<String, List<String>> headers, byte[] body) {
    String header(String name) {
      return headers.get(name).get(0);
    }

    JsonNode json() {
      return AuditJson.lenient().readTree(body);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    slow = new CountDownLatch(1);
    threads = Executors.newCachedThreadPool();
    receiver = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    receiver.setExecutor(threads);
    receiver.createContext("/", WebhookCallsTest::receive);
    receiver.start();
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    node =
        Node.start(
            store,
            store,
            "AUDIT_WEBHOOKS_ALLOW",
            "127.0.0.0/8",
            "AUDIT_PUBLIC_URL",
            "https://audit.example.org");
  }

  @AfterAll
  static void stop() {
    slow.countDown();
    node.close();
    receiver.stop(0);
    threads.shutdownNow();
  }

  private static void receive(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    sent.add(
        new Sent(
            path,
            Map.copyOf(exchange.getRequestHeaders()),
            exchange.getRequestBody().readAllBytes()));
    if (path.startsWith("/slow")) {
      try {
        slow.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (path.startsWith("/redirect")) {
      exchange.getResponseHeaders().add("Location", "http://169.254.169.254/latest");
    }
    byte[] answer = new byte[100_000];
    int status = answers.getOrDefault(path, 200);
    exchange.sendResponseHeaders(status, status == 204 ? -1 : answer.length);
    try {
      if (status != 204) {
        exchange.getResponseBody().write(answer);
      }
    } catch (IOException e) {
      // The service reads nothing of it.
    }
    exchange.close();
  }

  private static String url(String path) {
    return "http://127.0.0.1:" + receiver.getAddress().getPort() + path;
  }

  private static String fresh() {
    return "h-" + UUID.randomUUID();
  }

  private static Answer put(String name, String json) {
    return node.send("PUT", HOOKS + name, json);
  }

  private static Answer to(String name, String path, String more) {
    return put(name, "{\"url\":\"%s\"%s}".formatted(url(path), more));
  }

  private static List<Sent> sentTo(String path) {
    return sent.stream().filter(one -> one.path().equals(path)).toList();
  }

  private static List<Sent> awaitSent(String path, int count) {
    await(() -> sentTo(path).size() >= count);
    return sentTo(path);
  }

  private static void await(java.util.function.BooleanSupplier so) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
  }

  private static JsonNode delivery(String name) {
    return node.get(HOOKS + name + "/deliveries").is(200).json().at("/items/0");
  }

  @Test
  void secretIsShownOnceAndTheWebhookAsItWasSet() {
    String name = fresh();
    Answer made = to(name, "/x", ",\"tables\":[\"a\"],\"events\":[\"failed\",\"overdue\"]").is(201);
    assertThat(made.at("/secret")).startsWith("whsec_").hasSizeGreaterThan(40);
    String secret = made.at("/secret");

    Answer shown = node.get(HOOKS + name).is(200);
    assertThat(shown.body()).doesNotContain(secret);
    assertThat(shown.json().at("/secret").isNull()).isTrue();
    assertThat(shown.at("/url")).isEqualTo(url("/x"));
    assertThat(shown.at("/events/0")).isEqualTo("failed");
    assertThat(shown.at("/tables/0")).isEqualTo("a");
    assertThat(shown.at("/created_by")).isEqualTo("admin");
    assertThat(node.get("/api/v1/webhooks").is(200).items("name")).contains(name);
    Answer again = to(name, "/y", "").is(200);
    assertThat(again.json().at("/secret").isNull()).isTrue();
    assertThat(again.json().at("/events").size()).as("what needs a person").isEqualTo(7);
    node.send("DELETE", HOOKS + name, "").is(204);
    node.send("DELETE", HOOKS + name, "").isProblem(404, "not-found");
    node.get(HOOKS + name).isProblem(404, "not-found");
    node.get(HOOKS + name + "/deliveries").isProblem(404, "not-found");
    node.send("POST", HOOKS + name + "/test", "").isProblem(404, "not-found");
    node.send("POST", HOOKS + name + "/deliveries/1/retry", "").isProblem(404, "not-found");
    node.send("POST", HOOKS + name + "/deliveries/x/retry", "").isProblem(404, "not-found");
  }

  @Test
  void givenSecretIsNotShownAgain() {
    String mine = "whsec_" + Base64.getEncoder().encodeToString(new byte[24]);
    Answer made = to(fresh(), "/x", ",\"secret\":\"" + mine + "\"").is(201);
    assertThat(made.body()).doesNotContain(mine);
  }

  @Test
  void verdictIsDeliveredSignedWithWhatAPersonNeeds() throws GeneralSecurityException {
    String path = "/" + fresh();
    String name = fresh();
    String table = "t-" + UUID.randomUUID();
    String secret = to(name, path, ",\"tables\":[\"%s\"]".formatted(table)).is(201).at("/secret");
    String batch = node.opened("{\"table\":\"%s\",\"period\":\"2026-11\"}".formatted(table));
    node.events(batch, "{\"type\":\"FAILED\",\"file\":\"a\",\"error\":{\"code\":\"bad\"}}\n")
        .is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\",\"message\":\"gave up\"}").is(200);

    Sent got = awaitSent(path, 1).get(0);

    JsonNode event = got.json();
    String id = batch.substring(batch.lastIndexOf('/') + 1);
    assertThat(got.header("Content-type")).startsWith("application/cloudevents+json");
    assertThat(event.at("/specversion").asString()).isEqualTo("1.0");
    assertThat(event.at("/type").asString()).isEqualTo("io.fileaudit.batch.failed");
    assertThat(event.at("/data/table").asString()).isEqualTo(table);
    assertThat(event.at("/data/period").asString()).isEqualTo("2026-11");
    assertThat(event.at("/data/verdict/reason").asString()).isNotEmpty();
    assertThat(event.at("/data/totals/files/failed").asInt()).isEqualTo(1);
    assertThat(event.at("/data/link").asString())
        .isEqualTo("https://audit.example.org/ui/batches/" + id);
    long seconds = Long.parseLong(got.header("Webhook-timestamp"));
    assertThat(Instant.ofEpochSecond(seconds))
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    String signed = got.header("Webhook-id") + "." + seconds + ".";
    assertThat(got.header("Webhook-signature")).isEqualTo(signature(secret, signed, got.body()));
    byte[] changed = got.body().clone();
    changed[changed.length - 2] ^= 1;
    assertThat(got.header("Webhook-signature")).isNotEqualTo(signature(secret, signed, changed));
    assertThat(got.header("Webhook-signature"))
        .isNotEqualTo(
            signature(secret, got.header("Webhook-id") + "." + (seconds + 1) + ".", got.body()));
    await(() -> delivery(name).at("/state").asString().equals("delivered"));
    JsonNode noted = delivery(name);
    assertThat(noted.at("/id").asString()).isEqualTo(got.header("Webhook-id"));
    assertThat(noted.at("/batch").asString()).isEqualTo(id);
    assertThat(noted.at("/last_status").asInt()).isEqualTo(200);
    assertThat(sentTo(path)).hasSize(1);
  }

  /** As a receiver computes it. */
  private static String signature(String secret, String signed, byte[] body)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update(signed.getBytes(StandardCharsets.UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
  }

  @Test
  void overdueTableAndFlagsAreTold() {
    String path = "/" + fresh();
    String table = "t-" + UUID.randomUUID();
    to(fresh(), path, ",\"tables\":[\"%s\"]".formatted(table)).is(201);
    node.send("PUT", "/api/v1/expectations/" + table, "{\"schedule\":\"* * * * * *\"}").is(200);
    JsonNode overdue = awaitSent(path, 1).get(0).json();
    node.send("DELETE", "/api/v1/expectations/" + table, "").is(204);
    assertThat(overdue.at("/type").asString()).isEqualTo("io.fileaudit.table.overdue");
    assertThat(overdue.at("/data/table").asString()).isEqualTo(table);
    assertThat(overdue.at("/data/due_at").asString()).isNotEmpty();
    assertThat(overdue.at("/data/link").asString())
        .isEqualTo("https://audit.example.org/ui?table=" + table);
    String batch =
        node.opened(
            "{\"table\":\"%s\",\"limits\":{\"progress\":{\"after\":\"PT0.2S\",\"action\":\"flag\"}}}"
                .formatted(table));
    node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n").is(200);

    JsonNode flagged =
        awaitSent(path, 2).stream()
            .map(Sent::json)
            .filter(event -> event.at("/type").asString().equals("io.fileaudit.batch.stalled"))
            .findFirst()
            .orElseThrow();
    assertThat(flagged.at("/data/flag").asString()).isEqualTo("stalled");
    assertThat(flagged.at("/data/limit").asString()).isEqualTo("progress");
    assertThat(flagged.at("/data/after").asString()).isEqualTo("PT0.2S");
    assertThat(flagged.at("/data/status").asString()).isEqualTo("RUNNING");
  }

  @Test
  void testSaysHowItWent() throws IOException {
    String well = fresh();
    to(well, "/well", ",\"enabled\":false").is(201);
    Answer good = node.send("POST", HOOKS + well + "/test", "").is(200);
    assertThat(good.json().at("/delivered").asBoolean()).isTrue();
    assertThat(good.json().at("/status").asInt()).isEqualTo(200);
    assertThat(sentTo("/well").get(0).json().at("/type").asString())
        .isEqualTo("io.fileaudit.webhook.test");

    String redirecting = fresh();
    answers.put("/redirect", 302);
    to(redirecting, "/redirect", "").is(201);
    Answer moved = node.send("POST", HOOKS + redirecting + "/test", "").is(200);
    assertThat(moved.json().at("/delivered").asBoolean()).isFalse();
    assertThat(moved.json().at("/status").asInt()).isEqualTo(302);
    assertThat(moved.at("/error"))
        .isEqualTo("the receiver answered 302; redirects are not followed");

    String down = fresh();
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      closed = socket.getLocalPort();
    }
    put(down, "{\"url\":\"http://127.0.0.1:%d/\"}".formatted(closed)).is(201);
    Answer nobody = node.send("POST", HOOKS + down + "/test", "").is(200);
    assertThat(nobody.at("/error")).contains("cannot be connected to");
    assertThat(nobody.json().at("/status").isNull()).isTrue();
    assertThat(delivery(down).at("/state").asString()).isEqualTo("given_up");
  }

  @Test
  void slowReceiverHoldsUpNobodyElse() {
    String table = "t-" + UUID.randomUUID();
    String filter = ",\"tables\":[\"%s\"],\"events\":[\"failed\"]".formatted(table);
    String slowPath = "/slow-" + fresh();
    String quickPath = "/" + fresh();
    to(fresh(), slowPath, filter).is(201);
    to(fresh(), quickPath, filter).is(201);
    for (int i = 0; i < 12; i++) {
      String batch = node.opened("{\"table\":\"%s\"}".formatted(table));
      node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200);
    }

    awaitSent(quickPath, 12);

    assertThat(slow.getCount()).isEqualTo(1);
    assertThat(sentTo(slowPath)).as("a few at a time").hasSizeBetween(1, 8);
  }

  @Test
  void whatFailsIsTriedAgainUnderTheSameIdAndByHand() {
    String path = "/" + fresh();
    String name = fresh();
    String table = "t-" + UUID.randomUUID();
    answers.put(path, 503);
    to(name, path, ",\"tables\":[\"%s\"]".formatted(table)).is(201);
    String batch = node.opened("{\"table\":\"%s\"}".formatted(table));
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200);
    awaitSent(path, 2);
    answers.put(path, 204);
    await(
        () -> delivery(name).at("/tries").asInt() >= 2 && !delivery(name).at("/last_at").isNull());
    long number = delivery(name).at("/number").asLong();

    node.send("POST", HOOKS + name + "/deliveries/" + number + "/retry", "").is(200);
    await(() -> delivery(name).at("/state").asString().equals("delivered"));

    assertThat(sentTo(path).stream().map(one -> one.header("Webhook-id")).distinct()).hasSize(1);
    assertThat(node.get(HOOKS + name + "/deliveries?state=delivered").is(200).items("number"))
        .containsExactly(Long.toString(number));
    assertThat(node.get(HOOKS + name + "/deliveries?state=given_up").is(200).items("number"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "http://h.example.org@127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://1.1.1.1/",
        "http://no-such-host.invalid/",
        "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org/",
      })
  void addressThatMayNotBeGoneToIsRefusedByName(String url) {
    assertThat(
            put(fresh(), "{\"url\":\"%s\"}".formatted(url))
                .isProblem(422, "invalid-request")
                .at("/detail"))
        .contains("url");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|url is missing",
        "{\"url\":\"https://1.1.1.1/\",\"tabels\":[\"a\"]}|tabels",
        "{\"url\":\"https://1.1.1.1/\",\"tables\":[]}|tables",
        "{\"url\":\"https://1.1.1.1/\",\"tables\":[\"\"]}|tables",
        "{\"url\":\"https://1.1.1.1/\",\"events\":[]}|events is empty",
        "{\"url\":\"https://1.1.1.1/\",\"events\":[\"fialed\"]}|\"fialed\"",
        "{\"url\":\"https://1.1.1.1/\",\"events\":[\"test\"]}|\"test\"",
        "{\"url\":\"https://1.1.1.1/\",\"secret\":\"whsec_AAAA\"}|secret",
        "{\"url\":\"https://1.1.1.1/\",\"secret\":\"hunter2\"}|secret",
        "{\"url\":7}|url",
      })
  void whatIsWrongIsNamed(String json, String named) {
    assertThat(put(fresh(), json).isProblem(422, "invalid-request").at("/detail"))
        .contains(named)
        .doesNotContain("hunter2");
  }

  @Test
  void nameAndParametersAreChecked() {
    put("-x", "{\"url\":\"https://1.1.1.1/\"}").isProblem(422, "invalid-request");
    put("a%20b", "{\"url\":\"https://1.1.1.1/\"}").isProblem(422, "invalid-request");
    String name = fresh();
    to(name, "/x", "").is(201);
    node.get(HOOKS + name + "/deliveries?state=lost").isProblem(400, "bad-request");
    node.get(HOOKS + name + "/deliveries?cursor=x").isProblem(400, "bad-request");
    node.get(HOOKS + name + "/deliveries?page=1").isProblem(400, "bad-request");
  }

  @Test
  void logIsReadPageByPage() {
    String name = fresh();
    to(name, "/pages", "").is(201);
    for (int i = 0; i < 3; i++) {
      node.send("POST", HOOKS + name + "/test", "").is(200);
    }
    Answer first = node.get(HOOKS + name + "/deliveries?page_size=2").is(200);
    assertThat(first.items("event")).containsExactly("test", "test");
    Answer second =
        node.get(HOOKS + name + "/deliveries?page_size=2&cursor=" + first.at("/next")).is(200);
    assertThat(second.items("number"))
        .hasSize(1)
        .doesNotContainAnyElementsOf(first.items("number"));
    assertThat(second.json().at("/next").isNull()).isTrue();
  }
}
