package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.http.Cursor;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening, showing, ending, resuming and listing batches, over HTTP. */
class BatchCallsTest {
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String completed(String file) {
    return "{\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":5}\n";
  }

  private static Answer end(String batch, String status, String... headers) {
    return node.send("PUT", batch + "/status", "{\"status\":\"" + status + "\"}", headers);
  }

  @Test
  void firstOpeningCreatesAndTheSameAgainChangesNothing() {
    String batch = Node.fresh();
    String spec = "{\"name\":\"empresa\",\"table\":\"t\",\"labels\":{\"team\":\"rfb\"}}";

    Answer first = node.send("PUT", batch, spec).is(201);
    assertThat(first.header("Location")).isEqualTo(batch);
    assertThat(first.at("/status")).isEqualTo("PENDING");
    assertThat(first.at("/labels/team")).isEqualTo("rfb");

    Answer again = node.send("PUT", batch, spec).is(200);
    assertThat(again.at("/version")).isEqualTo(first.at("/version"));
    assertThat(again.header("Location")).isEmpty();
  }

  @Test
  void emptyBodyOpensABatchWithDefaults() {
    Answer opened = node.send("PUT", Node.fresh(), "").is(201);

    assertThat(opened.at("/limits/operation/after")).isEqualTo("PT1H");
    assertThat(opened.at("/limits/progress/action")).isEqualTo("flag");
    assertThat(opened.at("/namespace")).isEqualTo("default");
  }

  @Test
  void differentOpeningIsAConflictThatNamesTheField() {
    String batch = node.opened("{\"name\":\"one\",\"table\":\"t\"}");

    Answer refused =
        node.send("PUT", batch, "{\"name\":\"two\",\"table\":\"t\"}")
            .isProblem(409, "batch-conflict");

    assertThat(refused.at("/detail")).contains("name").doesNotContain("table");
    assertThat(node.get(batch).at("/name")).isEqualTo("one");
  }

  @Test
  void openingWithResumeTakesAnEndedBatchUpAgain() {
    String batch = node.opened("{\"name\":\"x\"}");
    end(batch, "FAILED").is(200);

    Answer resumed = node.send("PUT", batch, "{\"name\":\"x\",\"resume\":true}").is(200);

    assertThat(resumed.at("/status")).isEqualTo("RUNNING");
    assertThat(resumed.at("/run")).isEqualTo("2");
    assertThat(resumed.at("/verdict/reason")).isEqualTo("RESUMED");
  }

  @Test
  void postOpensABatchOfItsOwnEachTime() {
    Answer one = node.send("POST", "/api/v1/batches", "{\"name\":\"n\"}").is(201);
    Answer two = node.send("POST", "/api/v1/batches", "{\"name\":\"n\"}").is(201);

    assertThat(one.header("Location")).isEqualTo("/api/v1/batches/" + one.at("/id"));
    assertThat(UUID.fromString(one.at("/id")).version()).isEqualTo(7);
    assertThat(two.at("/id")).isGreaterThan(one.at("/id"));
    assertThat(node.get(one.header("Location")).is(200).at("/name")).isEqualTo("n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"nmae\":\"x\"} | 422 | invalid-request | nmae",
        "{\"name\":\"\"} | 422 | invalid-request | name",
        "{\"limits\":{\"idle\":\"ten minutes\"}} | 422 | invalid-request | PT30M",
        "{\"limits\":{\"operation\":\"PT1M\",\"idle\":\"PT2M\"}} | 422 | invalid-request | idle",
        "{\"name\":\"a\\u0000b\"} | 422 | invalid-request | U+0000",
        "{\"parent\":\"no-uuid\"} | 422 | invalid-request | parent",
        "[] | 422 | invalid-request | array",
        "null | 422 | invalid-request | null",
        "{\"name\":5} | 422 | invalid-request | name is 5, expected a string",
        "{\"labels\":{\"a\":null}} | 422 | invalid-request | labels.a is null",
        "{\"expected\":{\"files\":[null]}} | 422 | invalid-request | expected.files[0] is null",
        "{} {} | 400 | malformed-json | behind",
        "{\"name\":\"a\\ud800\"} | 422 | invalid-request | surrogate",
        "{\"table\":\"\\udc00\"} | 422 | invalid-request | surrogate",
        "{\"labels\":{\"a\":\"\\ud800\"}} | 422 | invalid-request | surrogate",
        "{\"labels\":{\"\\udc00\":\"a\"}} | 400 | malformed-json | surrogate",
        "{\"expected\":{\"files\":[{\"file\":\"\\ud800\"}]}} | 422 | invalid-request | surrogate",
        "{\"expected\":{\"count\":1,\"pattern\":\"\\ud800\"}} | 422 | invalid-request | surrogate",
        "{\"parent\":\"\\ud800\"} | 422 | invalid-request | parent",
        "{\"zero_rows\":\"\\ud800\"} | 422 | invalid-request | zero_rows",
        "{\"limits\":{\"idle\":\"\\ud800\"}} | 422 | invalid-request | idle",
        "{\"\\udc00\":1} | 400 | malformed-json | surrogate",
        "{\"name\":\"a\",\"name\":\"b\"} | 400 | malformed-json | name",
        "{\"name\": | 400 | malformed-json | JSON",
      })
  void wrongOpeningIsRefusedByName(String spec, int status, String slug, String named) {
    String batch = Node.fresh();

    Answer refused = node.send("PUT", batch, spec).isProblem(status, slug);

    assertThat(refused.at("/detail"))
        .contains(named)
        .doesNotContain("java")
        .doesNotContain("fileaudit")
        .doesNotContain("`");
    node.get(batch).isProblem(404, "not-found");
  }

  @Test
  void wishForAFormThatThereIsNotChangesNothing() {
    String fresh = Node.fresh();
    String batch = node.opened("");
    String table = "unacceptable-" + UUID.randomUUID();
    String spec = "{\"table\":\"" + table + "\"}";

    for (String accept : new String[] {"text/html", "application/json;q=0, text/csv"}) {
      node.send("PUT", fresh, spec, "Accept", accept).isProblem(406, "not-acceptable");
      node.send("POST", "/api/v1/batches", spec, "Accept", accept).isProblem(406, "not-acceptable");
      end(batch, "FAILED", "Accept", accept).isProblem(406, "not-acceptable");
    }

    assertThat(listed("table=" + table)).isEmpty();
    assertThat(node.get(batch).at("/status")).isEqualTo("PENDING");
    node.send("PUT", fresh, spec, "Accept", "application/*").is(201);
  }

  @Test
  void bodiesHaveLimits() {
    String spaces = " ".repeat(8 * 1024 * 1024 + 1);
    node.send("PUT", Node.fresh(), "{" + spaces + "}").isProblem(413, "too-large");

    String batch = node.opened("");
    node.send("PUT", batch + "/status", "{" + " ".repeat(64 * 1024) + "}")
        .isProblem(413, "too-large");
  }

  @Test
  void tagAnswersNotModifiedUntilSomethingChanges() {
    String batch = node.opened("{\"name\":\"tag\"}");
    String tag = node.get(batch).is(200).header("ETag");
    assertThat(tag).startsWith("W/\"");

    Answer same = node.get(batch, "If-None-Match", tag).is(304);
    assertThat(same.body()).isEmpty();
    assertThat(same.header("ETag")).isEqualTo(tag);
    node.get(batch, "If-None-Match", "W/\"9-9\", " + tag).is(304);
    node.get(batch, "If-None-Match", "*").is(304);

    node.events(batch, completed("a")).is(200);
    Answer changed = node.get(batch, "If-None-Match", tag).is(200);
    assertThat(changed.header("ETag")).isNotEqualTo(tag);
    assertThat(changed.at("/totals/files/completed")).isEqualTo("1");
  }

  @Test
  void completedOverAnUnfinishedFileBecomesIncompleteWithFindings() {
    String batch = node.opened("");
    node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n").is(200);

    Answer ended = end(batch, "COMPLETED").is(200);

    assertThat(ended.at("/status")).isEqualTo("INCOMPLETE");
    assertThat(ended.at("/verdict/requested")).isEqualTo("COMPLETED");
    assertThat(ended.at("/verdict/findings/unfinished")).isEqualTo("1");
    assertThat(ended.at("/verdict/by")).isEqualTo("admin");
    assertThat(ended.at("/verdict/node")).isEqualTo("node-under-test");
    assertThat(ended.at("/ended_at")).isNotEmpty();
  }

  @Test
  void askingForTheSameEndingAgainAnswersIt() {
    String batch = node.opened("");
    node.events(batch, completed("a")).is(200);
    Answer first = end(batch, "COMPLETED").is(200);
    assertThat(first.at("/status")).isEqualTo("COMPLETED");

    Answer again = end(batch, "COMPLETED").is(200);

    assertThat(again.at("/version")).isEqualTo(first.at("/version"));
    assertThat(again.at("/verdict/decided_at")).isEqualTo(first.at("/verdict/decided_at"));
  }

  @Test
  void anotherEndingIsRefusedWithTheVerdictOfTheFirst() {
    String batch = node.opened("");
    node.send("PUT", batch + "/status", "{\"status\":\"CANCELLED\",\"message\":\"wrong month\"}")
        .is(200);

    Answer refused = end(batch, "COMPLETED").isProblem(409, "batch-ended");

    assertThat(refused.at("/verdict/status")).isEqualTo("CANCELLED");
    assertThat(refused.at("/verdict/message")).isEqualTo("wrong month");
    assertThat(refused.at("/instance")).isEqualTo(batch + "/status");
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETE, COMPLETE",
    "DONE, DONE",
    "'', unknown",
    "TIMED_OUT, TIMED_OUT",
    "INCOMPLETE, INCOMPLETE",
    "PENDING, PENDING"
  })
  void wordThatNobodyMayAskForIsNamed(String word, String named) {
    String batch = node.opened("");

    Answer refused = end(batch, word).isProblem(422, "invalid-request");

    assertThat(refused.at("/detail")).contains(named);
    assertThat(node.get(batch).at("/status")).isEqualTo("PENDING");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"status\":null}",
        "{\"status\":\"\\ud800\"}",
        "{\"status\":5}",
        "{\"state\":\"FAILED\"}"
      })
  void statusMustBeThereAndBeAWord(String body) {
    String batch = node.opened("");

    node.send("PUT", batch + "/status", body).isProblem(422, "invalid-request");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":5} | 422 | invalid-request | status is 5, expected a string",
        "{\"status\":\"FAILED\",\"message\":true} | 422 | invalid-request | message is true, expected a string",
        "{\"status\":[\"FAILED\"]} | 422 | invalid-request | status is an array, expected a string",
        "[] | 422 | invalid-request | the body is an array, expected an object",
        "\"FAILED\" | 422 | invalid-request | the body is \"FAILED\", expected an object",
        "{\"state\":\"FAILED\"} | 422 | invalid-request | unknown field \"state\"; there is message, status",
        "{\"status\":\"FAILED\",\"message\":\"\\ud800\"} | 422 | invalid-request | message contains half of a surrogate pair, which has no UTF-8 form",
        "{\"status\":\"FAILED\"} {} | 400 | malformed-json | not readable as JSON: something stands behind the first value",
        "'' | 400 | malformed-json | not readable as JSON: it is empty",
      })
  void wrongStatusIsRefusedByName(String body, int status, String slug, String told) {
    String batch = node.opened("");

    Answer refused = node.send("PUT", batch + "/status", body).isProblem(status, slug);

    assertThat(refused.at("/detail")).isEqualTo(told);
    assertThat(node.get(batch).at("/status")).isEqualTo("PENDING");
  }

  @Test
  void statusWordIsReadInAnyCaseAndTrimmed() {
    String batch = node.opened("");

    assertThat(end(batch, "  faiLed ").is(200).at("/status")).isEqualTo("FAILED");
  }

  @Test
  void messageOfAnotherRunIsStale() {
    String batch = node.opened("");
    end(batch, "FAILED").is(200);
    assertThat(end(batch, "RUNNING").is(200).at("/run")).isEqualTo("2");

    Answer refused = end(batch, "COMPLETED").isProblem(409, "stale-run");
    assertThat(refused.at("/detail")).contains("run 1").contains("run is 2");

    assertThat(end(batch, "FAILED", "Audit-Run", "2").is(200).at("/status")).isEqualTo("FAILED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "one", "1.0", "99999999999"})
  void runMustBeAPositiveInteger(String run) {
    String batch = node.opened("");

    Answer refused = end(batch, "FAILED", "Audit-Run", run).isProblem(400, "bad-request");

    assertThat(refused.at("/detail")).contains("Audit-Run").contains(run);
  }

  @Test
  void completedBatchIsNotResumed() {
    String batch = node.opened("");
    node.events(batch, completed("a")).is(200);
    end(batch, "COMPLETED").is(200);

    end(batch, "RUNNING").isProblem(409, "invalid-transition");
  }

  @Test
  void parentWithOpenSubBatchesIsNotCompletedAndCancellingItEndsThem() {
    String parent = node.opened("");
    String id = node.get(parent).at("/id");
    String child = node.opened("{\"parent\":\"" + id + "\"}");

    end(parent, "COMPLETED").isProblem(409, "sub-batches-open");
    end(parent, "CANCELLED").is(200);

    Answer ended = node.get(child).is(200);
    assertThat(ended.at("/status")).isEqualTo("CANCELLED");
    assertThat(ended.at("/verdict/reason")).isEqualTo("PARENT_ENDED");
  }

  @Test
  void batchThatIsNotThereIsTheSameAsAnotherNamespaces() {
    String theirs = Node.fresh();
    node.send("PUT", theirs, "", "Audit-Namespace", "theirs").is(201);
    String nobodys = Node.fresh();

    for (String call :
        List.of("", "/files", "/ledger", "/verdicts", "/rejected", "/producers", "/status")) {
      String method = call.equals("/status") ? "PUT" : "GET";
      String body = call.equals("/status") ? "{\"status\":\"FAILED\"}" : "";
      Answer hidden = node.send(method, theirs + call, body).isProblem(404, "not-found");
      Answer missing = node.send(method, nobodys + call, body).isProblem(404, "not-found");
      assertThat(withoutIds(hidden)).as(call).isEqualTo(withoutIds(missing));
    }
    assertThat(withoutIds(node.events(theirs, completed("a")).isProblem(404, "not-found")))
        .isEqualTo(withoutIds(node.events(nobodys, completed("a")).isProblem(404, "not-found")));
    node.get(theirs, "Audit-Namespace", "theirs").is(200);
  }

  private static String withoutIds(Answer answer) {
    return answer.body().replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
  }

  @Test
  void sameIdIsAnotherBatchInAnotherNamespace() {
    String batch = Node.fresh();
    node.send("PUT", batch, "{\"name\":\"ours\"}").is(201);

    node.send("PUT", batch, "{\"name\":\"theirs\"}", "Audit-Namespace", "theirs").is(201);

    assertThat(node.get(batch).at("/name")).isEqualTo("ours");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-uuid", "1-1-1-1-1", "00000000-0000-0000-0000-00000000000g"})
  void malformedIdIsNotFound(String id) {
    node.get("/api/v1/batches/" + id).isProblem(404, "not-found");
    node.get("/api/v1/batches/" + id + "/files").isProblem(404, "not-found");
    node.events("/api/v1/batches/" + id, completed("a")).isProblem(404, "not-found");
  }

  @Test
  void listIsFilteredByEachParameter() {
    String table = "filters-" + UUID.randomUUID();
    String ours =
        "{\"table\":\"" + table + "\",\"period\":\"2025-02\",\"labels\":{\"team\":\"rfb\"}}";
    String open = node.opened(ours);
    String failed = node.opened("{\"table\":\"" + table + "\",\"period\":\"2025-03\"}");
    end(failed, "FAILED").is(200);
    String openId = open.substring(open.lastIndexOf('/') + 1);
    String failedId = failed.substring(failed.lastIndexOf('/') + 1);

    assertThat(listed("table=" + table)).containsExactly(failedId, openId);
    assertThat(listed("table=" + table + "&status=failed")).containsExactly(failedId);
    assertThat(listed("table=" + table + "&status=FAILED,PENDING"))
        .containsExactly(failedId, openId);
    assertThat(listed("table=" + table + "&status=FAILED&status=PENDING")).hasSize(2);
    assertThat(listed("table=" + table + "&open=true")).containsExactly(openId);
    assertThat(listed("table=" + table + "&open=false")).containsExactly(failedId);
    assertThat(listed("table=" + table + "&open=true&status=FAILED")).isEmpty();
    assertThat(listed("table=" + table + "&period=2025-02")).containsExactly(openId);
    assertThat(listed("table=" + table + "&label=team:rfb")).containsExactly(openId);
    assertThat(listed("table=" + table + "&label=team=rfb")).containsExactly(openId);
    assertThat(listed("table=" + table + "&label=team=other")).isEmpty();
    assertThat(listed("q=" + table.toUpperCase(java.util.Locale.ROOT))).hasSize(2);
    String child = node.opened("{\"parent\":\"" + openId + "\"}");
    assertThat(listed("parent=" + openId)).containsExactly(child.substring(16));
  }

  private static List<String> listed(String query) {
    return node.get("/api/v1/batches?" + query).is(200).items("id");
  }

  @Test
  void pagesTogetherShowEachBatchOnce() {
    String table = "pages-" + UUID.randomUUID();
    List<String> opened = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      String batch = node.opened("{\"table\":\"" + table + "\"}");
      opened.add(0, batch.substring(batch.lastIndexOf('/') + 1));
    }
    List<String> seen = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    String cursor = "";
    do {
      Answer page =
          node.get("/api/v1/batches?page_size=3&table=" + table + "&cursor=" + cursor).is(200);
      sizes.add(page.items("id").size());
      seen.addAll(page.items("id"));
      cursor = page.json().at("/next").isNull() ? null : page.at("/next");
    } while (cursor != null);

    assertThat(seen).containsExactlyElementsOf(opened);
    assertThat(sizes).containsExactly(3, 3, 3, 2);
  }

  @Test
  void pageThatIsExactlyFullIsTheLast() {
    String table = "full-" + UUID.randomUUID();
    node.opened("{\"table\":\"" + table + "\"}");
    node.opened("{\"table\":\"" + table + "\"}");

    Answer page = node.get("/api/v1/batches?page_size=2&table=" + table).is(200);

    assertThat(page.items("id")).hasSize(2);
    assertThat(page.json().at("/next").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cursor=garbage",
        "cursor=%00",
        "cursor=Zm9v",
        "cursor=YmZvbyBiYXI",
        "page_size=0",
        "page_size=501",
        "page_size=ten",
        "status=DONE",
        "open=maybe",
        "label=justaname",
        "parent=no-uuid",
        "parent=1-1-1-1-1",
        "stauts=FAILED",
        "table=a&table=b",
        "table",
      })
  void parameterThatCannotBeReadIsRefusedByName(String query) {
    Answer refused = node.get("/api/v1/batches?" + query).isProblem(400, "bad-request");

    assertThat(refused.at("/detail")).contains(query.substring(0, (query + "=").indexOf('=')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+999999-01-01T00:00:00Z 00000000-0000-0000-0000-000000000000",
        "+1000000000-12-31T23:59:59Z 00000000-0000-0000-0000-000000000000",
        "-999999-01-01T00:00:00Z 00000000-0000-0000-0000-000000000000",
        "0000-01-01T00:00:00Z 00000000-0000-0000-0000-000000000000",
        "2026-01-01T00:00:00Z 1-1-1-1-1",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z ",
      })
  void forgedCursorIsRefused(String place) {
    node.get("/api/v1/batches?cursor=" + Cursor.of('b', place)).isProblem(400, "bad-request");
  }

  @Test
  void filesCursorIsNoneOfTheBatchList() {
    String batch = node.opened("");
    node.events(batch, completed("a") + completed("b")).is(200);
    String cursor = node.get(batch + "/files?page_size=1").is(200).at("/next");
    assertThat(cursor).isNotEmpty();

    node.get("/api/v1/batches?cursor=" + cursor).isProblem(400, "bad-request");
  }
}
