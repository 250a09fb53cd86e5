package io.fileaudit.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How Spring is told of traces and of meters that are sent. Where none are, the parts that would
 * make them are not even put together, so that they cost nothing.
 */
final class TelemetryProperties {
  private static final String TRACING = "org.springframework.boot.micrometer.tracing.";
  private static final String OPEN_TELEMETRY = "org.springframework.boot.opentelemetry.";

  /** Of use to nobody here: logs go to stdout, and scrapes have no exemplars. */
  private static final String NEVER =
      String.join(
          ",",
          OPEN_TELEMETRY + "autoconfigure.logging.OpenTelemetryLoggingAutoConfiguration",
          OPEN_TELEMETRY + "autoconfigure.logging.otlp.OtlpLoggingAutoConfiguration",
          TRACING + "autoconfigure.otlp.OtlpExemplarsAutoConfiguration",
          TRACING + "autoconfigure.prometheus.PrometheusExemplarsAutoConfiguration");

  private static final String TRACES =
      String.join(
          ",",
          OPEN_TELEMETRY + "autoconfigure.OpenTelemetrySdkAutoConfiguration",
          TRACING + "autoconfigure.MicrometerTracingAutoConfiguration",
          TRACING + "autoconfigure.NoopTracerAutoConfiguration",
          TRACING + "opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration",
          TRACING + "opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration");

  private TelemetryProperties() {}

  /** The properties for what is sent where. */
  static Map<String, Object> of(ServerSettings.@Nullable Telemetry telemetry, String node) {
    Map<String, Object> properties = new HashMap<>();
    Double traces = telemetry == null ? null : telemetry.traces();
    Duration metrics = telemetry == null ? null : telemetry.metrics();
    properties.put("spring.autoconfigure.exclude", traces == null ? NEVER + "," + TRACES : NEVER);
    // Lines of text stay as they are; in JSON they have the trace as members.
    properties.put("logging.expect-correlation-id", "false");
    // What was checked is what holds, not variables of another name.
    properties.put("management.opentelemetry.map-environment-variables", "false");
    properties.put("management.opentelemetry.resource-attributes[service.name]", "fileaudit");
    properties.put("management.opentelemetry.resource-attributes[service.instance.id]", node);
    if (telemetry != null && traces != null) {
      properties.put("management.tracing.sampling.probability", traces);
      properties.put("management.tracing.propagation.type", "W3C");
      properties.put("management.tracing.baggage.enabled", "false");
      properties.put(
          "management.opentelemetry.tracing.export.otlp.endpoint", telemetry.address("/v1/traces"));
      properties.put("management.opentelemetry.tracing.export.schedule-delay", "1s");
    }
    properties.put("management.otlp.metrics.export.enabled", Boolean.toString(metrics != null));
    if (telemetry != null && metrics != null) {
      properties.put("management.otlp.metrics.export.url", telemetry.address("/v1/metrics"));
      properties.put("management.otlp.metrics.export.step", metrics);
    }
    return properties;
  }
}
