package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Heartbeats, and changes of limits and labels, over HTTP. */
class LifeCallsTest {
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

  private static Answer beat(String batch, String... headers) {
    return node.send("PUT", batch + "/heartbeat", "", headers);
  }

  private static Answer patch(String batch, String body, String... headers) {
    return node.send("PATCH", batch, body, headers);
  }

  private static void end(String batch, String status) {
    node.send("PUT", batch + "/status", "{\"status\":\"" + status + "\"}").is(200);
  }

  @Test
  void heartbeatAnswersRunStatusAndTimeLeft() {
    String batch = node.opened("{\"limits\":{\"idle\":\"PT10M\"}}");
    node.events(batch, STARTED).is(200);
    Answer before = node.get(batch);

    Answer heard = beat(batch).is(200);

    assertThat(heard.at("/run")).isEqualTo("1");
    assertThat(heard.at("/status")).isEqualTo("RUNNING");
    assertThat(Double.parseDouble(heard.at("/limits/idle/left_seconds"))).isBetween(590.0, 600.0);
    assertThat(heard.at("/limits/idle/after")).isEqualTo("PT10M");
    Answer after = node.get(batch);
    assertThat(after.at("/last_activity_at")).isGreaterThan(before.at("/last_activity_at"));
    assertThat(after.at("/version")).as("no event").isEqualTo(before.at("/version"));
    assertThat(after.at("/totals/events")).isEqualTo("1");
  }

  @Test
  void heartbeatOfAnEndedBatchIsToldTheVerdict() {
    String batch = node.opened("{}");
    end(batch, "CANCELLED");

    Answer refused = beat(batch).isProblem(409, "batch-ended");

    assertThat(refused.at("/verdict/status")).isEqualTo("CANCELLED");
    assertThat(refused.at("/verdict/reason")).isEqualTo("REQUESTED");
  }

