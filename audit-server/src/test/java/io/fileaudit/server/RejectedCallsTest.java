package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refused events: tried again, or taken off the account, over HTTP. */
class RejectedCallsTest {
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String completed(String file, int rows) {
    return "{\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":" + rows + "}\n";
  }

  private static void status(String batch, String status, String... headers) {
    node.send("PUT", batch + "/status", "{\"status\":\"" + status + "\"}", headers).is(200);
  }

  private static Answer replay(String batch, String body, String... headers) {
    return node.send("POST", batch + "/rejected/replay", body, headers);
  }

  private static Answer dismiss(String batch, String body, String... headers) {
    return node.send("POST", batch + "/rejected/dismiss", body, headers);
  }

  /** A batch whose loader went on after it was ended, and that was resumed since. */
  private static String resumedWithLateEvents() {
    String batch = node.opened("{}");
    status(batch, "FAILED");
    node.events(batch, completed("a", 1) + completed("b", 2) + "no event\n").is(200);
    status(batch, "RUNNING");
    return batch;
  }

  @Test
  void lateEventsGoInOnceTheBatchTakesThem() {
    String batch = resumedWithLateEvents();

    Answer replayed = replay(batch, "", "Audit-Run", "2").is(200);

    assertThat(replayed.at("/accepted")).isEqualTo("2");
    assertThat(replayed.at("/refused")).isEqualTo("1");
    assertThat(replayed.at("/refusals/0/line")).isEqualTo("3");
    assertThat(replayed.at("/refusals/0/type")).isEqualTo("malformed-json");
    Answer kept = node.get(batch + "/rejected");
    assertThat(kept.at("/items/0/resolution")).isEqualTo("replayed");
    assertThat(kept.at("/items/1/resolution")).isEqualTo("replayed");
    assertThat(kept.at("/items/2/resolution")).isIn("null", "");
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("3");
    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("1");
    assertThat(replay(batch, "", "Audit-Run", "2").isProblem(400, "malformed-json").at("/refused"))
        .as("only what is still open is tried again")
        .isEqualTo("1");
  }

  @Test
  void onlyThoseNamedAreTried() {
    String batch = resumedWithLateEvents();

    replay(batch, "{\"numbers\":[2]}", "Audit-Run", "2").is(200);

    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("2");
    Answer again =
        replay(batch, "{\"numbers\":[1,2,77]}", "Audit-Run", "2").isProblem(422, "invalid-request");
    assertThat(again.at("/detail")).contains("2, 77").doesNotContain("1,");
  }

  @Test
  void runMustBeThePresentOne() {
    String batch = resumedWithLateEvents();

    Answer refused = replay(batch, "{\"numbers\":[1]}").isProblem(409, "stale-run");

    assertThat(refused.at("/refusals/0/line")).isEqualTo("1");
    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("3");
  }

  @Test
  void endedBatchTakesNothingAndSaysWhy() {
    String batch = node.opened("{}");
    status(batch, "FAILED");
    node.events(batch, completed("a", 1)).isProblem(409, "batch-ended");

    Answer refused = replay(batch, "").isProblem(409, "batch-ended");

    assertThat(refused.at("/verdict/status")).isEqualTo("FAILED");
    assertThat(node.get(batch + "/rejected").at("/items/0/times")).isEqualTo("1");
  }

  @Test
  void endedIsNotReplayed() {
    String batch = node.opened("{}");
    node.events(
        batch, "{\"type\":\"ENDED\",\"status\":\"FAILED\",\"at\":\"2999-01-01T00:00:00Z\"}\n");

    Answer refused = replay(batch, "").isProblem(422, "invalid-event");

    assertThat(refused.at("/detail")).contains("ENDED");
    assertThat(node.get(batch).at("/status")).isEqualTo("PENDING");
  }

  @Test
  void nothingToReplayIsNoError() {
    String batch = node.opened("{}");

    assertThat(replay(batch, "{}").is(200).at("/accepted")).isEqualTo("0");
    replay(Node.fresh(), "").isProblem(404, "not-found");
  }

  @Test
  void dismissedIsNoLongerHeldAgainstTheBatch() {
    String batch = node.opened("{}");
    node.events(batch, completed("a", 1) + "bad 1\nbad 2\n").is(200);

    Answer one = dismiss(batch, "{\"numbers\":[1]}").is(200);
    assertThat(one.at("/dismissed")).isEqualTo("1");
    assertThat(one.at("/open")).isEqualTo("1");
    Answer rest = dismiss(batch, "").is(200);

    assertThat(rest.at("/dismissed")).isEqualTo("1");
    assertThat(rest.at("/open")).isEqualTo("0");
    assertThat(dismiss(batch, "").is(200).at("/dismissed")).isEqualTo("0");
    status(batch, "COMPLETED");
    assertThat(node.get(batch).at("/status")).isEqualTo("COMPLETED");
    dismiss(Node.fresh(), "").isProblem(404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"numbers\":[]}",
        "{\"numbers\":[0]}",
        "{\"numbers\":[null]}",
        "{\"numbers\":\"1\"}",
        "{\"numbers\":[1.5]}",
        "{\"number\":1}",
        "[1]"
      })
  void selectionMustBeOne(String body) {
    String batch = node.opened("{}");

    assertThat(replay(batch, body).isProblem(422, "invalid-request").at("/detail"))
        .doesNotContain("io.fileaudit", "java.");
    dismiss(batch, body).isProblem(422, "invalid-request");
  }
}
