package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a node sends to a collector, and what its log says of traces. */
class TelemetryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + CALLER + "-01";

  private CollectorStub collector;
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger verdicts = (Logger) LoggerFactory.getLogger("io.fileaudit.verdicts");
  private final Logger security = (Logger) LoggerFactory.getLogger("io.fileaudit.security");

  @BeforeEach
  void start() throws IOException {
    collector = new CollectorStub();
  }

  /** A node that starts takes away who listened before. */
  private void listen() {
    lines.start();
    verdicts.addAppender(lines);
    security.addAppender(lines);
  }

  @AfterEach
  void stop() {
    verdicts.detachAppender(lines);
    security.detachAppender(lines);
    collector.close();
  }

  private Node node(String... settings) {
    String[] all = new String[settings.length + 2];
    all[0] = "AUDIT_OTLP_ENDPOINT";
    all[1] = collector.url();
    System.arraycopy(settings, 0, all, 2, settings.length);
    return Node.start(all);
  }

  private static Map<String, String> tags(Span span) {
    Map<String, String> tags = new TreeMap<>();
    for (KeyValue tag : span.getAttributesList()) {
      tags.put(
          tag.getKey(),
          tag.getValue().hasIntValue()
              ? Long.toString(tag.getValue().getIntValue())
              : tag.getValue().getStringValue());
    }
    return tags;
  }

  private static Span named(List<Span> spans, String name) {
    return spans.stream()
        .filter(span -> span.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " among " + spans));
  }

  @Test
  void requestAndItsCommitAreSpansOfTheCallersTrace() {
    try (Node node = node("AUDIT_OTLP_METRICS", "off")) {
      String batch = node.opened("{}");
      node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n", "traceparent", PARENT).is(200);
      Awaitility.await().atMost(PATIENCE).until(() -> collector.of(TRACE).size() == 2);

      Span request = named(collector.of(TRACE), "POST /api/v1/batches/{id}/events");
      Span commit = named(collector.of(TRACE), "commit");
      assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
      assertThat(CollectorStub.id(request.getParentSpanId().toByteArray())).isEqualTo(CALLER);
      assertThat(tags(request)).containsEntry("http.response.status_code", "200");
      assertThat(commit.getParentSpanId()).isEqualTo(request.getSpanId());
      assertThat(tags(commit))
          .containsEntry("audit.batch", batch.substring(batch.lastIndexOf('/') + 1))
          .containsEntry("audit.lines", "1");
      assertThat(collector.metrics()).isEmpty();
    }
  }

  @Test
  void logNamesTheTraceOfWhoeverAsked() {
    try (Node node = node("AUDIT_OTLP_METRICS", "off")) {
      String batch = node.opened("{}");
      listen();
      node.send(
              "PUT",
              batch + "/status",
              "{\"status\":\"FAILED\"}",
              "Content-Type",
              "application/json",
              "traceparent",
              PARENT)
          .is(200);
      node.sendWithout("GET", batch, "", "Authorization", "Bearer ak_wrong", "traceparent", PARENT)
          .is(401);

      Awaitility.await().atMost(PATIENCE).until(() -> lines.list.size() >= 2);
      assertThat(List.copyOf(lines.list))
          .allSatisfy(
              line -> {
                assertThat(line.getMDCPropertyMap()).containsEntry("trace.id", TRACE);
                assertThat(line.getMDCPropertyMap().get("span.id")).matches("[0-9a-f]{16}");
              });
    }
  }

  @Test
  void callerThatTracesNothingIsLeftUntraced() {
    try (Node node = node("AUDIT_OTLP_METRICS", "off", "AUDIT_OTLP_TRACES", "1")) {
      node.send("GET", "/api/v1/batches", "", "traceparent", PARENT.replaceAll("01$", "00"))
          .is(200);
      node.send("GET", "/api/v1/batches", "", "traceparent", PARENT.replace("4bf9", "5bf9"))
          .is(200);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> !collector.of(TRACE.replace("4bf9", "5bf9")).isEmpty());

      assertThat(collector.of(TRACE)).isEmpty();
    }
  }

  @Test
  void metersAreSentUnderTheirNames() {
    try (Node node = node("AUDIT_OTLP_TRACES", "off", "AUDIT_OTLP_METRICS", "PT1S")) {
      String batch = node.opened("{}");
      node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n").is(200);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> collector.metrics().contains("audit.acknowledgements"));

      assertThat(collector.metrics()).contains("audit.sweep.age", "audit.events.accepted");
      assertThat(Scrape.text(node)).contains("audit_events_accepted_total 1.0");
      assertThat(
              node.get("/api/v1/health").json().at("/ingest/acknowledgement_p99_seconds").isNull())
          .as("the page's figures are there all the same")
          .isFalse();
    }
  }

  @Test
  void withoutACollectorNothingIsPutTogether() {
    try (Node node = Node.start()) {
      node.opened("{}");

      assertThat(node.has(io.micrometer.tracing.Tracer.class)).isFalse();
      assertThat(node.has(io.opentelemetry.api.OpenTelemetry.class)).isFalse();
      assertThat(collector.requests()).isZero();
    }
  }
}
