package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Flagging;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.hook.HookEvents;
import io.fileaudit.core.record.MemoryRecordLog;
import io.fileaudit.core.record.Outgoing;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.HookNotice;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.StatusChange;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.server.EventStream.Event;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The description of messages is valid, and says what is really written and read. */
@Timeout(120)
class AsyncApiTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String IN = "audit.file-events.v1";
  private static final MemoryRecordLog log = new MemoryRecordLog(IN);
  private static Node node;
  private static JsonNode description;
  private static JsonNode calls;

  @BeforeAll
  static void start() {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    log.topics().make(IN, 1);
    node =
        Node.start(
            store,
            store,
            new NodeParts.Records(log, store.outbox()),
            "AUDIT_KAFKA",
            "memory:1",
            "AUDIT_PUBLIC_URL",
            "https://audit.example/");
    description = yaml("/api/v1/asyncapi.yaml");
    calls = yaml("/api/v1/openapi.yaml");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static JsonNode yaml(String path) {
    Map<String, Object> read = new Yaml().load(node.sendWithout("GET", path, "").is(200).body());
    return AuditJson.lenient().valueToTree(read);
  }

  private static List<Error> errors(JsonNode schema, JsonNode value) {
    ObjectNode whole = schema.asObject().deepCopy();
    whole.set("components", description.path("components"));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
        .getSchema(whole)
        .validate(value, context -> context.executionConfig(c -> c.formatAssertionsEnabled(true)));
  }

  private static JsonNode message(String name) {
    JsonNode message = description.at("/components/messages/" + name);
    assertThat(message.isMissingNode()).as(name).isFalse();
    return message;
  }

  private static void assertFits(String name, JsonNode headers, JsonNode payload) {
    JsonNode message = message(name);
    assertThat(errors(message.path("payload"), payload)).as("%s: %s", name, payload).isEmpty();
    if (message.has("headers")) {
      assertThat(errors(message.path("headers"), headers)).as("%s: %s", name, headers).isEmpty();
    }
  }

  private static JsonNode json(Object value) {
    return AuditJson.lenient().valueToTree(value);
  }

  /** A record as it came from a log. */
  private static void assertFits(String name, Outgoing sent) {
    assertFits(name, json(sent.headers()), AuditJson.lenient().readTree(sent.value()));
  }

  /** An event of a feed. */
  private static void assertFits(Event event) {
    String kind = event.event();
    Map<String, String> frame = new HashMap<>(Map.of("event", kind));
    if (event.id() != null) {
      frame.put("id", event.id());
    }
    assertFits(
        "feed" + kind.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + kind.substring(1),
        json(frame),
        Objects.requireNonNull(event.data()));
  }

  @Test
  void descriptionIsOfAsyncApi() throws IOException {
    try (InputStream file = AsyncApiTest.class.getResourceAsStream("asyncapi-3.0.0.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(AuditJson.lenient().readTree(file));

      assertThat(schema.validate(description)).isEmpty();
    }
  }

  @Test
  void referencesLeadSomewhereAndNothingIsDescribedThatNobodyUses() {
    Set<String> used = new TreeSet<>();
    for (JsonNode reference : description.findValues("$ref")) {
      String pointer = reference.asString().substring(1);
      assertThat(description.at(pointer).isMissingNode()).as(pointer).isFalse();
      used.add(pointer);
    }
    for (String kind : List.of("schemas", "messages")) {
      for (String name : description.path("components").path(kind).propertyNames()) {
        assertThat(used).contains("/components/" + kind + "/" + name);
      }
    }
  }

  @Test
  void everyExampleFitsItsMessage() {
    int examples = 0;
    for (Map.Entry<String, JsonNode> message :
        description.at("/components/messages").properties()) {
      assertThat(message.getValue().path("examples").size()).as(message.getKey()).isPositive();
      for (JsonNode example : message.getValue().path("examples")) {
        assertFits(message.getKey(), example.path("headers"), example.path("payload"));
        examples++;
      }
    }
    assertThat(examples).isGreaterThan(12);
  }

  /** An example with a change in it must not fit, else the schemas say nothing. */
  @Test
  void whatIsNoSuchMessageDoesNotFit() {
    JsonNode status = message("status").at("/examples/0/payload");
    ObjectNode other = status.asObject().deepCopy().put("type", "io.fileaudit.batch.gone");
    ObjectNode late = status.asObject().deepCopy().put("time", "yesterday");
    ObjectNode poor = status.asObject().deepCopy();
    poor.remove("id");

    for (JsonNode wrong : List.of(other, late, poor)) {
      assertThat(errors(message("status").path("payload"), wrong)).as("%s", wrong).isNotEmpty();
    }
  }

  @Test
  void topicsAreThoseOfTheSettings() {
    assertThat(description.at("/channels/fileEvents/address").asString())
        .isEqualTo(Setting.AUDIT_KAFKA_EVENTS.standard());
    assertThat(description.at("/channels/deadLetters/address").asString())
        .isEqualTo(Setting.AUDIT_KAFKA_DEAD_LETTERS.standard());
    assertThat(description.at("/channels/batchStatus/address").asString())
        .isEqualTo(Setting.AUDIT_KAFKA_STATUS.standard());
    assertThat(
            description
                .at("/operations/receiveFileEvents/bindings/kafka/groupId/default")
                .asString())
        .isEqualTo(Setting.AUDIT_KAFKA_GROUP.standard());
  }

  /** The same feeds as the description of calls has, with the same parameters. */
  @Test
  void feedsAreThoseOfTheCalls() {
    Set<String> feeds = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : calls.path("paths").properties()) {
      if (path.getValue().at("/get/responses/200/content").has(Node.EVENTS)) {
        feeds.add(path.getKey());
      }
    }
    Set<String> described = new TreeSet<>();
    for (JsonNode operation : description.path("operations")) {
      JsonNode http = operation.at("/bindings/http");
      if (http.path("method").asString("").equals("GET")) {
        String channel = operation.at("/channel/$ref").asString().substring(1);
        String address = description.at(channel).path("address").asString();
        described.add(address);
        JsonNode query = description.at(http.at("/query/$ref").asString().substring(1));
        assertThat(query.path("properties").propertyNames())
            .as(address)
            .containsExactlyInAnyOrderElementsOf(parameters(address));
      }
    }

    assertThat(described).isEqualTo(feeds).hasSize(3);
  }

  private static Set<String> parameters(String address) {
    Set<String> names = new TreeSet<>(Set.of("namespace"));
    for (JsonNode each : calls.path("paths").path(address).at("/get/parameters")) {
      JsonNode parameter =
          each.has("$ref") ? calls.at(each.path("$ref").asString().substring(1)) : each;
      if (parameter.path("in").asString().equals("query")) {
        names.add(parameter.path("name").asString());
      }
    }
    return names;
  }

  /** They are written down twice so that each description can be read alone. */
  @Test
  void schemasThatBothDescriptionsHaveAreTheSame() {
    int same = 0;
    for (Map.Entry<String, JsonNode> schema : calls.at("/components/schemas").properties()) {
      JsonNode here = description.at("/components/schemas/" + schema.getKey());
      if (!here.isMissingNode()) {
        assertThat(here).as(schema.getKey()).isEqualTo(schema.getValue());
        same++;
      }
    }
    assertThat(same).isGreaterThan(6);
  }

  private static void put(UUID batch, String value) {
    log.topics()
        .put(
            IN,
            0,
            new Outgoing(
                batch.toString().getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8),
                Map.of()));
  }

  private static List<Outgoing> records(Setting topic, UUID batch) {
    String key = batch.toString();
    return log.topics().records(topic.standard()).stream()
        .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(key))
        .toList();
  }

  @Test
  void examplesAreTakenAndWhatIsToldOfThemFits() {
    UUID batch = UUID.randomUUID();
    List<JsonNode> examples = new ArrayList<>();
    message("event").path("examples").forEach(each -> examples.add(each.path("payload")));
    message("cloudEvent").path("examples").forEach(each -> examples.add(each.path("payload")));
    message("deadLetter").path("examples").forEach(each -> examples.add(each.path("payload")));
    // The one that opens the batch first, the one that ends it last.
    examples.sort(java.util.Comparator.comparingInt(AsyncApiTest::turn));

    for (JsonNode example : examples) {
      put(batch, example.toString().replaceAll("01890a5d-[0-9a-f-]{27}", batch.toString()));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                records(Setting.AUDIT_KAFKA_STATUS, batch).size() == 3
                    && records(Setting.AUDIT_KAFKA_DEAD_LETTERS, batch).size() == 1);

    records(Setting.AUDIT_KAFKA_STATUS, batch).forEach(told -> assertFits("status", told));
    Outgoing dead = records(Setting.AUDIT_KAFKA_DEAD_LETTERS, batch).get(0);
    assertFits("deadLetter", dead);
    assertThat(dead.headers())
        .containsEntry(
            "audit-detail",
            message("deadLetter").at("/examples/0/headers/audit-detail").asString());
    assertThat(node.get("/api/v1/batches/" + batch + "/ledger").body().lines()).hasSize(4);
  }

  private static int turn(JsonNode example) {
    return switch (example.path("type").asString()) {
      case "OPENED" -> 0;
      case "ENDED" -> 2;
      default -> 1;
    };
  }

  private static JsonNode hook(HookEvent event, HookNotice notice) {
    WebhookStore.Claimed claimed =
        new WebhookStore.Claimed(
            1,
            "msg_" + UUID.randomUUID(),
            UUID.randomUUID(),
            new WebhookStore.Target(1, "default", "pager", "https://example.org/", "whsec_"),
            event,
            notice,
            1,
            Duration.ZERO,
            0);
    return AuditJson.lenient().readTree(new HookEvents("https://audit.example.org").json(claimed));
  }

  @Test
  void webhooksTellWhatIsDescribed() {
    Instant at = Instant.parse("2026-11-23T03:12:44Z");
    StatusChange change =
        new StatusChange(
            new BatchKey("default", UUID.randomUUID()),
            BatchSpec.builder().table("empresa").build(),
            Map.of("team", "rfb"),
            1,
            BatchStatus.RUNNING,
            7,
            at,
            null,
            Tally.ZERO,
            3,
            0,
            null);
    TableExpectation expectation =
        new TableExpectation("empresa", "0 6 * * *", "UTC", Duration.ofHours(1), at, "me", at, at);
    JsonNode headers = description.at("/components/messages/webhookStatus/examples/0/headers");

    assertFits("webhookStatus", headers, hook(HookEvent.RUNNING, new HookNotice.OfStatus(change)));
    for (Map.Entry<HookEvent, Flag> flag :
        Map.of(
                HookEvent.SILENT,
                Flag.SILENT,
                HookEvent.STALLED,
                Flag.STALLED,
                HookEvent.OVER_LIMIT,
                Flag.OVER_LIMIT)
            .entrySet()) {
      Flagging.Raised raised =
          new Flagging.Raised(flag.getValue(), LimitName.IDLE, Duration.ofMinutes(30), at);
      assertFits(
          "webhookFlag", headers, hook(flag.getKey(), new HookNotice.OfFlag(change, raised)));
    }
    assertFits(
        "webhookOverdue",
        headers,
        hook(HookEvent.OVERDUE, new HookNotice.OfTable("default", expectation, at)));
    assertFits("webhookTest", headers, hook(HookEvent.TEST, new HookNotice.OfTest(at)));
  }

  @Test
  void feedsTellWhatIsDescribed() throws Exception {
    String batch = node.opened("{\"table\":\"t\"}");
    try (EventStream one = node.feed(batch + "/feed");
        EventStream many = node.feed("/api/v1/feed?table=t");
        EventStream rows = node.feed(batch + "/ledger", "Accept", Node.EVENTS)) {
      assertFits(one.next("snapshot"));
      assertFits(many.next("snapshot"));
      node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\",\"id\":\"1\"}\n").is(200);
      assertFits(one.next("status"));
      assertFits(many.next("status"));
      assertFits(rows.next("row"));
      node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200);
      assertFits(one.next("verdict"));
      assertFits(many.next("verdict"));
      Event decision = rows.next("row");
      assertThat(decision.at("/verdict/status")).isEqualTo("FAILED");
      assertFits(decision);
    }
    try (EventStream behind = node.feed(batch + "/feed", "Last-Event-ID", "900")) {
      assertFits(behind.next("gap"));
    }
    try (EventStream behind = node.feed("/api/v1/feed")) {
      assertFits(behind.next("tick"));
    }
  }

  @Test
  void everyKindOfFeedEventIsInEachFeedThatHasIt() {
    for (String feed : List.of("batchFeed", "batchesFeed", "ledgerFeed")) {
      Set<String> kinds = new TreeSet<>();
      for (JsonNode each : description.at("/channels/" + feed + "/messages")) {
        JsonNode message = description.at(each.path("$ref").asString().substring(1));
        JsonNode frame = description.at(message.at("/headers/$ref").asString().substring(1));
        assertThat(frame.at("/properties/event/const").asString())
            .isEqualTo(message.path("name").asString());
        kinds.add(message.path("name").asString());
      }
      assertThat(kinds)
          .isEqualTo(
              new TreeSet<>(
                  feed.equals("ledgerFeed")
                      ? Set.of("row", "tick", "gap", "closing")
                      : Set.of("snapshot", "status", "verdict", "tick", "gap", "closing")));
    }
  }

  @Test
  void messagesAreShownLocally() {
    Answer page = node.sendWithout("GET", "/ui/asyncapi", "").is(200);

    assertThat(page.header("Content-Type")).startsWith("text/html");
    assertThat(page.header("Content-Security-Policy")).contains("default-src 'self'");
    assertThat(page.body())
        .doesNotContain("<script", "style=", "{{")
        .doesNotContainPattern("(href|src)=\"https?:");
    for (JsonNode channel : description.path("channels")) {
      assertThat(page.body()).contains(">" + channel.path("title").asString() + "</h2>");
    }
    for (String schema : description.at("/components/schemas").propertyNames()) {
      assertThat(page.body()).contains("id=\"schema-" + schema + "\"");
    }
    assertThat(page.body())
        .contains("<code>audit.file-events.v1</code>")
        .contains("webhook-signature")
        .contains("&quot;chekcsum&quot;");
    for (String anchor : page.body().split("href=\"#")) {
      if (anchor.startsWith("schema-") || anchor.startsWith("channel-")) {
        assertThat(page.body()).contains("id=\"" + anchor.substring(0, anchor.indexOf('"')) + "\"");
      }
    }
  }
}
