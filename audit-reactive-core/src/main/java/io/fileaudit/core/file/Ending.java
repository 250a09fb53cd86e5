package io.fileaudit.core.file;

import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.type.TypeReference;

/**
 * How an attempt at a file ended. Of two endings of one attempt the greater one stands, so that the
 * order of arrival does not matter.
 *
 * @param type COMPLETED, FAILED or SKIPPED
 * @param rows rows loaded
 * @param bytes bytes read
 * @param rejectedRows rows rejected
 * @param checksum of the content
 * @param content canonical JSON of what the event says, without what only says who sent it and when
 *     ({@code at}, {@code id}, {@code position})
 * @param at when it happened
 */
public record Ending(
    EventType type,
    @Nullable Long rows,
    @Nullable Long bytes,
    @Nullable Long rejectedRows,
    @Nullable String checksum,
    String content,
    Instant at) {

  private static final Comparator<@Nullable Long> ABSENT_LEAST =
      Comparator.nullsFirst(Comparator.naturalOrder());

  private static final Comparator<Ending> BY_CONTENT =
      Comparator.comparingInt((Ending ending) -> rank(ending.type))
          .thenComparing(Ending::rows, ABSENT_LEAST)
          .thenComparing(Ending::bytes, ABSENT_LEAST)
          .thenComparing(Ending::rejectedRows, ABSENT_LEAST)
          .thenComparing(Ending::checksum, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(Ending::content);

  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  /**
   * The ending that an event reports; {@code arrival} counts where the event has no time of its
   * own.
   */
  static Ending of(FileEvent event, Instant arrival) {
    Instant at = event.at() == null ? arrival : event.at();
    return new Ending(
        event.type(),
        event.rows(),
        event.bytes(),
        event.rejectedRows(),
        event.checksum(),
        EventWriter.content(event),
        at);
  }

  /** The ending whose content was kept. */
  static Ending read(String content, Instant at) {
    EventType type = EventType.COMPLETED;
    Long rows = null;
    Long bytes = null;
    Long rejectedRows = null;
    String checksum = null;
    try (JsonParser json = AuditJson.lenient().createParser(content)) {
      json.nextToken();
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        json.nextToken();
        switch (name) {
          case "type" -> type = EventType.valueOf(json.getString());
          case "rows" -> rows = json.getLongValue();
          case "bytes" -> bytes = json.getLongValue();
          case "rejected_rows" -> rejectedRows = json.getLongValue();
          case "checksum" -> checksum = json.getString();
          default -> json.skipChildren();
        }
      }
    }
    return new Ending(type, rows, bytes, rejectedRows, checksum, content, at);
  }

  /** The one that stands: the greater by content, then the earlier. */
  Ending greater(Ending other) {
    int order = BY_CONTENT.compare(this, other);
    if (order == 0) {
      return at.isAfter(other.at) ? other : this;
    }
    return order > 0 ? this : other;
  }

  /** Whether both say the same of the file, whoever sent them and when. */
  boolean sameContent(Ending other) {
    return content.equals(other.content);
  }

  /** What went wrong; null where the event did not say. */
  @Nullable EventError error() {
    Object error = field("error");
    return error == null ? null : AuditJson.lenient().convertValue(error, EventError.class);
  }

  /** By what the failure is grouped; null where the event did not say. */
  public @Nullable String errorCode() {
    EventError error = error();
    return error == null ? null : error.code();
  }

  /** What the loader added. */
  Map<String, Object> attributes() {
    Object attributes = field("attributes");
    return attributes == null ? Map.of() : AuditJson.lenient().convertValue(attributes, FIELDS);
  }

  /** Most endings have neither error nor attributes, which shows without reading the text. */
  private @Nullable Object field(String name) {
    return content.contains('"' + name + "\":")
        ? AuditJson.lenient().readValue(content, FIELDS).get(name)
        : null;
  }

  private static int rank(EventType type) {
    return switch (type) {
      case FAILED -> 2;
      case SKIPPED -> 1;
      default -> 0;
    };
  }
}
