package io.fileaudit.core.ingest;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Ended;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Heartbeat;
import io.fileaudit.api.event.Opened;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;
import io.fileaudit.core.batch.SpecReader;
import io.fileaudit.core.file.Checksums;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.ledger.Line;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * Reads one line of a stream, a plain event or a {@link CloudEvent}, into an event and its
 * canonical form. A line that is no event becomes a refusal that names the offending and the
 * expected value; it never throws for what a sender wrote. Not thread-safe: it reuses a buffer.
 */
public final class EventReader {
  /** The longest line that is read, in bytes. */
  public static final int MAX_LINE_BYTES = 64 * 1024;

  /** The longest file name, in characters (code points). */
  public static final int MAX_FILE_CHARACTERS = 1024;

  private static final int KEPT_BYTES = 4 * 1024;
  static final int MAX_ID_CHARACTERS = 200;
  static final int MAX_ATTEMPT = 1_000_000;
  static final int FIRST_YEAR = 1900;
  private static final int MAX_CODE_CHARACTERS = 200;
  private static final int MAX_MESSAGE_CHARACTERS = 8_000;
  private static final int MAX_SHOWN_CHARACTERS = 80;
  private static final List<EventType> SENT_TYPES =
      Arrays.stream(EventType.values()).filter(EventType::isSent).toList();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final Set<String> FILE_FIELDS =
      Set.of(
          "type",
          "file",
          "at",
          "attempt",
          "rows",
          "rejected_rows",
          "bytes",
          "checksum",
          "position",
          "id",
          "error",
          "attributes");
  private static final Set<String> HEARTBEAT_FIELDS = Set.of("type", "at", "position", "id");
  private static final Set<String> ENDED_FIELDS =
      Set.of("type", "at", "position", "id", "status", "message");
  private static final Set<String> ERROR_FIELDS = Set.of("code", "message", "line", "column");

  private final PlainEventReader plain = new PlainEventReader();
  private final Utf8Output canonical = new Utf8Output(1024);
  private final boolean onlyCloudEvents;

  /** Reads plain events and CloudEvents. */
  public EventReader() {
    this(false);
  }

  /**
   * A reader of lines.
   *
   * @param onlyCloudEvents whether plain events are refused, because the sender said that it sends
   *     none
   */
  EventReader(boolean onlyCloudEvents) {
    this.onlyCloudEvents = onlyCloudEvents;
  }

  /**
   * Reads a line.
   *
   * @param number its number in the request, from 1
   * @param bytes where it lies
   * @param from its first byte
   * @param length its length without the line end
   */
  public Line read(long number, byte[] bytes, int from, int length) {
    if (length <= MAX_LINE_BYTES && !onlyCloudEvents) {
      Line.Readable line = plain.read(number, bytes, from, length);
      if (line != null) {
        return line;
      }
    }
    return readAnything(number, bytes, from, length);
  }

  /**
   * Reads the text of a refused event again.
   *
   * @param position the position under which it was refused, which its text may not give; null
   *     where it had none
   */
  Line readKept(long number, byte[] text, @Nullable Long position) {
    return readAnything(number, text, 0, text.length, position);
  }

  /** Reads whatever form a line has, and says what is wrong with one that is no event. */
  Line readAnything(long number, byte[] bytes, int from, int length) {
    return readAnything(number, bytes, from, length, null);
  }

  private Line readAnything(
      long number, byte[] bytes, int from, int length, @Nullable Long position) {
    Map<String, Object> fields = Map.of();
    try {
      fields = fields(bytes, from, length);
      if (onlyCloudEvents || CloudEvent.isOne(fields)) {
        CloudEvent event = new CloudEvent(fields);
        try {
          fields = event.event();
        } catch (InvalidLine e) {
          fields = event.keys();
          throw e;
        }
      }
      return line(number, fields, position);
    } catch (InvalidLine e) {
      return refuse(number, copy(bytes, from, length), e, fields);
    }
  }

  /**
   * The fields of a text that is a JSON object.
   *
   * @throws InvalidLine where it is none, says why
   */
  static Map<String, Object> fields(byte[] bytes, int from, int length) {
    if (length > MAX_LINE_BYTES) {
      throw tooLong();
    }
    checkText(bytes, from, length);
    return parse(bytes, from, length);
  }

