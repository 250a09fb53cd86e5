package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is kept of a batch, as it is read over HTTP. */
class FilesAndLedgerTest {
  private static final int FILES = 2_345;

  private static Node node;
  private static String large;

  @BeforeAll
  static void start() {
    node = Node.start();
    large = node.opened("");
    String lines =
        IntStream.range(0, FILES)
            .mapToObj(
                i ->
                    i % 10 == 0
                        ? "{\"type\":\"FAILED\",\"file\":\"%s\",\"error\":{\"code\":\"%s\"}}\n"
                            .formatted(name(i), i % 20 == 0 ? "bad-date" : "too-short")
                        : "{\"type\":\"COMPLETED\",\"file\":\"%s\",\"rows\":%d}\n"
                            .formatted(name(i), i))
            .collect(Collectors.joining());
    node.events(large, lines).is(200);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String name(int i) {
    return "dir/%05d.csv".formatted(i);
  }

  private static List<JsonNode> lines(Answer answer) {
    return answer.body().lines().map(AuditJson.lenient()::readTree).toList();
  }

  @Test
  void pagesTogetherShowEachFileOnceInOrder() {
    List<String> seen = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    do {
      Answer page = node.get(large + "/files?page_size=1000&cursor=" + cursor).is(200);
      seen.addAll(page.items("file"));
      cursor = page.json().at("/next").isNull() ? null : page.at("/next");
      pages++;
    } while (cursor != null);

    assertThat(seen)
        .containsExactlyElementsOf(
            IntStream.range(0, FILES).mapToObj(FilesAndLedgerTest::name).toList());
    assertThat(pages).isEqualTo(3);
    assertThat(node.get(large + "/files").items("file")).hasSize(100);
  }

  @Test
  void filesAreFilteredByStateErrorAndName() {
    assertThat(node.get(large + "/files?state=failed&page_size=1000").items("file")).hasSize(235);
    assertThat(node.get(large + "/files?error=bad-date&page_size=1000").items("file")).hasSize(118);
    assertThat(node.get(large + "/files?q=/0234").items("file"))
        .containsExactlyElementsOf(
            IntStream.range(2340, 2345).mapToObj(FilesAndLedgerTest::name).toList());
    assertThat(node.get(large + "/files?q=/0234&state=FAILED").items("file"))
        .containsExactly(name(2340));
    assertThat(node.get(large + "/files?state=running").items("file")).isEmpty();
  }

  @Test
  void batchWithoutFilesIsToldFromOneThatIsNotThere() {
    String absent = "/api/v1/batches/00000000-0000-4000-8000-000000000000/files";

    assertThat(node.get(node.opened("") + "/files").is(200).items("file")).isEmpty();
    for (String wanted : List.of("application/json", Node.NDJSON, "text/csv")) {
      node.get(absent, "Accept", wanted).isProblem(404, "not-found");
    }
  }

  @Test
  void wholeAccountComesAsNdjson() {
    Answer all = node.get(large + "/files", "Accept", Node.NDJSON).is(200);

    assertThat(all.header("Content-Type")).isEqualTo(Node.NDJSON);
    assertThat(lines(all)).hasSize(FILES);
    assertThat(lines(all).get(1).at("/rows").asInt()).isEqualTo(1);
    assertThat(lines(node.get(large + "/files?state=failed", "Accept", Node.NDJSON))).hasSize(235);
  }

  @Test
  void wholeAccountComesAsCsv() {
    Answer all = node.get(large + "/files", "Accept", "text/csv").is(200);

    assertThat(all.header("Content-Type")).isEqualTo("text/csv;charset=UTF-8");
    List<String> rows = all.body().lines().toList();
    assertThat(rows).hasSize(FILES + 1);
    assertThat(rows.get(0)).startsWith("file,state,run,attempt,rows");
    assertThat(rows.get(2)).startsWith("dir/00001.csv,COMPLETED,1,1,1,");
    assertThat(all.body()).endsWith("\r\n");
  }

  @Test
  void cellsThatASpreadsheetWouldTakeForFormulasAreDisarmed() {
    String batch = node.opened("");
    List<String> names = List.of("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\\tx", "\\rx");
    String events =
        names.stream()
            .map(
                name ->
                    "{\"type\":\"FAILED\",\"file\":\""
                        + name
                        + "\",\"error\":{\"code\":\"=1+1\",\"message\":\"a \\\"b\\\", c\\nd\"}}\n")
            .collect(Collectors.joining());
    node.events(batch, events).is(200);

    String csv = node.get(batch + "/files", "Accept", "text/csv").is(200).body();

    assertThat(csv).contains("\r\n'=cmd|' /C calc'!A0,FAILED").contains("\r\n'+1,");
    assertThat(csv).contains("\r\n'-1,").contains("\r\n'@SUM(A1),").contains("\r\n'\tx,");
    assertThat(csv).contains("\r\n\"'\rx\",").contains(",'=1+1,\"a \"\"b\"\", c\nd\",");
    assertThat(node.get(batch + "/files").items("file")).contains("+1", "-1", "@SUM(A1)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/files?state=done",
        "/files?page_size=1001",
        "/files?cursor=zzz",
        "/files?name=x",
        "/ledger?from=-1",
        "/ledger?from=x",
        "/ledger?to=3",
        "/rejected?cursor=cnh4",
        "/rejected?cursor=cjA",
        "/rejected?cursor=ci01",
        "/rejected?page_size=0",
        "/verdicts?page_size=1",
        "/producers?x=1",
      })
  void parameterThatCannotBeReadIsRefused(String call) {
    Answer refused = node.get(large + call).isProblem(400, "bad-request");

    String name = call.substring(call.indexOf('?') + 1, call.indexOf('='));
    assertThat(refused.at("/detail")).contains(name).doesNotContain("io.fileaudit");
  }

  @Test
  void unknownStateIsAnsweredWithTheStatesThereAre() {
    Answer refused = node.get(large + "/files?state=done").isProblem(400, "bad-request");

    assertThat(refused.at("/detail")).contains("done").contains("COMPLETED").contains("SKIPPED");
  }

  @Test
  void formThatThereIsNotIsNotAcceptable() {
    node.get(large + "/files", "Accept", "text/html").isProblem(406, "not-acceptable");
    node.get(large + "/ledger", "Accept", "application/json").isProblem(406, "not-acceptable");
    node.get(large, "Accept", "text/csv").isProblem(406, "not-acceptable");
    node.get(large + "/files", "Accept", "text/html, */*;q=0.1").is(200);
    assertThat(
            node.get(large + "/files", "Accept", "text/csv;q=0.5, application/json;q=0.4")
                .header("Content-Type"))
        .startsWith("text/csv");
  }

  @Test
  void ledgerIsGivenAsItIsStoredFromANumberOn() {
    String batch = node.opened("");
    String event = "{\"file\":\"a\",\"type\":\"STARTED\"}";
    node.events(batch, event + "\n{\"type\":\"COMPLETED\",  \"file\":\"a\",\"rows\":2}\n").is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"COMPLETED\"}").is(200);

    Answer ledger = node.get(batch + "/ledger", "Accept", Node.NDJSON).is(200);

    List<JsonNode> rows = lines(ledger);
    assertThat(rows).extracting(row -> row.at("/seq").asInt()).containsExactly(0, 1, 2);
    assertThat(rows.get(0).at("/event").toString()).isEqualTo(event);
    assertThat(rows.get(2).at("/event/type").asString()).isEqualTo("ENDED");
    ledger.body().lines().forEach(FilesAndLedgerTest::isCanonical);
    assertThat(node.get(batch + "/ledger?from=2").is(200).body())
        .isEqualTo(ledger.body().lines().skip(2).collect(Collectors.joining("\n", "", "\n")));
    assertThat(node.get(batch + "/ledger?from=3").is(200).body()).isEmpty();
    assertThat(node.get(batch + "/ledger?from=9007199254740993").is(200).body()).isEmpty();
  }

