package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.BatchStatusChange;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.StatusChange;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** What a change of status looks like to those who are told of it. */
class StatusEventsTest {
  private static final UUID BATCH = UUID.fromString("01970000-0000-7000-8000-00000000000a");
  private static final BatchKey KEY = new BatchKey("default", BATCH);
  private static final TreeHead TREE =
      new TreeHead(12, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  private static final Instant AT = Instant.parse("2026-11-23T14:00:00.123456Z");

  private final StatusEvents events = new StatusEvents("https://audit.example.org/");

  private static StatusChange opened(BatchSpec spec) {
    return new StatusChange(
        KEY, spec, spec.labels(), 1, BatchStatus.PENDING, 1, AT, null, Tally.ZERO, 0, 0, null);
  }

  private static StatusChange became(BatchStatus status) {
    return new StatusChange(
        KEY, BatchSpec.builder().build(), Map.of(), 2, status, 7, AT, null, Tally.ZERO, 0, 0, TREE);
  }

  private static String text(Outgoing record) {
    return new String(Objects.requireNonNull(record.value()), StandardCharsets.UTF_8);
  }

  private static JsonNode json(Outgoing record) {
    return AuditJson.strict().readTree(text(record));
  }

  @Test
  void openingIsThisEvent() {
    BatchSpec spec =
        BatchSpec.builder()
            .name("empresa 2025-02")
            .table("empresa")
            .period("2025-02")
            .label("team", "rfb")
            .label("region", "são paulo")
            .expected(new Expected(10L, "*.EMPRECSV", List.of()))
            .build();

    Outgoing record = events.of(opened(spec));

    assertThat(record.key()).isEqualTo(BATCH.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(record.headers())
        .isEqualTo(Map.of("content-type", "application/cloudevents+json; charset=UTF-8"));
    assertThat(text(record))
        .isEqualTo(
            """
            {"specversion":"1.0","id":"01970000-0000-7000-8000-00000000000a/1",\
            "source":"/namespaces/default/batches","type":"io.fileaudit.batch.pending",\
            "subject":"01970000-0000-7000-8000-00000000000a","time":"2026-11-23T14:00:00.123456Z",\
            "datacontenttype":"application/json",\
            "data":{"namespace":"default","batch":"01970000-0000-7000-8000-00000000000a",\
            "name":"empresa 2025-02","table":"empresa","period":"2025-02","parent":null,\
            "labels":{"region":"são paulo","team":"rfb"},"run":1,"status":"PENDING","version":1,"verdict":null,\
            "totals":{"files":{"expected":10,"missing":0,"discovered":0,"running":0,"completed":0,"failed":0,"skipped":0},\
            "rows":0,"rows_in_flight":0,"rejected_rows":0,"bytes":0,"events":0,"refused":0},"seal":null,\
            "link":"https://audit.example.org/ui/batches/01970000-0000-7000-8000-00000000000a"}}\
            """);
  }

  @Test
  void endingSaysWhatTheSnapshotSays() {
    MemoryAuditStore store = new MemoryAuditStore(() -> AT);
    BatchSpec spec = BatchSpec.builder().table("empresa").build();
    DecisionPlan.Wish wish =
        new DecisionPlan.Wish(1, BatchStatus.FAILED, "the disk is full", "loader", "node-1");
    store.outbox().backlog().block();
    store.open(new OpenBatch(KEY, spec, LimitRules.DEFAULTS, null, "me", "node-1")).block();
    store.decide(new Decide(KEY, wish)).block();
    BatchRecord batch = Objects.requireNonNull(store.find(KEY).block());
    JsonNode snapshot =
        AuditJson.strict().readTree(AuditJson.lenient().writeValueAsBytes(Snapshots.of(batch)));
    StringBuilder said = new StringBuilder();

    store
        .outbox()
        .send(
            10,
            changes -> {
              said.append(text(events.of(changes.get(1))));
              return Mono.empty();
            })
        .block();

    JsonNode event = AuditJson.strict().readTree(said.toString());
    JsonNode data = event.get("data");
    assertThat(event.get("type").asString()).isEqualTo("io.fileaudit.batch.failed");
    assertThat(event.get("id").asString()).isEqualTo(BATCH + "/2");
    assertThat(data.at("/seal/size").asLong()).isEqualTo(batch.state().nextSeq()).isPositive();
    assertThat(data.at("/seal/root").asString()).isEqualTo(batch.state().tree().root().base64());
    for (String field :
        List.of(
            "namespace",
            "name",
            "table",
            "period",
            "parent",
            "labels",
            "run",
            "status",
            "version",
            "verdict",
            "totals")) {
      assertThat(data.get(field)).as(field).isEqualTo(snapshot.get(field));
    }
    assertThat(data.get("verdict").get("message").asString()).isEqualTo("the disk is full");
    assertThat(AuditJson.lenient().treeToValue(data, BatchStatusChange.class).verdict())
        .isEqualTo(batch.state().verdict());
  }

  @Test
  void typeIsTheStatusInSmallLetters() {
    for (BatchStatus status : BatchStatus.values()) {
      assertThat(json(events.of(became(status))).get("type").asString())
          .isEqualTo("io.fileaudit.batch." + status.name().toLowerCase(Locale.ROOT));
    }
    assertThat(json(events.of(became(BatchStatus.TIMED_OUT))).get("type").asString())
        .isEqualTo("io.fileaudit.batch.timed_out");
  }

  @Test
  void sameChangeIsTheSameEvent() {
    Outgoing one = events.of(became(BatchStatus.FAILED));
    Outgoing two = events.of(became(BatchStatus.FAILED));
    assertThat(one.value()).isEqualTo(two.value());
    assertThat(json(one).get("id").asString()).isEqualTo(BATCH + "/7");
  }

  @Test
  void whoDoesNotKnowTheAddressOfTheServiceGivesNoLink() {
    JsonNode data = json(new StatusEvents(null).of(became(BatchStatus.FAILED))).get("data");
    assertThat(data.get("link").isNull()).isTrue();
  }
}
