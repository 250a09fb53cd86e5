package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Streams of events over HTTP: what is stored, what is refused, and what is answered when. */
class EventCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String OPENED = "{\"type\":\"OPENED\",\"name\":\"from the stream\"}\n";

  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String completed(int number) {
    return "{\"type\":\"COMPLETED\",\"file\":\"f" + number + "\",\"rows\":1}\n";
  }

  private static String started(String file) {
    return "{\"type\":\"STARTED\",\"file\":\"" + file + "\"}\n";
  }

  private static String ended(String status) {
    return "{\"type\":\"ENDED\",\"status\":\"" + status + "\"}\n";
  }

  private static String numbered(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(
            i ->
                "{\"type\":\"COMPLETED\",\"file\":\"f"
                    + i
                    + "\",\"rows\":1,\"position\":"
                    + i
                    + "}\n")
        .collect(Collectors.joining());
  }

  private static long ledgerRows(String batch) {
    return node.get(batch + "/ledger").is(200).body().lines().count();
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Answer post(String batch, byte[] body, String... headers) {
    return node.send("POST", batch + "/events", body, headers);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void oneMalformedLineOfAThousandSpoilsNoneOfItsNeighbours() {
    String batch = node.opened("");
    String lines =
        IntStream.rangeClosed(1, 1_000)
            .mapToObj(i -> i == 500 ? "{\"type\":\"COMPLETED\",\n" : completed(i))
            .collect(Collectors.joining());

    Answer answer = node.events(batch, lines).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("999");
    assertThat(answer.at("/refused")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("500");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("malformed-json");
    assertThat(answer.at("/refusals/0/status")).isEqualTo("400");
    assertThat(answer.at("/refusals/0/detail")).contains("JSON");
    assertThat(answer.at("/first_seq")).isEqualTo("0");
    assertThat(answer.at("/last_seq")).isEqualTo("998");
    assertThat(answer.at("/last_line")).isEqualTo("1000");
    assertThat(ledgerRows(batch)).isEqualTo(999);
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("999");
    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("1");
  }

  @Test
  void sameRequestThreeTimesGivesOneLedger() {
    String batch = node.opened("");
    String lines = numbered(1, 300);
    Answer first = node.events(batch, lines, "Audit-Producer", "loader-1").is(200);
    String ledger = node.get(batch + "/ledger").is(200).body();
    assertThat(first.at("/accepted")).isEqualTo("300");

    for (int i = 0; i < 2; i++) {
      Answer again = node.events(batch, lines, "Audit-Producer", "loader-1").is(200);
      assertThat(again.at("/accepted")).isEqualTo("0");
      assertThat(again.at("/duplicates")).isEqualTo("300");
      assertThat(again.json().at("/duplicate").asBoolean()).isTrue();
    }

    assertThat(node.get(batch + "/ledger").body()).isEqualTo(ledger);
    assertThat(ledger.lines()).hasSize(300);
    Answer producers = node.get(batch + "/producers").is(200);
    assertThat(producers.at("/items/0/producer")).isEqualTo("loader-1");
    assertThat(producers.at("/items/0/position")).isEqualTo("300");
  }

  @Test
  void repeatsAreRecognisedAfterTheEndAndNewEventsAreNot() {
    String batch = node.opened("");
    node.events(batch, numbered(1, 2), "Audit-Producer", "p").is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"CANCELLED\"}").is(200);

    Answer repeat = node.events(batch, numbered(1, 2), "Audit-Producer", "p").is(200);
    assertThat(repeat.at("/duplicates")).isEqualTo("2");
    assertThat(repeat.at("/verdict/status")).isEqualTo("CANCELLED");

    Answer refused =
        node.events(batch, numbered(3, 4), "Audit-Producer", "p").isProblem(409, "batch-ended");
    assertThat(refused.at("/verdict/status")).isEqualTo("CANCELLED");
    assertThat(refused.at("/verdict/run")).isEqualTo("1");
    assertThat(refused.at("/refusals/0/line")).isEqualTo("1");
    assertThat(refused.at("/refusals/1/line")).isEqualTo("2");

    Answer mixed = node.events(batch, numbered(2, 3), "Audit-Producer", "p").is(200);
    assertThat(mixed.at("/duplicates")).isEqualTo("1");
    assertThat(mixed.at("/refused")).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"COMPLETED\"} | 422 | invalid-event | file",
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":-1} | 422 | invalid-event | rows is -1",
        "{\"type\":\"DONE\",\"file\":\"a\"} | 422 | invalid-event | DONE",
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"chekcsum\":\"x\"} | 422 | invalid-event | chekcsum",
        "{\"type\":\"STARTED\",\"file\":\"a\\u0000\"} | 422 | invalid-event | U+0000",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2999-01-01T00:00:00Z\"} | 422 | invalid-event | ahead",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"file\":\"b\"} | 400 | malformed-json | file",
        "{\"type\":\"STARTED\",\"file\":\"a\" | 400 | malformed-json | JSON",
        "5 | 422 | invalid-event | object",
      })
  void linesRefusedForOneReasonGiveTheRequestItsStatus(
      String line, int status, String slug, String named) {
    String batch = node.opened("");

    Answer refused = node.events(batch, line + "\n" + line + "\n").isProblem(status, slug);

    assertThat(refused.at("/detail")).contains(named);
    assertThat(refused.at("/refused")).isEqualTo("2");
    assertThat(refused.at("/refusals/1/line")).isEqualTo("2");
    assertThat(ledgerRows(batch)).isZero();
    assertThat(node.get(batch).at("/status")).isEqualTo("PENDING");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'STARTED','file':'\\ud800'}",
        "{'type':'STARTED','file':'a\\udc00b'}",
        "{'type':'STARTED','file':'\\udc00\\ud800'}",
        "{'type':'STARTED','file':'a','id':'\\ud800'}",
        "{'type':'X','file':'a','id':'\\ud800'}",
        "{'type':'STARTED','file':'a','attributes':{'a':['\\ud800']}}",
        "{'type':'STARTED','file':'a','attributes':{'a\\udfff':1}}",
        "{'type':'FAILED','file':'a','error':{'code':'\\ud800'}}",
        "{'type':'FAILED','file':'a','error':{'\\udc00':1}}",
        "{'type':'STARTED','file':'a','checksum':'\\ud800'}",
        "{'type':'STARTED','file':'a','at':'\\ud800'}",
        "{'type':'STARTED','file':'a','rows':'\\ud800'}",
        "{'type':'\\ud800'}",
        "{'type':'STARTED','file':'a','\\udc00':1}",
        "{'type':'ENDED','status':'\\ud800'}",
        "{'type':'ENDED','status':'FAILED','message':'\\ud800'}",
        "{'type':'OPENED','name':'\\ud800'}",
        "{'type':'OPENED','labels':{'a':'\\ud800'}}",
        "{'type':'OPENED','\\udc00':'a'}",
      })
  void halfOfASurrogatePairIsRefusedWhereverItStands(String line) {
    String batch = node.opened("");

    Answer refused = node.events(batch, line.replace('\'', '"') + "\n");

    assertThat(refused.status()).as(refused.toString()).isIn(400, 422);
    refused.isProblem(
        refused.status(), refused.status() == 422 ? "invalid-event" : "malformed-json");
    assertThat(ledgerRows(batch)).isZero();
    assertThat(node.get(batch + "/rejected").is(200).items("type")).hasSize(1);
    assertThat(node.get(batch).is(200).at("/status")).isEqualTo("PENDING");
  }

  @Test
  void linesRefusedForSeveralReasonsAreNamedOneByOne() {
    String batch = node.opened("");

    Answer answer = node.events(batch, "{\"type\":\"X\"}\n{\n").is(200);

    assertThat(answer.at("/accepted")).isEqualTo("0");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("invalid-event");
    assertThat(answer.at("/refusals/1/type")).isEqualTo("malformed-json");
  }

  @Test
  void textThatOthersStumbleOverIsStoredWordForWord() {
    String batch = node.opened("");
    String file = "'; DROP TABLE x --<script>\\r\\n\\u001b[31m${jndi:ldap://x}=cmd|ü😀";

    node.events(batch, started(file)).is(200);

    String stored = node.get(batch + "/files").is(200).at("/items/0/file");
    assertThat(stored).isEqualTo(AuditJson.lenient().readTree('"' + file + '"').asString());
  }

  @Test
  void jsonObjectIsOneEvent() {
    String batch = node.opened("");

    Answer answer =
        post(
                batch,
                utf8("\n{\n \"type\" : \"COMPLETED\",\r\n\t\"file\" : \"a b\"\n}\n"),
                "Content-Type",
                "application/json")
            .is(200);

    assertThat(answer.at("/accepted")).isEqualTo("1");
    assertThat(node.get(batch + "/files").items("file")).containsExactly("a b");
  }

  @Test
  void arrayIsReadAsLinesWhereverItIsCut() throws IOException {
    String array =
        "[ {\"type\":\"STARTED\",\"file\":\"a,]}\\\"[{\",\"attributes\":{\"x\":[1,[2]],\"y\":\"\\\\\"}},\n"
            + "{\"type\":\"WRONG\"},\r\n{\"type\":\"COMPLETED\",\"file\":\"ü😀\"} ]\n";
    byte[] whole = utf8(array);
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      String batch = node.opened("");
      try (StreamingCall call =
          node.streaming(batch, "Content-Type", "application/json", "Accept", "application/json")) {
        for (int from = 0; from < whole.length; ) {
          int to = Math.min(whole.length, from + 1 + random.nextInt(round < 5 ? 2 : 40));
          call.send(Arrays.copyOfRange(whole, from, to));
          from = to;
        }
        call.end();
        assertThat(call.head()).startsWith("HTTP/1.1 200");
      }
      assertThat(node.get(batch + "/files").items("file")).containsExactly("a,]}\"[{", "ü😀");
      assertThat(node.get(batch + "/rejected").items("type")).containsExactly("invalid-event");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "[{\"type\":\"STARTED\",\"file\":\"a\"}",
        "[{\"type\":\"STARTED\",\"file\":\"a\"},]",
        "[,]",
        "[] []",
        "[{\"type\":\"STARTED\",\"file\":\"a",
        "\uff01[]",
      })
  void brokenArrayIsMalformed(String body) {
    String batch = node.opened("");

    post(batch, utf8(body), "Content-Type", "application/json").isProblem(400, "malformed-json");

    assertThat(node.get(batch + "/rejected").items("type")).as("nothing half is kept").isEmpty();
  }

  private static Answer postJson(String batch, String body) {
    return post(batch, utf8(body), "Content-Type", "application/json");
  }

  private static String element(String file) {
    return "{\"type\":\"STARTED\",\"file\":\"" + file + "\"}";
  }

  @Test
  void rawLineEndInAStringIsOneMalformedElement() {
    String batch = node.opened("");

    Answer answer =
        postJson(batch, "[" + element("a") + "," + element("b\nb") + "," + element("c") + "]")
            .is(200);

    assertThat(answer.at("/accepted")).isEqualTo("2");
    assertThat(answer.at("/refused")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("2");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("malformed-json");
    assertThat(answer.at("/last_line")).isEqualTo("3");
    assertThat(node.get(batch + "/files").items("file")).containsExactly("a", "c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\tb", "a\r\nb"})
  void rawControlCharacterInAStringOfOneEventIsMalformed(String file) {
    String batch = node.opened("");

    postJson(batch, element(file)).isProblem(400, "malformed-json");

    assertThat(ledgerRows(batch)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"b\":[1}",
        "{\"b\":[1},{\"c\":1}",
        "{\"b\":1]",
        "}",
        "1}",
        "{\"b\":1}}",
        "{\"b\":[{]}",
        "{\"b\":[1}]]]}}}",
      })
  void bracketsThatDoNotMatchMakeOneRefusedElementOfAllThatFollows(String bad) {
    String batch = node.opened("");

    Answer answer =
        postJson(batch, "[" + element("a") + "," + bad + "," + element("c") + "]").is(200);

    assertThat(answer.at("/accepted")).isEqualTo("1");
    assertThat(answer.at("/refused")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("2");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("malformed-json");
    assertThat(node.get(batch + "/files").items("file")).containsExactly("a");
  }

  @Test
  void balancedElementThatIsNoJsonSpoilsNoneOfItsNeighbours() {
    String batch = node.opened("");

    Answer answer =
        postJson(
                batch,
                "[{\"a\":1,},{'b'}," + element("c") + " " + element("d") + "," + element("e") + "]")
            .is(200);

    assertThat(answer.at("/accepted")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("1");
    assertThat(answer.at("/refusals/1/line")).isEqualTo("2");
    assertThat(answer.at("/refusals/2/line")).isEqualTo("3");
    assertThat(node.get(batch + "/files").items("file")).containsExactly("e");
  }

  @Test
  void elementThatIsTooDeepIsRefusedAlone() {
    String batch = node.opened("");
    String deep = "{\"x\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}";
    String deeper = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    Answer answer = postJson(batch, "[" + deep + "," + element("b") + "]").is(200);

    assertThat(answer.at("/accepted")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("malformed-json");
    postJson(batch, "[" + deeper + "," + element("c") + "]").isProblem(413, "too-large");
    assertThat(node.get(batch + "/files").items("file")).containsExactly("b");
  }

  @Test
  void byteOrderMarkBeforeJsonIsPassedOverWhereverItIsCut() throws IOException {
    for (String json : new String[] {"[" + element("a") + "]", " " + element("a")}) {
      byte[] body = utf8("\ufeff" + json);
      for (int cut = 0; cut < 5; cut++) {
        String batch = node.opened("");
        try (StreamingCall call =
            node.streaming(
                batch, "Content-Type", "application/json", "Accept", "application/json")) {
          call.send(Arrays.copyOf(body, cut + 1));
          call.send(Arrays.copyOfRange(body, cut + 1, body.length));
          call.end();
          assertThat(call.head()).startsWith("HTTP/1.1 200");
        }
        assertThat(node.get(batch + "/files").items("file")).containsExactly("a");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", " [ ] ", "\n \r\n"})
  void nothingSentIsNothingDone(String body) {
    String batch = node.opened("");
    String type = body.contains("[") ? "application/json" : Node.NDJSON;

    Answer answer = post(batch, utf8(body), "Content-Type", type).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("0");
    assertThat(answer.at("/refused")).isEqualTo("0");
    assertThat(answer.at("/status")).isEqualTo("PENDING");
    assertThat(answer.at("/run")).isEqualTo("1");
  }

  @Test
  void nothingSentToNoBatchIsNotFound() {
    node.events(Node.fresh(), "").isProblem(404, "not-found");
    node.events(Node.fresh(), "", "Accept", Node.NDJSON).isProblem(404, "not-found");
    node.events(Node.fresh(), completed(1), "Accept", Node.NDJSON).isProblem(404, "not-found");
  }

  @Test
  void gzipIsUnpacked() {
    String batch = node.opened("");
    String lines = numbered(1, 5_000);

    Answer answer =
        post(
                batch,
                gzip(utf8(lines)),
                "Content-Type",
                Node.NDJSON,
                "Content-Encoding",
                "gzip",
                "Audit-Producer",
                "p")
            .is(200);

    assertThat(answer.at("/accepted")).isEqualTo("5000");
    assertThat(ledgerRows(batch)).isEqualTo(5_000);
  }

  @Test
  void badGzipIsMalformed() {
    String batch = node.opened("");

    post(batch, utf8("not gzip at all"), "Content-Type", Node.NDJSON, "Content-Encoding", "gzip")
        .isProblem(400, "malformed-json");
  }

  @Test
  void gzipWithWrongChecksumIsMalformed() {
    String batch = node.opened("");
    byte[] packed = gzip(utf8(completed(1)));
    packed[packed.length - 8] ^= 1;

    post(batch, packed, "Content-Type", Node.NDJSON, "Content-Encoding", "gzip")
        .isProblem(400, "malformed-json");
  }

  @Test
  void gzipThatIsCutOffIsMalformed() {
    String batch = node.opened("");
    byte[] packed = gzip(utf8(numbered(1, 1_000)));

    post(
            batch,
            Arrays.copyOf(packed, packed.length / 2),
            "Content-Type",
            Node.NDJSON,
            "Content-Encoding",
            "gzip")
        .isProblem(400, "malformed-json");

    assertThat(node.get(batch + "/rejected").items("type")).isEmpty();
  }

  @Test
  void gzipInTwoMembersIsOneStream() throws IOException {
    String batch = node.opened("");
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(gzip(utf8(completed(1))));
    both.write(gzip(utf8(completed(2))));

    Answer answer =
        post(batch, both.toByteArray(), "Content-Type", Node.NDJSON, "Content-Encoding", "gzip")
            .is(200);

    assertThat(answer.at("/accepted")).isEqualTo("2");
  }

  @Test
  void gzipBombIsTooLarge() {
    String batch = node.opened("");
    byte[] bomb = gzip(new byte[64 * 1024 * 1024]);
    assertThat(bomb.length).isLessThan(100_000);

    post(batch, bomb, "Content-Type", Node.NDJSON, "Content-Encoding", "gzip")
        .isProblem(413, "too-large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "gzip, gzip", "deflate"})
  void otherEncodingsAreUnsupported(String encoding) {
    String batch = node.opened("");

    post(batch, utf8(completed(1)), "Content-Type", Node.NDJSON, "Content-Encoding", encoding)
        .isProblem(415, "unsupported-media-type");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/xml", "application/x-ndjson;charset=latin1"})
  void otherFormsAreUnsupported(String type) {
    String batch = node.opened("");

    Answer refused =
        post(batch, utf8(completed(1)), "Content-Type", type)
            .isProblem(415, "unsupported-media-type");

    assertThat(refused.at("/detail")).containsIgnoringCase(type.contains("latin1") ? "ISO" : type);
    assertThat(ledgerRows(batch)).isZero();
  }

  @Test
  void lineThatIsTooLongIsRefusedByNameAndItsNeighboursAreStored() {
    String batch = node.opened("");
    String longLine = "{\"type\":\"STARTED\",\"file\":\"" + "x".repeat(64 * 1024) + "\"}\n";

    Answer answer = node.events(batch, completed(1) + longLine + completed(3)).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("2");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("2");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("too-large");
    assertThat(answer.at("/refusals/0/status")).isEqualTo("413");
    assertThat(answer.at("/refusals/0/detail")).contains("65536");
    node.events(batch, longLine).isProblem(413, "too-large");
  }

  @Test
  void lastLineNeedsNoLineEnd() {
    String batch = node.opened("");

    assertThat(node.events(batch, completed(1) + completed(2).strip()).at("/accepted"))
        .isEqualTo("2");
  }

  @Test
  void endInTheStreamEndsTheBatchAndRefusesWhatComesAfter() {
    String batch = node.opened("");

    Answer answer = node.events(batch, completed(1) + ended("COMPLETED") + completed(2)).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("2");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("3");
    assertThat(answer.at("/refusals/0/type")).isEqualTo("batch-ended");
    assertThat(answer.at("/status")).isEqualTo("COMPLETED");
    assertThat(answer.at("/verdict/seq")).isEqualTo("1");
    assertThat(ledgerRows(batch)).isEqualTo(2);
  }

  @Test
  void firstLineOpensTheBatch() {
    String batch = Node.fresh();

    Answer answer = node.events(batch, OPENED + completed(1) + ended("COMPLETED")).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("3");
    assertThat(node.get(batch).at("/name")).isEqualTo("from the stream");
    assertThat(node.get(batch).at("/status")).isEqualTo("COMPLETED");
  }

  @Test
  void firstLineOpensTheBatchForTheOneWhoReadsAsItSends() throws IOException {
    String batch = Node.fresh();
    try (StreamingCall call = node.streaming(batch, "Accept", Node.NDJSON)) {
      call.send(OPENED + completed(1));
      JsonNode first = AuditJson.lenient().readTree(call.line());
      assertThat(first.at("/status").asString()).isEqualTo("PENDING").isNotEmpty();
    }
  }

  @Test
  void producerMustBePrintable() {
    String batch = node.opened("");

    for (String bad : new String[] {" ", "x".repeat(201), "tab\there"}) {
      node.events(batch, completed(1), "Audit-Producer", bad).isProblem(400, "bad-request");
    }
    assertThat(ledgerRows(batch)).isZero();
  }

  @Test
  void positionUsedForOtherContentIsAConflict() {
    String batch = node.opened("");
    node.events(batch, numbered(1, 1), "Audit-Producer", "p").is(200);

    Answer refused =
        node.events(
                batch,
                "{\"type\":\"FAILED\",\"file\":\"f1\",\"position\":1}\n",
                "Audit-Producer",
                "p")
            .isProblem(409, "key-conflict");

    assertThat(refused.at("/detail")).contains("position 1");
  }

  @Test
  void lineOfAnotherRunIsStale() {
    String batch = node.opened("");

    node.events(batch, completed(1), "Audit-Run", "2").isProblem(409, "stale-run");
    node.events(batch, completed(1), "Audit-Run", "zero").isProblem(400, "bad-request");
  }

  @Test
  void wishForAFormThatThereIsNotIsNotAcceptable() {
    String batch = node.opened("");

    node.events(batch, completed(1), "Accept", "text/html").isProblem(406, "not-acceptable");

    assertThat(ledgerRows(batch)).isZero();
  }

  @Test
  void acknowledgementArrivesWhileTheRequestIsStillBeingSent() throws IOException {
    String batch = node.opened("");
    try (StreamingCall call = node.streaming(batch, "Accept", Node.NDJSON)) {
      for (int i = 1; i <= 5; i++) {
        call.send(completed(i));
        JsonNode ack = AuditJson.lenient().readTree(call.line());
        assertThat(ack.at("/accepted").asInt()).isEqualTo(1);
        assertThat(ack.at("/last_line").asInt()).isEqualTo(i);
        assertThat(ledgerRows(batch)).as("committed before acknowledged").isEqualTo(i);
      }
      call.send("{\"type\":\"X\"}\n");
      JsonNode refusal = AuditJson.lenient().readTree(call.line());
      assertThat(refusal.at("/refusals/0/line").asInt()).isEqualTo(6);
      call.end();
      assertThat(call.line()).isEmpty();
    }
  }

  @Test
  void verdictMadeElsewhereEndsTheAcknowledgements() throws IOException {
    String batch = node.opened("");
    try (StreamingCall call = node.streaming(batch, "Accept", Node.NDJSON)) {
      call.send(started("a"));
      assertThat(call.line()).contains("\"accepted\":1");

      node.send("PUT", batch + "/status", "{\"status\":\"CANCELLED\"}").is(200);

      JsonNode last = AuditJson.lenient().readTree(call.line());
      assertThat(last.at("/verdict/status").asString()).isEqualTo("CANCELLED");
      assertThat(last.at("/accepted").asInt()).isZero();
      assertThat(call.line()).isEmpty();
    }
  }

  @Test
  void clientThatAbortsMidLineLeavesNoHalfLine() throws IOException {
    String batch = node.opened("");
    try (StreamingCall call = node.streaming(batch, "Accept", "application/json")) {
      call.send(completed(1) + "{\"type\":\"COMPLETED\",\"fi");
      await(() -> ledgerRows(batch) == 1);
      call.abort();
    }
    // A connection made after the abort is served after it was noticed: the loop is the same.
    String marker = node.opened("");
    for (int i = 0; i < 50; i++) {
      node.events(marker, completed(i)).is(200);
    }
    assertThat(node.get(batch + "/rejected").items("type")).isEmpty();
    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("0");
    assertThat(ledgerRows(batch)).isEqualTo(1);
    node.send("PUT", batch + "/status", "{\"status\":\"COMPLETED\"}").is(200);
    assertThat(node.get(batch).at("/status")).isEqualTo("COMPLETED");
  }
}
