package io.fileaudit.core.ingest;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent 1.0 that carries an event: says which plain event it is, from fields to fields. What
 * is kept is that plain event alone, so that accounts, repeats and evidence know one form.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents
 *     1.0</a>
 */
final class CloudEvent {
  private static final String VERSION = "specversion";
  private static final String OURS = "io.fileaudit.";
  private static final String OF_BATCHES = OURS + "batch.";

  /** What no source can have in it, so that source and id can be told apart again. */
  private static final char BETWEEN = ' ';

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+");
  private static final Pattern JSON_TYPE =
      Pattern.compile("[^/;\\s]+/([^/;\\s]+\\+)?json\\s*(;.*)?", Pattern.CASE_INSENSITIVE);
  private static final Set<String> DATA = Set.of("data", "data_base64");

  /**
   * Fields of an event that a sender may take for attributes; they would be lost without a word.
   */
  private static final Set<String> OF_DATA =
      Set.of(
          "at",
          "attempt",
          "attributes",
          "bytes",
          "checksum",
          "error",
          "file",
          "position",
          "rejected_rows",
          "rows");

  /** What says whose an event is, and under which number it was sent. */
  private static final List<String> KEYS = List.of("batch", "namespace", "position", "run");

  private final Map<String, Object> attributes;

  /**
   * The CloudEvent of these fields.
   *
   * @param fields those of a JSON object; null is as good as leaving one out
   */
  CloudEvent(Map<String, Object> fields) {
    attributes = new LinkedHashMap<>(fields);
    attributes.values().removeIf(Objects::isNull);
  }

  /** Whether these fields are a CloudEvent's, right or wrong: no plain event has that member. */
  static boolean isOne(Map<String, Object> fields) {
    return fields.containsKey(VERSION);
  }

