package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Events of OpenLineage over HTTP: what is answered, and what becomes of their runs. */
class LineageCallsTest {
  private static final String LINEAGE = "/api/v1/lineage";
  private static final String BATCH = "/api/v1/lineage/batch";
  private static final String JSON = "application/json";

  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String event(UUID run, String state, String inputs) {
    return """
        {"eventType":"%s","eventTime":"2026-11-01T10:00:00Z","producer":"https://example.org",
         "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
         "run":{"runId":"%s"},"job":{"namespace":"airflow","name":"load"},"inputs":[%s],"outputs":[]}"""
        .formatted(state, run, inputs);
  }

  private static String input(String name, long rows) {
    return "{\"namespace\":\"s3://b\",\"name\":\"%s\",\"inputFacets\":{\"inputStatistics\":{\"rowCount\":%d}}}"
        .formatted(name, rows);
  }

  private static Answer post(String path, String body, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = JSON;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return node.send("POST", path, body, all);
  }

  private static Answer batch(UUID run) {
    return node.get("/api/v1/batches/" + run);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  @Test
  void eventIsAnsweredCreatedWithNothingElse() {
    UUID run = UUID.randomUUID();

    Answer started = post(LINEAGE, event(run, "START", input("a", 1)));
    Answer ended = post(LINEAGE, event(run, "COMPLETE", input("a", 7)));

    assertThat(started.status()).isEqualTo(201);
    assertThat(started.body()).isEmpty();
    assertThat(ended.status()).isEqualTo(201);
    assertThat(batch(run).at("/status")).isEqualTo("COMPLETED");
    assertThat(batch(run).at("/totals/rows")).isEqualTo("7");
    assertThat(batch(run).at("/table")).isEqualTo("load");
  }

  @Test
  void sameEventAgainIsAnsweredAlikeAndChangesNothing() {
    UUID run = UUID.randomUUID();
    String event = event(run, "COMPLETE", input("a", 7));
    post(LINEAGE, event);
    String before = batch(run).at("/version");

    assertThat(post(LINEAGE, event).status()).isEqualTo(201);

    assertThat(batch(run).at("/version")).isEqualTo(before);
    assertThat(batch(run).at("/totals/events")).isEqualTo("1");
  }

  @Test
  void packedEventIsTaken() throws IOException {
    UUID run = UUID.randomUUID();

    Answer answer =
        node.send(
            "POST",
            LINEAGE,
            gzip(event(run, "START", "")),
            "Content-Type",
            JSON,
            "Content-Encoding",
            "gzip");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(batch(run).at("/status")).isEqualTo("RUNNING");
  }

  @Test
  void eventOfMegabytesIsTakenAndOneThatIsLargerRefused() {
    UUID run = UUID.randomUUID();
    String event = event(run, "START", "");
    String large =
        event.replace(
            "\"producer\"", "\"plan\":\"" + "x".repeat(7 * 1024 * 1024) + "\",\"producer\"");

    assertThat(post(LINEAGE, large).status()).isEqualTo(201);
    assertThat(batch(run).at("/status")).isEqualTo("RUNNING");
    post(LINEAGE, large.replace("\"plan\":\"", "\"plan\":\"" + "x".repeat(2 * 1024 * 1024)))
        .isProblem(413, "too-large");
  }

  @Test
  void whatIsNotAboutARunIsPassedOver() {
    String job =
        "{\"eventTime\":\"2026-11-01T10:00:00Z\",\"producer\":\"p\",\"job\":{\"namespace\":\"n\",\"name\":\"j\"}}";

    assertThat(post(LINEAGE, job).status()).isEqualTo(201);
  }

  @Test
  void wrongEventIsRefusedByName() {
    UUID run = UUID.randomUUID();

    assertThat(post(LINEAGE, event(run, "DONE", "")).isProblem(422, "invalid-event").at("/detail"))
        .contains("eventType is \"DONE\"");
    assertThat(
            post(LINEAGE, event(run, "START", "").replace(run.toString(), "7"))
                .isProblem(422, "invalid-event")
                .at("/detail"))
        .contains("run.runId is \"7\", expected a UUID");
    post(LINEAGE, "{\"eventType\":").isProblem(400, "malformed-json");
    post(LINEAGE, "").isProblem(400, "malformed-json");
    post(LINEAGE, "[]").isProblem(422, "invalid-event");
    node.send("POST", LINEAGE, "x", "Content-Type", "text/plain")
        .isProblem(415, "unsupported-media-type");
    String ahead = Instant.now().plus(1, ChronoUnit.DAYS).toString();
    assertThat(
            post(LINEAGE, event(run, "START", "").replace("2026-11-01T10:00:00Z", ahead))
                .isProblem(422, "invalid-event")
                .at("/detail"))
        .contains("eventTime");
    batch(run).isProblem(404, "not-found");
  }

  @Test
  void manyEventsThatAllPassAreAnsweredWithNothing() {
    List<UUID> runs = List.of(UUID.randomUUID(), UUID.randomUUID());
    String all =
        runs.stream()
            .map(run -> event(run, "COMPLETE", input("a", 3)) + "," + event(run, "START", ""))
            .collect(Collectors.joining(",", "[", "]"));

    Answer answer = post(BATCH, all);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(runs).allMatch(run -> batch(run).at("/status").equals("COMPLETED"));
    assertThat(post(BATCH, "[]").status()).isEqualTo(204);
  }

  @Test
  void eventsThatFailAreNamedAndSpoilNoOther() {
    UUID run = UUID.randomUUID();
    String all =
        "[%s,7,%s,%s]"
            .formatted(
                event(run, "START", ""), event(run, "DONE", ""), event(run, "FAIL", input("a", 3)));

    Answer answer = post(BATCH, all).is(200);

    assertThat(answer.at("/status")).isEqualTo("partial_success");
    assertThat(answer.json().at("/summary").toString())
        .isEqualTo(
            "{\"received\":4,\"successful\":2,\"failed\":2,\"retriable\":0,\"non_retriable\":2}");
    assertThat(answer.at("/failed_events/0/index")).isEqualTo("1");
    assertThat(answer.at("/failed_events/0/reason")).contains("expected an object");
    assertThat(answer.at("/failed_events/1/index")).isEqualTo("2");
    assertThat(answer.at("/failed_events/1/reason")).contains("eventType");
    assertThat(answer.at("/failed_events/1/retriable")).isEqualTo("false");
    assertThat(batch(run).at("/status")).isEqualTo("FAILED");
    assertThat(post(BATCH, "[1]").is(200).at("/status")).isEqualTo("failure");
  }

  @Test
  void manyHasToBeAnArrayOfBoundedLength() {
    post(BATCH, event(UUID.randomUUID(), "START", "")).isProblem(422, "invalid-request");
    post(BATCH, "[" + "1,".repeat(1_000) + "1]").isProblem(413, "too-large");
  }

  @Test
  void runsOfAnotherNamespaceAreTheirOwn() {
    UUID run = UUID.randomUUID();
    String other = node.key("other", "ingest,read", "other");

    node.sendWithout(
        "POST",
        LINEAGE,
        event(run, "FAIL", ""),
        "Authorization",
        "Bearer " + other,
        "Content-Type",
        JSON);
    post(LINEAGE, event(run, "START", ""));

    assertThat(batch(run).at("/status")).isEqualTo("RUNNING");
    assertThat(batch(run).at("/namespace")).isEqualTo("default");
  }
}
