package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.fileaudit.api.json.AuditJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents in by HTTP, one, in batches and line by line, as their own SDK writes them. */
class CloudEventCallsTest {
  private static final String ONE = "application/cloudevents+json";
  private static final String BATCH = "application/cloudevents-batch+json";
  private static final JsonFormat FORMAT = new JsonFormat();

  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static CloudEventBuilder completed(String id, String file) {
    return CloudEventBuilder.v1()
        .withSource(URI.create("https://loads.example.org/workers?host=w3"))
        .withId(id)
        .withType("io.fileaudit.file.completed")
        .withSubject(file)
        .withTime(OffsetDateTime.parse("2026-01-23T14:00:00.123+01:00"))
        .withExtension("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .withExtension("sampledrate", 5)
        .withData("application/json", "{\"rows\":10}".getBytes(StandardCharsets.UTF_8));
  }

  private static String json(CloudEvent event) {
    return new String(FORMAT.serialize(event), StandardCharsets.UTF_8);
  }

  private static Answer post(String batch, String type, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("Content-Type", type));
    return node.send("POST", batch + "/events", body, all.toArray(String[]::new));
  }

  private static List<String> events(String batch) {
    return node.get(batch + "/ledger")
        .is(200)
        .body()
        .lines()
        .map(row -> AuditJson.strict().readTree(row).path("event").toString())
        .toList();
  }

  @Test
  void oneEventOfTheSdkIsTakenAsThePlainEventThatItCarries() {
    String batch = node.opened("");

    Answer answer = post(batch, ONE + "; charset=UTF-8", json(completed("1", "a").build()));

    assertThat(answer.is(200).at("/accepted")).isEqualTo("1");
    assertThat(node.get(batch + "/ledger").body())
        .contains(
            "\"event\":{\"at\":\"2026-01-23T14:00:00.123+01:00\",\"file\":\"a\","
                + "\"id\":\"https://loads.example.org/workers?host=w3 1\",\"rows\":10,"
                + "\"type\":\"COMPLETED\"}")
        .doesNotContain("traceparent");
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("10");
  }

  @Test
  void batchOfTheSdkIsTakenElementByElement() {
    String batch = node.opened("");
    String elements =
        List.of(completed("1", "a"), completed("2", "b"), completed("3", "c")).stream()
            .map(event -> json(event.build()))
            .collect(Collectors.joining(",\n", "[", "]"));

    assertThat(post(batch, BATCH, elements).is(200).at("/accepted")).isEqualTo("3");
    assertThat(post(batch, BATCH, "[]").is(200).at("/accepted")).isEqualTo("0");
    assertThat(node.get(batch).at("/totals/files/completed")).isEqualTo("3");
  }

  @Test
  void linesMayBePlainOrCloudEventsBesideEachOther() {
    String batch = node.opened("");
    String lines =
        "{\"type\":\"STARTED\",\"file\":\"a\",\"id\":\"s\"}\n"
            + json(completed("1", "a").build())
            + "\n"
            + json(completed("2", "b").withType("com.example.anything").build())
            + "\n{\"type\":\"COMPLETED\",\"file\":\"c\",\"rows\":1,\"id\":\"c\"}\n";

    Answer answer = node.events(batch, lines).is(200);

    assertThat(answer.at("/accepted")).isEqualTo("3");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("3");
    assertThat(answer.at("/refusals/0/detail"))
        .contains("com.example.anything")
        .contains("completed, failed");
    assertThat(node.get(batch).at("/totals/files/completed")).isEqualTo("2");
  }

  @Test
  void binaryDataOfTheSdkIsReadWhereItIsJson() {
    String batch = node.opened("");
    byte[] data = "{\"rows\":7,\"file\":\"é\"}".getBytes(StandardCharsets.UTF_8);
    CloudEvent event = completed("1", "s").withData("application/json", data).build();
    JsonFormat packing = FORMAT.withForceJsonDataToBase64();
    String base64 = new String(packing.serialize(event), StandardCharsets.UTF_8);
    assertThat(base64).contains("data_base64");

    assertThat(post(batch, ONE, base64).is(200).at("/accepted")).isEqualTo("1");
    assertThat(node.get(batch + "/files").at("/items/0/file")).isEqualTo("é");
  }

