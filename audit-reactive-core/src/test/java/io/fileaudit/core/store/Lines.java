package io.fileaudit.core.store;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.json.AuditJson;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** Lines as loaders send them. */
final class Lines {
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  static final String HEARTBEAT = "{\"type\":\"HEARTBEAT\"}";

  private Lines() {}

  /** An event about a file, with more fields as name and value in turn. */
  static String event(EventType type, String file, Object... more) {
    return object(concat(new Object[] {"type", type.name(), "file", file}, more));
  }

  static String started(String file, Object... more) {
    return event(EventType.STARTED, file, more);
  }

  static String progress(String file, long rows, Object... more) {
    return event(EventType.PROGRESS, file, concat(new Object[] {"rows", rows}, more));
  }

  static String completed(String file, long rows, Object... more) {
    return event(EventType.COMPLETED, file, concat(new Object[] {"rows", rows}, more));
  }

  static String failed(String file, Object... more) {
    return event(EventType.FAILED, file, more);
  }

  static String skipped(String file, Object... more) {
    return event(EventType.SKIPPED, file, more);
  }

  /** A JSON object of names and values in turn. */
  static String object(Object... namesAndValues) {
    return AuditJson.lenient().writeValueAsString(map(namesAndValues));
  }

  static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  static Map<String, Object> parse(String json) {
    return AuditJson.lenient().readValue(json, OBJECT);
  }

  private static Object[] concat(Object[] first, Object[] second) {
    Object[] all = new Object[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
