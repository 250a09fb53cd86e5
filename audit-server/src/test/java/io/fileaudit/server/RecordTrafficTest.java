package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.record.MemoryRecordLog;
import io.fileaudit.core.record.Outgoing;
import io.fileaudit.core.store.MemoryAuditStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node with a log of records: what comes in, what is told, and what people see of it. */
class RecordTrafficTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String EVENTS = "audit.file-events.v1";
  private static final String STATUS = "audit.batch-status.v1";

  private final MemoryRecordLog log = new MemoryRecordLog(EVENTS);
  private final UUID batch = UUID.randomUUID();
  private Node node;

  @BeforeEach
  void start() {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    log.topics().make(EVENTS, 1);
    node =
        Node.start(
            store,
            store,
            new NodeParts.Records(log, store.outbox()),
            "AUDIT_KAFKA",
            "memory:1",
            "AUDIT_PUBLIC_URL",
            "https://audit.example/");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).until(condition);
  }

  private void put(String fields) {
    String value = "{\"batch\":\"" + batch + "\"," + fields + "}";
    log.topics()
        .put(
            EVENTS,
            0,
            new Outgoing(
                batch.toString().getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8),
                Map.of()));
  }

  private List<String> told() {
    return log.topics().records(STATUS).stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private int readiness(String group) {
    return node.raw(node.managementPort(), "GET", "/actuator/health/" + group).status();
  }

  @Test
  void recordsComeInAndEveryChangeOfStatusIsTold() {
    put("\"type\":\"OPENED\",\"table\":\"t\"");
    put("\"type\":\"COMPLETED\",\"file\":\"a\"");
    put("\"type\":\"ENDED\",\"status\":\"COMPLETED\"");

    await(() -> told().size() == 3);

    assertThat(node.get("/api/v1/batches/" + batch).is(200).at("/status")).isEqualTo("COMPLETED");
    assertThat(told().get(2))
        .contains("\"type\":\"io.fileaudit.batch.completed\"")
        .contains("\"link\":\"https://audit.example/ui/batches/" + batch + "\"");
  }

  @Test
  void healthTellsHowFarTheGroupIsBehind() {
    put("\"type\":\"NONE\"");

    await(() -> node.get("/api/v1/health").json().at("/kafka/dead_letters").asInt() == 1);
    await(() -> node.get("/api/v1/health").json().at("/kafka/reachable").asBoolean());
    await(() -> node.get("/api/v1/health").json().at("/kafka/partitions").asInt() == 1);
    assertThat(node.get("/api/v1/health").json().at("/kafka/lag").asInt()).isZero();
    assertThat(node.get("/api/v1/health").json().at("/kafka/unsent").isNull()).isFalse();
  }

  @Test
  void logThatIsAwayStopsNoHttp() {
    await(() -> readiness("ingest") == 200);

    log.failStanding(new IllegalStateException("away"));

    await(() -> readiness("ingest") == 503);
    assertThat(readiness("readiness")).isEqualTo(200);
    assertThat(node.get("/api/v1/health").json().at("/kafka/reachable").asBoolean()).isFalse();
    node.opened("{}");
  }

  @Test
  void nodeWithoutALogSaysSo() {
    try (Node other = Node.start()) {
      assertThat(other.get("/api/v1/health").json().at("/kafka").isNull()).isTrue();
      assertThat(other.raw(other.managementPort(), "GET", "/actuator/health/ingest").status())
          .isEqualTo(200);
    }
  }
}