  @Test
  void repeatIsADuplicateAndOtherContentAConflict() {
    String batch = node.opened("");
    String first = json(completed("1", "a").build());
    post(batch, ONE, first).is(200);

    Answer again = post(batch, BATCH, "[" + first + "]").is(200);
    Answer other = post(batch, ONE, json(completed("1", "b").build()));
    Answer elsewhere =
        post(
            batch,
            ONE,
            json(completed("1", "a").withSource(URI.create("urn:example:other")).build()));

    assertThat(again.at("/duplicates")).isEqualTo("1");
    other.isProblem(409, "key-conflict");
    assertThat(elsewhere.is(200).at("/accepted")).isEqualTo("1");
  }

  @Test
  void sameFactIsTheSameAccountInEitherForm() {
    String carried = node.opened("");
    String plain = node.opened("");
    post(carried, ONE, json(completed("1", "a").build())).is(200);
    node.events(
            plain,
            "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":10,\"at\":\"2026-01-23T14:00:00.123+01:00\","
                + "\"id\":\"https://loads.example.org/workers?host=w3 1\"}\n")
        .is(200);

    assertThat(events(carried)).isEqualTo(events(plain)).hasSize(1);
    assertThat(node.get(carried + "/files").body()).isEqualTo(node.get(plain + "/files").body());
    assertThat(post(plain, ONE, json(completed("1", "a").build())).is(200).at("/duplicates"))
        .isEqualTo("1");
  }

  @Test
  void badOnesAreNamedAndTheirNeighboursAreTaken() {
    String batch = node.opened("");
    String good = json(completed("1", "a").build());
    String old = json(completed("2", "b").build()).replace("\"1.0\"", "\"0.3\"");
    String plain = "{\"type\":\"COMPLETED\",\"file\":\"c\"}";

    Answer answer = post(batch, BATCH, "[" + old + "," + good + "," + plain + "]").is(200);

    assertThat(answer.at("/accepted")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/line")).isEqualTo("1");
    assertThat(answer.at("/refusals/0/detail"))
        .isEqualTo("specversion is \"0.3\", expected \"1.0\"");
    assertThat(answer.at("/refusals/1/line")).isEqualTo("3");
    assertThat(answer.at("/refusals/1/detail")).contains("specversion is missing");
  }

  @Test
  void refusedOneIsOffTheAccountOnceItCameRight() {
    String batch = node.opened("");
    String right = json(completed("1", "a").build());
    post(batch, ONE, right.replace("\"rows\":10", "\"rows\":-1")).isProblem(422, "invalid-event");
    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("1");

    post(batch, ONE, right).is(200);

    assertThat(node.get(batch).at("/totals/refused")).isEqualTo("0");
  }

  @Test
  void refusedOneIsReplayedAsItCame() {
    String batch = node.opened("{\"max_rejected_rows\":1}");
    String ended = batch + "/status";
    node.send("PUT", ended, "{\"status\":\"FAILED\"}", "Content-Type", "application/json").is(200);
    post(batch, ONE, json(completed("1", "a").build())).isProblem(409, "batch-ended");
    node.send("PUT", ended, "{\"status\":\"RUNNING\"}", "Audit-Run", "1").is(200);

    Answer replayed = node.send("POST", batch + "/rejected/replay", "", "Audit-Run", "2");

    assertThat(replayed.is(200).at("/accepted")).isEqualTo("1");
    assertThat(
            post(batch, ONE, json(completed("1", "a").build()), "Audit-Run", "2").at("/duplicates"))
        .isEqualTo("1");
  }

  @Test
  void positionsOfAProducerAreReadInData() {
    String batch = node.opened("");
    byte[] data = "{\"rows\":1,\"position\":5}".getBytes(StandardCharsets.UTF_8);

    post(
            batch,
            ONE,
            json(completed("1", "a").withData("application/json", data).build()),
            "Audit-Producer",
            "loader-1")
        .is(200);

    assertThat(node.get(batch + "/producers").at("/items/0/position")).isEqualTo("5");
  }

  @Test
  void batchIsOpenedAndEndedByCloudEventsAlone() {
    String batch = Node.fresh();
    CloudEventBuilder about = completed("0", "a").withoutData();
    String lines =
        json(
                about
                    .withId("o")
                    .withType("io.fileaudit.batch.opened")
                    .withData(
                        "application/json", "{\"table\":\"t\"}".getBytes(StandardCharsets.UTF_8))
                    .build())
            + "\n"
            + json(completed("1", "a").build())
            + "\n"
            + json(
                completed("e", "a")
                    .withType("io.fileaudit.batch.ended")
                    .withData(
                        "application/json",
                        "{\"status\":\"COMPLETED\"}".getBytes(StandardCharsets.UTF_8))
                    .build())
            + "\n";

    assertThat(node.events(batch, lines).is(200).at("/status")).isEqualTo("COMPLETED");
  }

  @Test
  void packedBodiesAreUnpacked() throws IOException {
    String batch = node.opened("");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(("[" + json(completed("1", "a").build()) + "]").getBytes(StandardCharsets.UTF_8));
    }

    Answer answer =
        node.send(
            "POST",
            batch + "/events",
            packed.toByteArray(),
            "Content-Type",
            BATCH,
            "Content-Encoding",
            "gzip");

    assertThat(answer.is(200).at("/accepted")).isEqualTo("1");
  }