  @SuppressWarnings("unchecked") // names of JSON objects are strings
  private static void isCanonical(String row) {
    Utf8Output out = new Utf8Output(256);
    CanonicalJson.write((Map<String, Object>) AuditJson.strict().readValue(row, Map.class), out);
    assertThat(row).isEqualTo(new String(out.toBytes(), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void largeLedgerComesWhole() {
    List<JsonNode> rows = lines(node.get(large + "/ledger?from=5").is(200));

    assertThat(rows)
        .extracting(row -> row.at("/seq").asInt())
        .containsExactlyElementsOf(IntStream.range(5, FILES).boxed().toList());
  }

  @Test
  void refusedEventsAreKeptAndPaged() {
    String batch = node.opened("");
    String bad =
        IntStream.range(0, 5)
            .mapToObj(i -> "{\"type\":\"X" + i + "\"}\n")
            .collect(Collectors.joining());
    node.events(batch, bad + bad).isProblem(422, "invalid-event");

    List<String> texts = new ArrayList<>();
    String cursor = "";
    do {
      Answer page = node.get(batch + "/rejected?page_size=2&cursor=" + cursor).is(200);
      texts.addAll(page.items("text"));
      assertThat(page.items("times")).containsOnly("2");
      cursor = page.json().at("/next").isNull() ? null : page.at("/next");
    } while (cursor != null);

    assertThat(texts).hasSize(5).first().isEqualTo("{\"type\":\"X0\"}");
    Answer ended = node.send("PUT", batch + "/status", "{\"status\":\"COMPLETED\"}").is(200);
    assertThat(ended.at("/status")).isEqualTo("INCOMPLETE");
    assertThat(ended.json().at("/verdict/findings/refused").asInt()).isPositive();
  }

  @Test
  void verdictsAreListedOldestFirst() {
    String batch = node.opened("");
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\",\"message\":\"disk\"}").is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"RUNNING\"}").is(200);

    Answer verdicts = node.get(batch + "/verdicts").is(200);

    assertThat(verdicts.items("status")).containsExactly("FAILED", "RUNNING");
    assertThat(verdicts.items("reason")).containsExactly("REQUESTED", "RESUMED");
    assertThat(verdicts.items("message").get(0)).isEqualTo("disk");
  }

  @Test
  void producersSayWhereToGoOn() {
    String batch = node.opened("");
    String line = "{\"type\":\"STARTED\",\"file\":\"a\",\"position\":%d}\n";
    node.events(batch, line.formatted(4), "Audit-Producer", "one").is(200);
    node.events(batch, line.formatted(9), "Audit-Producer", "two").is(200);

    Answer producers = node.get(batch + "/producers").is(200);

    assertThat(producers.items("producer")).containsExactly("one", "two");
    assertThat(producers.items("position")).containsExactly("4", "9");
  }
}
