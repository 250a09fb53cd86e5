package io.fileaudit.server.cli;

import io.fileaudit.api.json.AuditJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A line of the input on its way to the service.
 *
 * @param number its number in the input, from 1
 * @param json what is sent for it
 */
record SentLine(long number, byte[] json) {
  /**
   * The line with a position of its own where it brings none: its number, so that the same input
   * sent again is known again. A CloudEvent is known by its source and id. What is no JSON object
   * goes as it is, for the service to refuse.
   */
  static SentLine of(long number, byte[] line) {
    int brace = 0;
    while (brace < line.length && line[brace] != '{') {
      brace++;
    }
    JsonNode event = read(line);
    if (event == null || !event.isObject() || event.has("position") || event.has("specversion")) {
      return new SentLine(number, line);
    }
    String position = "\"position\":" + number + (event.isEmpty() ? "" : ",");
    byte[] inserted = position.getBytes(StandardCharsets.US_ASCII);
    byte[] json = new byte[line.length + inserted.length];
    System.arraycopy(line, 0, json, 0, brace + 1);
    System.arraycopy(inserted, 0, json, brace + 1, inserted.length);
    System.arraycopy(line, brace + 1, json, brace + 1 + inserted.length, line.length - brace - 1);
    return new SentLine(number, json);
  }

  private static @org.jspecify.annotations.Nullable JsonNode read(byte[] line) {
    try {
      return AuditJson.strict().readTree(line);
    } catch (JacksonException e) {
      return null;
    }
  }
}
