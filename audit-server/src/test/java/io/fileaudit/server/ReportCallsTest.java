package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What did not arrive, what failed, what was loaded before, and how tables stand, over HTTP. */
class ReportCallsTest {
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String fresh() {
    return "t-" + UUID.randomUUID();
  }

  private static String load(String table) {
    return node.opened("{\"table\":\"%s\",\"period\":\"2024-05\"}".formatted(table));
  }

  private static void send(String batch, String... lines) {
    node.events(batch, String.join("\n", lines)).is(200);
  }

  private static String completed(String file, String more) {
    return "{\"type\":\"COMPLETED\",\"file\":\"%s\",\"rows\":5%s}".formatted(file, more);
  }

  private static String end(String batch, String status) {
    return node.send("PUT", batch + "/status", "{\"status\":\"" + status + "\"}")
        .is(200)
        .at("/status");
  }

  @Test
  void reconciliationNamesWhatDiffers() {
    String batch =
        node.opened(
            "{\"expected\":{\"files\":[{\"file\":\"a\",\"rows\":9},{\"file\":\"b\"},{\"file\":\"c\"}]}}");
    send(batch, completed("a", ""), completed("=d", ",\"checksum\":\"x:1\""), completed("c", ""));

    Answer all = node.get(batch + "/reconciliation").is(200);
    Answer missing = node.get(batch + "/reconciliation?finding=Missing").is(200);
    Answer csv = node.get(batch + "/reconciliation", "Accept", "text/csv").is(200);
    Answer lines = node.get(batch + "/reconciliation", "Accept", Node.NDJSON).is(200);

    assertThat(all.items("file")).containsExactly("=d", "a", "b");
    assertThat(all.json().at("/items/1/findings").toString()).isEqualTo("[\"short\"]");
    assertThat(all.json().at("/items/1/expected_rows").asInt()).isEqualTo(9);
    assertThat(missing.items("file")).containsExactly("b");
    assertThat(csv.body().lines())
        .hasSize(4)
        .element(1)
        .isEqualTo("'=d,unexpected,COMPLETED,5,,x:1,,,,,");
    assertThat(lines.body().lines()).hasSize(3);
    Answer first = node.get(batch + "/reconciliation?page_size=2").is(200);
    Answer rest = node.get(batch + "/reconciliation?cursor=" + first.at("/next")).is(200);
    assertThat(rest.items("file")).containsExactly("b");
    assertThat(end(batch, "COMPLETED")).isEqualTo("INCOMPLETE");
  }

  @Test
  void reconciliationOfManyFilesComesInPiecesOfThem() {
    String batch = node.opened("{\"expected\":{\"files\":[{\"file\":\"f9999\"}]}}");
    StringBuilder lines = new StringBuilder();
    for (int i = 1000; i < 5500; i++) {
      String checksum = i % 1500 == 0 ? ",\"checksum\":\"x:1\"" : "";
      lines
          .append(
              "{\"type\":\"EXPECTED\",\"file\":\"f" + i + "\"}\n" + completed("f" + i, checksum))
          .append('\n');
    }
    send(batch, lines.toString());

    List<String> found = new ArrayList<>();
    String next = "";
    int pages = 0;
    do {
      Answer page = node.get(batch + "/reconciliation?page_size=2" + next).is(200);
      found.addAll(page.items("file"));
      next = page.json().at("/next").isNull() ? "" : "&cursor=" + page.at("/next");
      pages++;
    } while (!next.isEmpty());

    assertThat(found).containsExactly("f1500", "f3000", "f4500", "f9999");
    assertThat(pages).as("of 2,000 files").isEqualTo(3);
    assertThat(node.get(batch + "/reconciliation?finding=missing").is(200).items("file"))
        .containsExactly("f9999");
  }

  @Test
  void failuresAreGrouped() {
    String batch = node.opened("");
    String failed = "{\"type\":\"FAILED\",\"file\":\"%s\",\"error\":{\"code\":\"bad-date\"}}";
    send(batch, failed.formatted("a"), failed.formatted("b"));

    Answer groups = node.get(batch + "/failures").is(200);

    assertThat(groups.items("code")).containsExactly("bad-date");
    assertThat(groups.json().at("/items/0/files").asInt()).isEqualTo(2);
    assertThat(groups.json().at("/items/0/sample/file").asString()).isEqualTo("a");
  }

  @Test
  void fileIsFoundOverBatches() {
    String name = fresh();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String batch = load("history");
      send(batch, completed(name, ",\"checksum\":\"x:" + name + "\""));
      ids.add(0, batch.substring(batch.lastIndexOf('/') + 1));
    }

    Answer first = node.get("/api/v1/files?page_size=2&file=" + name).is(200);
    Answer rest = node.get("/api/v1/files?file=" + name + "&cursor=" + first.at("/next")).is(200);
    Answer same = node.get("/api/v1/files?checksum=x:" + name).is(200);

