package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes events of the manifest of a file: what was noted of it, as far as it can be meant. */
final class FileEvents {
  private static final int MOST_NAME = 1_024;
  private static final int MOST_MESSAGE = 8_000;

  /** Of notes and metrics in one event, which has 64 KiB for everything. */
  private static final int MOST_FREE = 16 * 1024;

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");
  private static final Pattern MD5 = Pattern.compile("[0-9a-fA-F]{32}");
  private static final Pattern NAMED = Pattern.compile("(sha256|md5|sha1|sha512):[0-9a-fA-F]+");

  private final EarlierRow row;
  private final RowTimes times;
  private final Remarks remarks;
  private final Map<String, Object> attributes = new LinkedHashMap<>();

  private FileEvents(EarlierRow row, RowTimes times, Remarks remarks) {
    this.row = row;
    this.times = times;
    this.remarks = remarks;
  }

  /** Whether the file of that row can be named and its status is one; else it is left out. */
  static boolean isTaken(EarlierRow row, Remarks remarks) {
    String path = row.text(Field.PATH);
    if (path == null || path.codePointCount(0, path.length()) > MOST_NAME) {
      remarks.leftOut(row, "no-name", "its path is missing or longer than 1,024 characters");
      return false;
    }
    if (type(row) == null) {
      remarks.leftOut(row, "unknown-status", "its status is \"" + row.text(Field.STATUS) + "\"");
      return false;
    }
    return true;
  }

  private static @Nullable EventType type(EarlierRow row) {
    String status = row.status();
    return status == null
        ? null
        : switch (status) {
          case "PENDING" -> EventType.DISCOVERED;
          case "RUNNING" -> EventType.STARTED;
          case "COMPLETED" -> EventType.COMPLETED;
          case "FAILED" -> EventType.FAILED;
          case "SKIPPED" -> EventType.SKIPPED;
          default -> null;
        };
  }

  /**
   * The events of a row for which {@link #isTaken} holds.
   *
   * @param attempt the n-th row of this file in its batch, from 1
   */
  static List<FileEvent> of(EarlierRow row, RowTimes times, int attempt, Remarks remarks) {
    return new FileEvents(row, times, remarks).events(attempt);
  }

  private List<FileEvent> events(int attempt) {
    EventType type = type(row);
    if (type == null) {
      return List.of();
    }
    List<FileEvent> events = new ArrayList<>();
    boolean ended = type.isFileEnding();
    if (ended && times.begun() != null) {
      events.add(event(EventType.STARTED, "started").at(times.begun()).attempt(attempt).build());
    }
    attributes.put("imported_id", row.id());
    FileEvent.Builder last = event(type, type.name().toLowerCase(Locale.ROOT));
    Long rows = figure(Field.ROWS);
    Long bytes = figure(Field.BYTES);
    if (type == EventType.COMPLETED && (rows == null) != (bytes == null)) {
      remarks.of(
          row,
          "half-figures",
          (rows == null ? "rows" : "bytes") + " of a completed file are not known; it counts none");
    }
    if (type != EventType.DISCOVERED) {
      last.attempt(attempt);
    }
    last.rows(rows).bytes(bytes).checksum(checksum());
    last.at(ended ? times.completed() : times.begun());
    String error = cut(row.text(Field.ERROR), MOST_MESSAGE);
    if (type == EventType.FAILED) {
      last.error("imported", error);
    } else if (error != null) {
      attributes.put(Field.ERROR.word(), error);
    }
    String description = cut(row.text(Field.DESCRIPTION), MOST_MESSAGE);
    if (description != null) {
      attributes.put(Field.DESCRIPTION.word(), description);
    }
    free();
    events.add(last.attributes(Map.copyOf(attributes)).build());
    return events;
  }

  private FileEvent.Builder event(EventType type, String word) {
    String path = row.text(Field.PATH);
    return FileEvent.of(type, path == null ? "" : path)
        .id(cut("imported/" + row.id() + "/" + word, 200));
  }

  private @Nullable Long figure(Field field) {
    Object value = row.get(field);
    if (value == null) {
      return null;
    }
    boolean whole = value instanceof Integer || value instanceof Long;
    if (whole
        && ((Number) value).longValue() >= 0
        && ((Number) value).longValue() <= CanonicalJson.MAX_INTEGER) {
      return ((Number) value).longValue();
    }
    remarks.of(
        row, "bad-figure", field.word() + " is " + value + "; left out, kept as an attribute");
    attributes.put("imported_" + field.word(), value.toString());
    return null;
  }

  private @Nullable String checksum() {
    String checksum = row.text(Field.CHECKSUM);
    if (checksum == null) {
      return null;
    }
    if (SHA_256.matcher(checksum).matches()) {
      return "sha256:" + checksum.toLowerCase(Locale.ROOT);
    }
    if (MD5.matcher(checksum).matches()) {
      return "md5:" + checksum.toLowerCase(Locale.ROOT);
    }
    if (NAMED.matcher(checksum).matches()) {
      return checksum.toLowerCase(Locale.ROOT);
    }
    remarks.of(
        row, "bad-checksum", "\"" + checksum + "\" is no digest; left out, kept as an attribute");
    attributes.put("imported_checksum", checksum);
    return null;
  }

  private void free() {
    for (Field field : List.of(Field.NOTES, Field.METRICS)) {
      Object value = row.free(field);
      if (value == null) {
        continue;
      }
      String text = AuditJson.lenient().writeValueAsString(value);
      if (text.length() > MOST_FREE) {
        remarks.of(row, "notes-too-long", field.word() + " are longer than 16 KiB; left out");
      } else if (isCanonical(value)) {
        attributes.put(field.word(), value);
      } else {
        remarks.of(
            row, "kept-as-text", field.word() + " have a number that no event may; kept as text");
        attributes.put(field.word(), text);
      }
    }
  }

  /** Whether an event may have the value: it is read again as the service reads it. */
  private static boolean isCanonical(Object value) {
    try {
      return hasSafeNumbers(AuditJson.lenient().readValue(CanonicalJson.text(value), Object.class));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean hasSafeNumbers(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object.values().stream().allMatch(FileEvents::hasSafeNumbers);
    }
    if (value instanceof List<?> array) {
      return array.stream().allMatch(FileEvents::hasSafeNumbers);
    }
    return !(value instanceof BigInteger)
        && !(value instanceof Long number && Math.abs(number) > CanonicalJson.MAX_INTEGER);
  }

  static @Nullable String cut(@Nullable String text, int most) {
    return text == null || text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }
}