  /**
   * The event that fields make; those that are null are taken out of them.
   *
   * @param position its position in its producer's stream, where that is not the sender's to say
   * @throws InvalidLine where they make none, says why
   */
  Line.Readable line(long number, Map<String, Object> fields, @Nullable Long position) {
    try {
      Event event = event(fields, position);
      canonical.reset();
      fields.values().removeIf(java.util.Objects::isNull);
      CanonicalJson.write(fields, canonical);
      return new Line.Readable(number, event, canonical.toBytes());
    } catch (AuditException e) {
      throw new InvalidLine(ProblemType.INVALID_EVENT, e.detail());
    } catch (IllegalArgumentException e) {
      throw new InvalidLine(ProblemType.INVALID_EVENT, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The refusal of a line that is longer than {@link #MAX_LINE_BYTES}, of which only the beginning
   * was kept.
   */
  static Line tooLong(long number, byte[] bytes, int from, int length) {
    return refuse(number, copy(bytes, from, length), tooLong(), Map.of());
  }

  private static InvalidLine tooLong() {
    return new InvalidLine(
        ProblemType.TOO_LARGE, "the line is longer than " + MAX_LINE_BYTES + " bytes");
  }

  /** The beginning of a text, as much as is kept of what is refused. */
  static byte[] copy(byte[] bytes, int from, int length) {
    return Arrays.copyOfRange(bytes, from, from + Math.min(length, KEPT_BYTES));
  }

  private static Line.Unreadable refuse(
      long number, byte[] kept, InvalidLine wrong, Map<String, Object> fields) {
    Long position =
        fields.get("position") instanceof Number given && given.longValue() >= 0
            ? given.longValue()
            : null;
    return new Line.Unreadable(
        number, kept, Refusal.of(number, wrong.type(), wrong.detail()), position, id(fields));
  }

  /** The id that fields give, where it can be a key. */
  static @Nullable String id(Map<String, Object> fields) {
    return fields.get("id") instanceof String given
            && given.length() <= MAX_ID_CHARACTERS
            && given.indexOf('\0') < 0
        ? given
        : null;
  }

  private static void checkText(byte[] bytes, int from, int length) {
    boolean ascii = true;
    for (int i = from; i < from + length; i++) {
      ascii &= bytes[i] >= 0;
      if (bytes[i] == 0) {
        throw new InvalidLine(
            ProblemType.MALFORMED_JSON, "a NUL byte at byte " + (i - from + 1) + " of the line");
      }
    }
    if (!ascii) {
      try {
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes, from, length));
      } catch (CharacterCodingException e) {
        throw new InvalidLine(ProblemType.MALFORMED_JSON, "the line is not valid UTF-8");
      }
    }
  }

  private static Map<String, Object> parse(byte[] bytes, int from, int length) {
    try {
      Map<String, Object> fields = AuditJson.strict().readValue(bytes, from, length, OBJECT);
      if (fields == null) {
        throw new InvalidLine(ProblemType.INVALID_EVENT, "an event is a JSON object, not null");
      }
      return fields;
    } catch (tools.jackson.databind.exc.MismatchedInputException e) {
      throw new InvalidLine(ProblemType.INVALID_EVENT, "an event is one JSON object on one line");
    } catch (JacksonException e) {
      throw new InvalidLine(
          ProblemType.MALFORMED_JSON, "not readable as JSON: " + SentJson.reason(e));
    }
  }

  private static Event event(Map<String, Object> fields, @Nullable Long given) {
    EventType type = type(fields.get("type"));
    Instant at = time("at", fields.get("at"));
    Long sent = figure(fields, "position");
    Long position = given == null ? sent : given;
    String id = text(fields, "id", 1, MAX_ID_CHARACTERS);
    if (type.isAboutFile()) {
      return fileEvent(type, fields, at, position, id);
    }
    return switch (type) {
      case HEARTBEAT -> {
        checkFields(fields, HEARTBEAT_FIELDS, type);
        yield new Heartbeat(at, position, id);
      }
      case ENDED -> {
        checkFields(fields, ENDED_FIELDS, type);
        String status = text(fields, "status", 1, 40);
        if (status == null) {
          throw new InvalidLine(
              ProblemType.INVALID_EVENT, "ENDED needs status: COMPLETED, FAILED or CANCELLED");
        }
        yield new Ended(ending(status), text(fields, "message", 0, 2_000), at, position, id);
      }
      default -> new Opened(spec(fields), at, position, id);
    };
  }

  private static BatchStatus ending(String word) {
    BatchStatus status = BatchStatus.parse(word);
    return switch (status) {
      case COMPLETED, FAILED, CANCELLED -> status;
      default ->
          throw new InvalidLine(
              ProblemType.INVALID_EVENT,
              "status is " + status + ", expected COMPLETED, FAILED or CANCELLED");
    };
  }

  private static BatchSpec spec(Map<String, Object> fields) {
    Map<String, Object> open = new LinkedHashMap<>(fields);
    open.keySet().removeAll(HEARTBEAT_FIELDS);
    checkStrings(open);
    return SpecReader.read(open);
  }

  private static FileEvent fileEvent(
      EventType type,
      Map<String, Object> fields,
      @Nullable Instant at,
      @Nullable Long position,
      @Nullable String id) {
    checkFields(fields, FILE_FIELDS, type);
    String file = text(fields, "file", 1, MAX_FILE_CHARACTERS);
    if (file == null) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, type + " needs file: the name of the file that it is about");
    }
    String checksum = text(fields, "checksum", 1, 221);
    if (checksum != null && !Checksums.isOne(checksum)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          "checksum is \"" + shown(checksum) + "\", expected algorithm:value as in sha256:9f86…");
    }
    return new FileEvent(
        type,
        file,
        at,
        attempt(fields),
        figure(fields, "rows"),
        figure(fields, "rejected_rows"),
        figure(fields, "bytes"),
        checksum,
        position,
        id,
        error(fields.get("error")),
        attributes(fields.get("attributes")));
  }

  private static EventType type(@Nullable Object value) {
    if (value instanceof String word) {
      for (EventType type : EventType.values()) {
        if (type.isSent() && type.name().equals(word)) {
          return type;
        }
      }
    }
    throw new InvalidLine(
        ProblemType.INVALID_EVENT,
        value == null
            ? "type is missing; one of " + SENT_TYPES
            : "unknown type " + shown(value) + "; one of " + SENT_TYPES);
  }

  private static void checkFields(Map<String, Object> fields, Set<String> known, EventType type) {
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        throw new InvalidLine(
            ProblemType.INVALID_EVENT,
            "unknown field " + shown(name) + " of " + type + "; free data goes in attributes");
      }
    }
  }

  private static @Nullable Integer attempt(Map<String, Object> fields) {
    Long attempt = figure(fields, "attempt");
    if (attempt == null) {
      return null;
    }
    if (attempt < 1 || attempt > MAX_ATTEMPT) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, "attempt is " + attempt + ", expected 1 to " + MAX_ATTEMPT);
    }
    return attempt.intValue();
  }

  static @Nullable Long figure(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null) {
      return null;
    }
    boolean integer = value instanceof Integer || value instanceof Long;
    long figure = integer ? ((Number) value).longValue() : -1;
    if (!integer || figure < 0 || figure > CanonicalJson.MAX_INTEGER) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          name + " is " + shown(value) + ", expected an integer from 0 to 2^53−1 in plain digits");
    }
    return figure;
  }

  static @Nullable String text(Map<String, Object> fields, String name, int least, int most) {
    Object value = fields.get(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, name + " is " + shown(value) + ", expected a string");
    }
    int characters = text.codePointCount(0, text.length());
    if (characters < least || characters > most) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          name + " has " + characters + " characters, expected " + least + " to " + most);
    }
    checkString(name, text);
    return text;
  }

  static void checkString(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, name + " contains U+0000, which cannot be stored");
    }
  }

  private static void checkStrings(@Nullable Object value) {
    if (value instanceof String text) {
      checkString("a string", text);
    } else if (value instanceof Map<?, ?> object) {
      object.forEach(
          (name, member) -> {
            checkString("a name", String.valueOf(name));
            checkStrings(member);
          });
    } else if (value instanceof Iterable<?> array) {
      array.forEach(EventReader::checkStrings);
    }
  }

  static @Nullable Instant time(String name, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof String text && text.length() <= 64) {
      try {
        Instant time = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT)).toInstant();
        int year = time.atOffset(java.time.ZoneOffset.UTC).getYear();
        if (year >= FIRST_YEAR && year <= 9999) {
          return time;
        }
      } catch (DateTimeException e) {
        // answered below, with what was expected
      }
    }
    throw new InvalidLine(
        ProblemType.INVALID_EVENT,
        name
            + " is "
            + shown(value)
            + ", expected an RFC 3339 time as in 2026-11-23T14:00:00.123Z");
  }

  private static @Nullable EventError error(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (!(value instanceof Map<?, ?>)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, "error is " + shown(value) + ", expected an object");
    }
    @SuppressWarnings("unchecked") // names of JSON objects are strings
    Map<String, Object> fields = (Map<String, Object>) value;
    Set<String> unknown = new HashSet<>(fields.keySet());
    unknown.removeAll(ERROR_FIELDS);
    if (!unknown.isEmpty()) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          "unknown field "
              + shown(unknown.iterator().next())
              + " of error; it has code, message, line and column");
    }
    fields.values().removeIf(java.util.Objects::isNull);
    return new EventError(
        text(fields, "code", 1, MAX_CODE_CHARACTERS),
        text(fields, "message", 0, MAX_MESSAGE_CHARACTERS),
        figure(fields, "line"),
        figure(fields, "column"));
  }

  @SuppressWarnings("unchecked") // names of JSON objects are strings
  private static Map<String, Object> attributes(@Nullable Object value) {
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?>)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, "attributes is " + shown(value) + ", expected an object");
    }
    checkStrings(value);
    return (Map<String, Object>) value;
  }

  static String shown(Object value) {
    String text = value instanceof String string ? "\"" + string + "\"" : String.valueOf(value);
    return Shown.cut(text, MAX_SHOWN_CHARACTERS);
  }
}
