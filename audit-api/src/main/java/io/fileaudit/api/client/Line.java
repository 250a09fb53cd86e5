package io.fileaudit.api.client;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An event as it is sent. Its bytes are made once, so that a repeat is the same to the last of
 * them.
 *
 * @param position the number that its producer gave it, from 1
 * @param type what it says
 * @param file about which file
 * @param json the bytes, without an end of line
 * @param origin the stream that it came by; null where a call brought it or a disk kept it
 */
record Line(long position, EventType type, String file, byte[] json, @Nullable EventStream origin) {
  private static final int USUAL_BYTES = 256;

  /**
   * The line of an event that has its position.
   *
   * @throws IllegalArgumentException where the event has no JSON form
   */
  static Line of(FileEvent event, long position, @Nullable EventStream origin) {
    Utf8Output out = new Utf8Output(USUAL_BYTES);
    EventWriter.write(event, out);
    return new Line(position, event.type(), event.file(), out.toBytes(), origin);
  }

  /**
   * The line that a disk kept.
   *
   * @throws IllegalArgumentException where it is not one, or only a part of one
   */
  static Line read(byte[] json) {
    try {
      JsonNode fields = AuditJson.lenient().readTree(json);
      return new Line(
          fields.required("position").asLong(),
          EventType.valueOf(fields.required("type").asString()),
          fields.required("file").asString(),
          json,
          null);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not a line of events: " + e.getOriginalMessage(), e);
    }
  }
}