  /** The first two JSON examples of that chapter: what is sent, and what is kept. */
  @Test
  void exampleOfTheGuideIsKeptAsItSays() throws IOException {
    String chapter =
        Files.readString(Path.of("../docs/wire.md")).split("\n### CloudEvents\n", 2)[1];
    String[] examples = chapter.split("```json\n|```\n");
    String batch = node.opened("");

    post(batch, ONE, examples[1]).is(200);

    assertThat(events(batch)).containsExactly(AuditJson.strict().readTree(examples[3]).toString());
  }

  @Test
  void lineIsBounded() {
    String batch = node.opened("");
    String long1 = json(completed("1", "x".repeat(65_536)).build());

    post(batch, ONE, long1).isProblem(413, "too-large");
  }

  /** Each in structured mode, and what the answer names. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"specversion\":\"1.0\"|\"specversion\":\"0.3\"|specversion is \"0.3\", expected \"1.0\"",
        "\"id\":\"1\"|\"n\":\"1\"|id is missing",
        "\"source\":\"https://loads.example.org/workers?host=w3\"|\"source\":\"\"|source is \"\"",
        "{\"rows\":10}|\"rows\"|data is \"rows\", expected an object",
        "{\"rows\":10}|{},\"data_base64\":\"e30=\"|data and data_base64 are both there",
        "\"data\":{\"rows\":10}|\"data_base64\":\"!!\"|data_base64 is \"!!\"",
        "{\"rows\":10}|{\"type\":\"FAILED\"}|expected the same word",
        "\"traceparent\"|\"traceParent\"|\"traceParent\" is expected to be named"
      })
  void wrongOneIsRefusedByName(String right, String wrong, String detail) {
    String batch = node.opened("");
    String event = json(completed("1", "a").build());
    assertThat(event).contains(right);

    Answer answer = post(batch, ONE, event.replace(right, wrong));

    assertThat(answer.isProblem(422, "invalid-event").at("/detail")).contains(detail);
  }

  @Test
  void modesAreNotTakenForEachOther() {
    String batch = node.opened("");
    String event = json(completed("1", "a").build());

    assertThat(post(batch, ONE, " [" + event + "]").isProblem(422, "invalid-request").at("/detail"))
        .contains("one CloudEvent");
    assertThat(post(batch, BATCH, " " + event).isProblem(422, "invalid-request").at("/detail"))
        .contains("an array");
    assertThat(node.get(batch).at("/totals/events")).isEqualTo("0");
  }

  @Test
  void binaryModeIsRefusedRatherThanReadWithoutItsAttributes() {
    String batch = node.opened("");

    Answer answer =
        post(
            batch,
            "application/json",
            "{\"type\":\"COMPLETED\",\"file\":\"a\"}",
            "ce-specversion",
            "1.0",
            "ce-id",
            "1");

    assertThat(answer.isProblem(400, "bad-request").at("/detail")).contains("structured");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/cloudevents", "application/cloudevents+avro", "text/plain"})
  void otherFormsAreNamedAsNotUnderstood(String type) {
    Answer answer = post(node.opened(""), type, json(completed("1", "a").build()));

    assertThat(answer.isProblem(415, "unsupported-media-type").at("/detail"))
        .contains("application/cloudevents+json")
        .contains("application/cloudevents-batch+json")
        .contains("application/x-ndjson");
  }
}