    List<String> paged = new ArrayList<>(first.items("batch"));
    paged.addAll(rest.items("batch"));
    assertThat(paged).containsExactlyElementsOf(ids);
    assertThat(same.items("batch")).containsExactlyElementsOf(ids);
    assertThat(same.json().at("/items/0/manifest/rows").asInt()).isEqualTo(5);
    assertThat(node.get("/api/v1/files?file=nobody").is(200).items("batch")).isEmpty();
  }

  @Test
  void completedRerunStandsBeforeTheFailedLoad() {
    String table = fresh();
    String path = "/api/v1/tables/" + table + "/periods/2024-05";
    node.get(path).isProblem(404, "not-found");
    String failed = load(table);
    send(failed, completed("a", ""));
    end(failed, "FAILED");
    assertThat(node.get(path).is(200).at("/audit/status")).isEqualTo("FAILED");

    String rerun = load(table);
    send(rerun, completed("b", ""));
    assertThat(node.get(path).at("/audit/status")).isEqualTo("RUNNING");
    end(rerun, "COMPLETED");

    Answer report = node.get(path).is(200);
    assertThat(report.at("/audit/status")).isEqualTo("COMPLETED");
    assertThat(report.json().at("/files/completed").asInt()).isEqualTo(2);
    assertThat(report.json().at("/history").size()).isEqualTo(2);
    Answer tables = node.get("/api/v1/tables?table=" + table).is(200);
    assertThat(tables.items("status")).containsExactly("COMPLETED");
    assertThat(node.get("/api/v1/tables?status=failed&table=" + table).items("table")).isEmpty();
  }

  @Test
  void gateIsAnsweredWhenTheLoadEnds() throws Exception {
    String table = fresh();
    String path = "/api/v1/tables/" + table + "/periods/2024-05?wait=PT15S";
    CompletableFuture<Answer> gate = CompletableFuture.supplyAsync(() -> node.get(path));
    String batch = load(table);
    send(batch, completed("a", ""));
    end(batch, "COMPLETED");

    assertThat(gate.get(20, TimeUnit.SECONDS).is(200).at("/audit/status")).isEqualTo("COMPLETED");
    assertThat(node.get("/api/v1/tables/none/periods/p?wait=PT0.1S").status()).isEqualTo(404);
  }

  @Test
  void snapshotIsAnsweredWhenItChanges() throws Exception {
    String batch = node.opened("");
    Answer before = node.get(batch).is(200);
    String tag = before.header("ETag");
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(() -> node.get(batch + "?wait=PT15S", "If-None-Match", tag));
    send(batch, completed("a", ""));

    Answer changed = waiting.get(20, TimeUnit.SECONDS).is(200);

    assertThat(changed.header("ETag")).isNotEqualTo(tag);
    node.get(batch + "?wait=PT0.2S", "If-None-Match", changed.header("ETag")).is(304);
    assertThat(node.get(batch + "?wait=PT15S", "If-None-Match", tag).is(200).at("/status"))
        .as("it has changed already")
        .isEqualTo("RUNNING");
    end(batch, "COMPLETED");
    assertThat(node.get(batch + "?wait=PT60S").is(200).at("/status"))
        .as("ended, so there is nothing to wait for")
        .isEqualTo("COMPLETED");
  }

  @Test
  void summaryCountsAPeriod() {
    String period = "p-" + UUID.randomUUID();
    String batch = node.opened("{\"table\":\"s\",\"period\":\"" + period + "\"}");
    send(batch, completed("a", ""));

    Answer summary = node.get("/api/v1/summary?period=" + period).is(200);

    assertThat(summary.json().at("/batches/RUNNING").asInt()).isEqualTo(1);
    assertThat(summary.json().at("/tables/RUNNING").asInt()).isEqualTo(1);
    assertThat(summary.json().at("/files/rows").asInt()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/files,file or checksum",
    "/api/v1/files?file=a&checksum=b,file or checksum",
    "/api/v1/files?file=a&cursor=x,cursor",
    "/api/v1/tables?status=done,status",
    "/api/v1/tables?cursor=x,cursor",
    "/api/v1/tables/t/periods/p?wait=soon,wait",
    "/api/v1/tables/t/periods/p?wait=PT2M,PT1M",
    "/api/v1/tables/t/periods/p?wait=-PT1S,wait",
  })
  void whatCannotBeReadIsNamed(String path, String named) {
    assertThat(node.get(path).isProblem(400, "bad-request").at("/detail")).contains(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reconciliation?finding=lost", "reconciliation?cursor=x", "?wait=x"})
  void whatCannotBeReadOfABatchIsNamed(String below) {
    String batch = node.opened("");
    String path = batch + (below.startsWith("?") ? "" : "/") + below;
    node.get(path).isProblem(400, "bad-request");
  }

  @Test
  void unknownFindingIsNamedWithThoseThatThereAre() {
    Answer refused = node.get(node.opened("") + "/reconciliation?finding=lost");
    assertThat(refused.isProblem(400, "bad-request").at("/detail"))
        .contains("\"lost\"", "missing, short");
  }
}