  /**
   * As much of the event's fields as tells it from others, whatever is wrong with the rest, so that
   * its refusal goes off the account when it comes again and is right.
   */
  Map<String, Object> keys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    try {
      Map<String, Object> data = data();
      if (data != null) {
        keys.putAll(data);
        keys.keySet().retainAll(KEYS);
      }
    } catch (InvalidLine e) {
      // said by whoever asks for the whole event
    }
    try {
      keys.put("id", key());
    } catch (InvalidLine e) {
      // likewise
    }
    return keys;
  }

  /**
   * The fields of the plain event.
   *
   * @throws InvalidLine where this is no CloudEvent 1.0 or carries no event of ours, says why
   */
  Map<String, Object> event() {
    checkVersion();
    attributes.forEach(CloudEvent::checkAttribute);
    String id = key();
    String type = required("type");
    checkDataType();
    checkTime();

    Map<String, Object> data = data();
    Map<String, Object> event = new LinkedHashMap<>(data == null ? Map.of() : data);
    event.values().removeIf(Objects::isNull);
    putId(event, id);
    putType(event, type);
    putFile(event);
    if (data == null) {
      checkNothingIsMissing(event);
    }
    Object time = attributes.get("time");
    if (time != null) {
      event.putIfAbsent("at", time);
    }
    return event;
  }

  private void checkVersion() {
    Object version = attributes.get(VERSION);
    if (!"1.0".equals(version)) {
      throw invalid(
          VERSION
              + (version == null ? " is missing" : " is " + EventReader.shown(version))
              + ", expected \"1.0\"");
    }
  }

  private static void checkAttribute(String name, Object value) {
    if (DATA.contains(name)) {
      return;
    }
    if (OF_DATA.contains(name)) {
      throw invalid(
          "\"" + name + "\" stands beside data, expected in it: it is a field of the event");
    }
    if (!NAME.matcher(name).matches()) {
      throw invalid(
          "the attribute "
              + EventReader.shown(name)
              + " is expected to be named with lower-case letters and digits alone");
    }
    if (value instanceof Map || value instanceof List) {
      throw invalid(
          name
              + " is "
              + EventReader.shown(value)
              + ", expected a string, a number, true or false; free data goes in data.attributes");
    }
  }

  /** What repeats are known by: source and id, whose own rule is that both together are unique. */
  private String key() {
    String source = required("source");
    String id = required("id");
    if (source.chars().anyMatch(c -> c <= BETWEEN || c == 0x7f)) {
      throw invalid(
          "source is " + EventReader.shown(source) + ", expected a URI reference, without spaces");
    }
    String both = source + BETWEEN + id;
    return both.length() <= EventReader.MAX_ID_CHARACTERS ? both : "sha256:" + sha256(both);
  }

  private static String sha256(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw invalid("source and id are expected to be texts, without half surrogate pairs");
    }
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
  }

  private String required(String name) {
    Object value = attributes.get(name);
    if (value == null) {
      throw invalid(name + " is missing; a CloudEvent has specversion, id, source and type");
    }
    if (!(value instanceof String text) || text.isEmpty()) {
      throw invalid(
          name + " is " + EventReader.shown(value) + ", expected a string that is not empty");
    }
    EventReader.checkString(name, text);
    return text;
  }

  private void checkDataType() {
    Object type = attributes.get("datacontenttype");
    if (type != null && !(type instanceof String text && JSON_TYPE.matcher(text).matches())) {
      throw invalid(
          "datacontenttype is " + EventReader.shown(type) + ", expected application/json");
    }
  }

  /** Also where data has a time of its own: a CloudEvent's is a time or no attribute at all. */
  private void checkTime() {
    EventReader.time("time", attributes.get("time"));
  }

  /** The data; null where there is none. */
  @SuppressWarnings("unchecked") // names of JSON objects are strings
  private @Nullable Map<String, Object> data() {
    Object data = attributes.get("data");
    Object packed = attributes.get("data_base64");
    if (data != null && packed != null) {
      throw invalid("data and data_base64 are both there, expected one of them");
    }
    if (packed != null) {
      return unpacked(packed);
    }
    if (data != null && !(data instanceof Map)) {
      throw invalid(
          "data is " + EventReader.shown(data) + ", expected an object with an event's fields");
    }
    return (Map<String, Object>) data;
  }

  private static Map<String, Object> unpacked(Object packed) {
    byte[] text;
    try {
      text = Base64.getDecoder().decode(packed instanceof String given ? given : "?");
    } catch (IllegalArgumentException e) {
      throw invalid(
          "data_base64 is " + EventReader.shown(packed) + ", expected a JSON object in Base64");
    }
    try {
      return EventReader.fields(text, 0, text.length);
    } catch (InvalidLine e) {
      throw invalid("data_base64 is expected to hold a JSON object: " + e.detail());
    }
  }

  private static void putId(Map<String, Object> event, String id) {
    Object given = event.put("id", id);
    if (given != null) {
      throw invalid(
          "data.id is "
              + EventReader.shown(given)
              + ", expected none: source and id of the CloudEvent are the event's id");
    }
  }

  private static void putType(Map<String, Object> event, String type) {
    String word = type.substring(type.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
    Object given = event.putIfAbsent("type", word);
    if (given == null && !isType(word)) {
      throw invalid(
          "type is "
              + EventReader.shown(type)
              + ", expected one that ends with "
              + Arrays.stream(EventType.values())
                  .filter(EventType::isSent)
                  .map(expected -> expected.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", "))
              + ", or data.type");
    }
    if (given != null && isType(given) && type.startsWith(OURS) && !word.equals(given)) {
      throw invalid(
          "type is "
              + EventReader.shown(type)
              + " and data.type "
              + EventReader.shown(given)
              + ", expected the same word");
    }
    // What the service itself tells of a batch, which would else be taken for what befell a file.
    if (type.startsWith(OF_BATCHES) && isAboutFile(event.get("type"))) {
      throw invalid(
          "type is "
              + EventReader.shown(type)
              + ", expected "
              + OF_BATCHES
              + "opened, heartbeat or ended of a batch, or "
              + OURS
              + "file."
              + word.toLowerCase(Locale.ROOT)
              + " of a file");
    }
  }

  private void putFile(Map<String, Object> event) {
    if (!isAboutFile(event.get("type")) || event.containsKey("file")) {
      return;
    }
    String subject = EventReader.text(attributes, "subject", 1, EventReader.MAX_FILE_CHARACTERS);
    if (subject != null) {
      event.put("file", subject);
    }
  }

  private static void checkNothingIsMissing(Map<String, Object> event) {
    Object type = event.get("type");
    boolean whole =
        isAboutFile(type) ? event.containsKey("file") : EventType.HEARTBEAT.name().equals(type);
    if (!whole) {
      throw invalid(
          "data is missing; "
              + type
              + (isAboutFile(type) ? " needs it, or the file as subject" : " needs it"));
    }
  }

  private static boolean isType(Object word) {
    return Arrays.stream(EventType.values())
        .anyMatch(type -> type.isSent() && type.name().equals(word));
  }

  private static boolean isAboutFile(@Nullable Object word) {
    return Arrays.stream(EventType.values())
        .anyMatch(type -> type.isAboutFile() && type.name().equals(word));
  }

  private static InvalidLine invalid(String detail) {
    return new InvalidLine(ProblemType.INVALID_EVENT, detail);
  }
}