  @Test
  void heartbeatOfAnotherRunOrBatchIsRefused() {
    String batch = node.opened("{}");

    beat(batch, "Audit-Run", "2").isProblem(409, "stale-run");
    beat(batch, "Audit-Run", "0").isProblem(400, "bad-request");
    beat(Node.fresh()).isProblem(404, "not-found");
    beat(batch, "Audit-Namespace", "other").isProblem(404, "not-found");
    beat(batch, "Accept", "text/csv").isProblem(406, "not-acceptable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/merge-patch+json"})
  void limitsAndLabelsAreChanged(String type) {
    String batch = node.opened("{\"labels\":{\"team\":\"a\",\"tier\":\"1\"}}");
    Answer before = node.get(batch);

    Answer changed =
        patch(
                batch,
                "{\"limits\":{\"operation\":\"PT9H\",\"idle\":\"off\",\"progress\":{\"action\":\"end\"}},"
                    + "\"labels\":{\"team\":\"b\",\"tier\":null}}",
                "Content-Type",
                type)
            .is(200);

    assertThat(changed.at("/limits/operation/after")).isEqualTo("PT9H");
    assertThat(changed.at("/limits/idle/action")).isEqualTo("off");
    assertThat(changed.at("/limits/progress/after")).isEqualTo("PT30M");
    assertThat(changed.at("/limits/progress/action")).isEqualTo("end");
    assertThat(changed.at("/labels/team")).isEqualTo("b");
    assertThat(changed.body()).doesNotContain("tier");
    assertThat(changed.header("ETag")).isNotEqualTo(before.header("ETag"));
    assertThat(node.get(batch).header("ETag")).isEqualTo(changed.header("ETag"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"limits\":{\"idel\":\"PT1M\"}} | idel",
        "{\"limits\":{\"idle\":\"ten minutes\"}} | limits.idle",
        "{\"limits\":{\"idle\":{\"until\":\"x\"}}} | until",
        "{\"limits\":{\"idle\":\"PT2H\",\"operation\":\"PT1H\"}} | limits.operation",
        "{\"limits\":\"PT1M\"} | limits",
        "{\"limits\":null} | limits",
        "{\"labels\":{\"a\":7}} | labels.a",
        "{\"labels\":{\"a\":\"\"}} | labels.a",
        "{\"table\":\"other\"} | table",
        "[] | object",
        "null | object",
        "'' | empty",
      })
  void whatCannotBeChangedIsRefusedByName(String body, String named) {
    String batch = node.opened("{\"labels\":{\"team\":\"a\"}}");
    Answer before = node.get(batch);

    Answer refused = patch(batch, body).isProblem(422, "invalid-request");

    assertThat(refused.at("/detail")).contains(named).doesNotContain("java");
    assertThat(node.get(batch).header("ETag")).isEqualTo(before.header("ETag"));
  }

  @Test
  void changeOfAnEndedBatchIsToldTheVerdict() {
    String batch = node.opened("{}");
    end(batch, "FAILED");

    Answer refused = patch(batch, "{\"labels\":{\"a\":\"b\"}}").isProblem(409, "batch-ended");

    assertThat(refused.at("/verdict/status")).isEqualTo("FAILED");
    patch(batch, "{}", "Audit-Run", "2").isProblem(409, "stale-run");
    patch(Node.fresh(), "{}").isProblem(404, "not-found");
    patch(batch, "{", "Content-Type", "application/json").isProblem(400, "malformed-json");
    patch(batch, "{}", "Content-Type", "text/plain").isProblem(415, "unsupported-media-type");
  }

  @Test
  void parentsTagMovesWithItsSubBatches() {
    String parent = node.opened("{}");
    String id = parent.substring(parent.lastIndexOf('/') + 1);
    String child = node.opened("{\"parent\":\"" + id + "\"}");
    Answer before = node.get(parent);

    node.events(child, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":5}\n").is(200);

    Answer after = node.get(parent);
    assertThat(after.header("ETag")).isNotEqualTo(before.header("ETag"));
    assertThat(after.at("/totals/rows")).isEqualTo("5");
    assertThat(after.at("/version")).isEqualTo(before.at("/version"));
    assertThat(node.get(parent, "If-None-Match", after.header("ETag")).status()).isEqualTo(304);
  }

  @Test
  void batchesAreListedByTheirFlags() {
    String flagged =
        "{\"table\":\"flags\",\"limits\":{\"progress\":{\"after\":\"PT0.01S\",\"action\":\"flag\"},"
            + "\"idle\":\"PT1H\",\"operation\":\"PT1H\"}}";
    String stalled = node.opened(flagged);
    String ended = node.opened(flagged);
    String moving = node.opened("{\"table\":\"flags\"}");
    for (String batch : List.of(stalled, ended, moving)) {
      node.events(batch, STARTED).is(200);
    }
    end(ended, "FAILED");
    Mono.fromSupplier(() -> node.get(stalled).at("/flags/0"))
        .subscribeOn(Schedulers.boundedElastic())
        .filter("stalled"::equals)
        .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(10)))
        .block(Duration.ofSeconds(20));
    String list = "/api/v1/batches?table=flags";

    assertThat(ids(node.get(list + "&flag=stalled"))).containsExactly(stalled);
    assertThat(ids(node.get(list + "&flag=silent,Stalled&open=true"))).containsExactly(stalled);
    assertThat(ids(node.get(list + "&flag=silent"))).isEmpty();
    assertThat(ids(node.get(list + "&flag=stalled&open=false"))).isEmpty();
    assertThat(ids(node.get(list + "&flag=stalled&status=FAILED"))).isEmpty();
    assertThat(ids(node.get(list))).containsExactly(moving, ended, stalled);
    Answer refused = node.get(list + "&flag=slow");
    assertThat(refused.status()).isBetween(400, 422);
    assertThat(refused.at("/detail")).contains("flag", "slow", "stalled");
  }

  private static List<String> ids(Answer page) {
    return page.is(200).items("id").stream().map(id -> "/api/v1/batches/" + id).toList();
  }
}
