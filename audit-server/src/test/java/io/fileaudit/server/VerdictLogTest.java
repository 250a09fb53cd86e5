package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.watch.Verdicts.Decision;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.JsonNode;

/** What stands in the log about a verdict: all of its evidence. */
class VerdictLogTest {
  private static final UUID BATCH = UUID.fromString("01970000-0000-7000-8000-000000000001");
  private static final Instant OPENED = Instant.parse("2026-11-23T14:00:00Z");

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.fileaudit.verdicts");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final VerdictLog log = new VerdictLog(registry);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void forget() {
    logger.detachAppender(lines);
  }

  private static Decision decision(@Nullable String table) {
    return new Decision(
        new BatchKey("sales", BATCH),
        table,
        table == null ? null : "2025-02",
        new Verdict(
            BatchStatus.TIMED_OUT,
            null,
            VerdictReason.IDLE,
            LimitName.IDLE,
            Duration.ofMinutes(30),
            2,
            17,
            OPENED,
            OPENED.plusSeconds(1),
            OPENED.plusSeconds(2),
            OPENED.plusSeconds(3),
            OPENED.plusSeconds(1803),
            "node-1",
            null,
            null,
            null),
        5);
  }

  private Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    lines.list.get(0).getKeyValuePairs().forEach(pair -> fields.put(pair.key, pair.value));
    return fields;
  }

  @Test
  void lineHasTheEvidenceAsFields() {
    log.note(decision("empresa"));

    assertThat(fields())
        .containsEntry("batch_id", BATCH.toString())
        .containsEntry("namespace", "sales")
        .containsEntry("table", "empresa")
        .containsEntry("period", "2025-02")
        .containsEntry("run", 2)
        .containsEntry("status", "TIMED_OUT")
        .containsEntry("reason", "IDLE")
        .containsEntry("limit", "IDLE")
        .containsEntry("limit_after", "PT30M")
        .containsEntry("opened_at", "2026-11-23T14:00:00Z")
        .containsEntry("started_at", "2026-11-23T14:00:01Z")
        .containsEntry("last_activity_at", "2026-11-23T14:00:02Z")
        .containsEntry("last_progress_at", "2026-11-23T14:00:03Z")
        .containsEntry("decided_at", "2026-11-23T14:30:03Z")
        .containsEntry("node", "node-1")
        .containsEntry("ledger_number", 17L)
        .doesNotContainKeys("requested", "by", "said");
  }

  @Test
  void asJsonTheyAreMembersBesideTheTrace() {
    LoggerContext context = new LoggerContext();
    context.putObject(Environment.class.getName(), new StandardEnvironment());
    StructuredLogEncoder ecs = new StructuredLogEncoder();
    ecs.setContext(context);
    ecs.setFormat("ecs");
    ecs.start();
    try (MDC.MDCCloseable trace = MDC.putCloseable("trace.id", "4bf9")) {
      log.note(decision("empresa"));
    }

    JsonNode line = AuditJson.lenient().readTree(ecs.encode(lines.list.get(0)));

    assertThat(line.at("/batch_id").asString()).isEqualTo(BATCH.toString());
    assertThat(line.at("/run").asInt()).isEqualTo(2);
    assertThat(line.at("/last_activity_at").asString()).isEqualTo("2026-11-23T14:00:02Z");
    assertThat(line.at("/trace/id").asString()).isEqualTo("4bf9");
    assertThat(line.at("/message").asString()).contains("is TIMED_OUT");
  }

  @Test
  void textSaysTheSameToPeople() {
    log.note(decision("empresa"));

    assertThat(lines.list.get(0).getFormattedMessage())
        .contains(BATCH.toString())
        .contains("of empresa 2025-02 run 2 is TIMED_OUT (IDLE, limit IDLE PT30M)")
        .contains("last activity 2026-11-23T14:00:02Z")
        .endsWith("by node-1");
  }

  @Test
  void namesOfOthersMakeNoLinesOfTheirOwn() {
    log.note(decision("a\nbatch b is COMPLETED"));

    assertThat(lines.list.get(0).getFormattedMessage()).doesNotContain("\n");
  }

  @Test
  void whatMayBeDecidedIsCountedFromNothingOn() {
    assertThat(registry.get("audit.verdicts").tag("reason", "idle").counter().count()).isZero();

    log.note(decision(null));

    assertThat(
            registry
                .get("audit.verdicts")
                .tags("status", "timed_out", "reason", "idle")
                .counter()
                .count())
        .isEqualTo(1);
  }
}
