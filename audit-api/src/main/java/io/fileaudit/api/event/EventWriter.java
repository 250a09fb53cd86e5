package io.fileaudit.api.event;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Writes events as lines of the wire, in canonical form, so that what is sent is what will be
 * stored.
 */
public final class EventWriter {
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  private EventWriter() {}

  /** Writes the event and no line end. */
  public static void write(Event event, Utf8Output out) {
    CanonicalJson.write(fields(event), out);
  }

  /**
   * What a file's ending says of it: canonical JSON without the file's name, the attempt, and who
   * sent it when.
   */
  public static String content(FileEvent event) {
    Utf8Output out = new Utf8Output(192).put('{');
    member(out, "attributes", event.attributes().isEmpty() ? null : event.attributes());
    member(out, "bytes", event.bytes());
    member(out, "checksum", event.checksum());
    member(out, "error", event.error() == null ? null : error(event.error()));
    member(out, "rejected_rows", event.rejectedRows());
    member(out, "rows", event.rows());
    return out.ascii("\"type\":\"").ascii(event.type().name()).ascii("\"}").toString();
  }

  private static void member(Utf8Output out, String name, @Nullable Object value) {
    if (value != null) {
      out.put('"').ascii(name).ascii("\":");
      CanonicalJson.write(value, out);
      out.put(',');
    }
  }

  private static void putFigures(Map<String, Object> fields, FileEvent event) {
    put(fields, "rows", event.rows());
    put(fields, "rejected_rows", event.rejectedRows());
    put(fields, "bytes", event.bytes());
    put(fields, "checksum", event.checksum());
    put(fields, "error", event.error() == null ? null : error(event.error()));
    put(fields, "attributes", event.attributes().isEmpty() ? null : event.attributes());
  }

  private static Map<String, Object> fields(Event event) {
    Map<String, Object> fields = new TreeMap<>();
    fields.put("type", event.type().name());
    put(fields, "at", event.at());
    put(fields, "position", event.position());
    put(fields, "id", event.id());
    if (event instanceof FileEvent file) {
      fields.put("file", file.file());
      put(fields, "attempt", file.attempt());
      putFigures(fields, file);
    } else if (event instanceof Ended ended) {
      fields.put("status", ended.status().name());
      put(fields, "message", ended.message());
    } else if (event instanceof Opened opened) {
      fields.putAll(spec(opened.spec()));
    }
    return fields;
  }

  /** The fields of {@code open} that say something. */
  public static Map<String, Object> spec(BatchSpec spec) {
    Map<String, Object> fields = AuditJson.lenient().convertValue(spec, FIELDS);
    fields.values().removeIf(java.util.Objects::isNull);
    fields
        .entrySet()
        .removeIf(field -> Boolean.FALSE.equals(field.getValue()) || isEmptyMap(field.getValue()));
    fields.computeIfPresent("limits", (name, limits) -> withoutNulls((Map<?, ?>) limits));
    return fields;
  }

  private static boolean isEmptyMap(Object value) {
    return value instanceof Map<?, ?> map
        && map.values().stream().allMatch(java.util.Objects::isNull);
  }

  private static Map<String, Object> withoutNulls(Map<?, ?> source) {
    Map<String, Object> result = new LinkedHashMap<>();
    source.forEach((name, value) -> put(result, String.valueOf(name), value));
    return result;
  }

  private static Map<String, Object> error(EventError error) {
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, "code", error.code());
    put(fields, "message", error.message());
    put(fields, "line", error.line());
    put(fields, "column", error.column());
    return fields;
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value instanceof Instant time ? time.toString() : value);
    }
  }
}
