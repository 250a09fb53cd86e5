package io.fileaudit.core.ingest;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.file.Checksums;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the plain form in which nearly all lines come, in one pass over the bytes: known fields
 * about a file, ASCII without escapes, integers in plain digits, and attributes that are the same
 * in canonical form. It knows nothing of what is wrong with any other line: that is {@link
 * EventReader}'s to say, and what both can read they read alike. Not thread-safe: it reuses its
 * notes.
 */
final class PlainEventReader {
  /**
   * The fields of an event in the order of their names, which is that of canonical JSON; behind
   * them those of a record's envelope, which are no part of the event.
   */
  private enum Field {
    AT,
    ATTEMPT,
    ATTRIBUTES,
    BYTES,
    CHECKSUM,
    FILE,
    ID,
    POSITION,
    REJECTED_ROWS,
    ROWS,
    TYPE,
    BATCH,
    NAMESPACE,
    RUN;

    private static final Field[] ALL = values();
    private static final Field[] OF_EVENT = Arrays.copyOf(ALL, TYPE.ordinal() + 1);

    /** As it stands in canonical JSON, {@code "name":}. */
    private final byte[] member = ascii('"' + name().toLowerCase(Locale.ROOT) + "\":");
  }

  private record Word(EventType type, byte[] letters) {}

  /** The types of events about files, by first letter from A on. */
  private static final Word[][] TYPES =
      IntStream.rangeClosed('A', 'Z')
          .mapToObj(
              letter ->
                  Arrays.stream(EventType.values())
                      .filter(type -> type.isAboutFile() && type.name().charAt(0) == letter)
                      .map(type -> new Word(type, ascii(type.name())))
                      .toArray(Word[]::new))
          .toArray(Word[][]::new);

  private static final Field[] NONE = {};

  /** By the length of the name in its quotation marks. */
  private static final Field[][] BY_LENGTH =
      IntStream.range(0, 16)
          .mapToObj(
              length ->
                  Arrays.stream(Field.ALL)
                      .filter(field -> field.member.length - 1 == length)
                      .toArray(Field[]::new))
          .toArray(Field[][]::new);

  private static final int MOST_DIGITS = 16;
  private static final int ABSENT = -1;

  /** A power of two. */
  private static final int RECENT_NAMES = 64;

  /** Names of one load differ near their ends. */
  private static final int HASHED_BYTES = 24;

  private final int[] starts = new int[Field.ALL.length];
  private final int[] ends = new int[Field.ALL.length];
  private final long[] figures = new long[Field.ALL.length];
  private final byte[][] recentBytes = new byte[RECENT_NAMES][];
  private final String[] recentNames = new String[RECENT_NAMES];
  private final PlainTimeReader times = new PlainTimeReader();
  private Map<String, Object> attributes = Map.of();
  private byte[] bytes = {};
  private boolean enveloped;
  private int at;
  private int end;

  /** The event of a line; null where it is not plain, whether or not it is an event. */
  Line.@Nullable Readable read(long number, byte[] source, int from, int length) {
    enveloped = false;
    return readAny(number, source, from, length);
  }

  /**
   * The event of a record, whose offset is its position whatever it gives itself; null where it is
   * not plain. What its envelope says is asked for afterwards.
   */
  Line.@Nullable Readable readRecord(long offset, byte[] source) {
    enveloped = true;
    return readAny(offset, source, 0, source.length);
  }

  /** The batch that the last record names; null where it names none. */
  @Nullable String batch() {
    return text(Field.BATCH);
  }

  /** The namespace that the last record names; null where it names none. */
  @Nullable String namespace() {
    return text(Field.NAMESPACE);
  }

  /** The run that the last record names; null where it names none. */
  @Nullable Long run() {
    return figure(Field.RUN);
  }

  private Line.@Nullable Readable readAny(long number, byte[] source, int from, int length) {
    bytes = source;
    at = from;
    end = from + length;
    EventType type = findFields() ? type() : null;
    if (type == null
        || !isText(Field.FILE, EventReader.MAX_FILE_CHARACTERS)
        || !(isAbsent(Field.ID) || isText(Field.ID, EventReader.MAX_ID_CHARACTERS))
        || !(isAbsent(Field.CHECKSUM) || isChecksum())
        || !(isAbsent(Field.ATTEMPT) || isAttempt())) {
      return null;
    }
    Instant time =
        isAbsent(Field.AT)
            ? null
            : times.read(bytes, starts[Field.AT.ordinal()], ends[Field.AT.ordinal()]);
    if (time == null && !isAbsent(Field.AT)) {
      return null;
    }
    Long attempt = figure(Field.ATTEMPT);
    FileEvent event =
        new FileEvent(
            type,
            file(),
            time,
            attempt == null ? null : attempt.intValue(),
            figure(Field.ROWS),
            figure(Field.REJECTED_ROWS),
            figure(Field.BYTES),
            text(Field.CHECKSUM),
            enveloped ? Long.valueOf(number) : figure(Field.POSITION),
            text(Field.ID),
            null,
            attributes);
    return new Line.Readable(number, event, canonical());
  }

  private boolean findFields() {
    Arrays.fill(starts, ABSENT);
    attributes = Map.of();
    skipSpace();
    if (!take('{')) {
      return false;
    }
    do {
      skipSpace();
      Field field = name();
      if (field == null || !isAbsent(field)) {
        return false;
      }
      skipSpace();
      if (!take(':')) {
        return false;
      }
      skipSpace();
      if (!value(field)) {
        return false;
      }
      skipSpace();
    } while (take(','));
    if (!take('}')) {
      return false;
    }
    skipSpace();
    return at == end;
  }

  private void skipSpace() {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
  }

  private boolean take(char c) {
    if (at < end && bytes[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  private @Nullable Field name() {
    int from = at;
    if (!take('"') || !skipText()) {
      return null;
    }
    int length = at - from;
    for (Field field : length < BY_LENGTH.length ? BY_LENGTH[length] : NONE) {
      if (Arrays.equals(bytes, from, at, field.member, 0, length)) {
        return enveloped || field.ordinal() < Field.OF_EVENT.length ? field : null;
      }
    }
    return null;
  }

  /** Passes over a string whose opening quotation mark was taken, with its closing one. */
  private boolean skipText() {
    while (at < end) {
      byte b = bytes[at++];
      if (b == '"') {
        return true;
      }
      if (b < ' ' || b == '\\' || b == 0x7f) {
        return false;
      }
    }
    return false;
  }

  private boolean value(Field field) {
    return switch (field) {
      case AT, CHECKSUM, FILE, ID, TYPE, BATCH, NAMESPACE -> {
        starts[field.ordinal()] = at + 1;
        boolean whole = take('"') && skipText();
        ends[field.ordinal()] = at - 1;
        yield whole;
      }
      case ATTRIBUTES -> {
        starts[field.ordinal()] = at;
        boolean whole = attributes();
        ends[field.ordinal()] = at;
        yield whole;
      }
      default -> {
        starts[field.ordinal()] = at;
        figures[field.ordinal()] = number();
        ends[field.ordinal()] = at;
        yield figures[field.ordinal()] != ABSENT;
      }
    };
  }

  /** An object of strings and integers, its names rising and nothing between its signs. */
  private boolean attributes() {
    if (!take('{')) {
      return false;
    }
    attributes = new LinkedHashMap<>();
    String last = null;
    while (!take('}')) {
      if (last != null && !take(',')) {
        return false;
      }
      String name = string();
      if (name == null || (last != null && name.compareTo(last) <= 0) || !take(':')) {
        return false;
      }
      Object value = at < end && bytes[at] == '"' ? string() : plainNumber();
      if (value == null) {
        return false;
      }
      attributes.put(name, value);
      last = name;
    }
    return true;
  }

  private @Nullable String string() {
    int from = at + 1;
    return take('"') && skipText()
        ? new String(bytes, from, at - 1 - from, StandardCharsets.ISO_8859_1)
        : null;
  }

  /** A number as the full reader gives it. */
  private @Nullable Object plainNumber() {
    long number = number();
    if (number == ABSENT) {
      return null;
    }
    return number <= Integer.MAX_VALUE ? (Object) (int) number : (Object) number;
  }

  /** An integer in plain digits that can be kept exactly; negative where it is none. */
  private long number() {
    int from = at;
    long number = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9' && at - from < MOST_DIGITS) {
      number = number * 10 + bytes[at++] - '0';
    }
    boolean plain = at - from == 1 || (at > from && bytes[from] != '0');
    // What follows, a fraction say, is no comma or bracket and not plain.
    return plain && number <= CanonicalJson.MAX_INTEGER ? number : ABSENT;
  }

  private boolean isAbsent(Field field) {
    return starts[field.ordinal()] == ABSENT;
  }

  /** Its type; null where it is not about a file. */
  private @Nullable EventType type() {
    int from = starts[Field.TYPE.ordinal()];
    int to = ends[Field.TYPE.ordinal()];
    if (from != ABSENT && bytes[from] >= 'A' && bytes[from] <= 'Z') {
      for (Word word : TYPES[bytes[from] - 'A']) {
        if (Arrays.equals(bytes, from, to, word.letters(), 0, word.letters().length)) {
          return word.type();
        }
      }
    }
    return null;
  }

  private boolean isText(Field field, int most) {
    int length = ends[field.ordinal()] - starts[field.ordinal()];
    return !isAbsent(field) && length > 0 && length <= most;
  }

  private boolean isAttempt() {
    long attempt = figures[Field.ATTEMPT.ordinal()];
    return attempt >= 1 && attempt <= EventReader.MAX_ATTEMPT;
  }

  private boolean isChecksum() {
    return Checksums.isOne(String.valueOf(text(Field.CHECKSUM)));
  }

  private @Nullable Long figure(Field field) {
    return isAbsent(field) ? null : Long.valueOf(figures[field.ordinal()]);
  }

  private @Nullable String text(Field field) {
    int from = starts[field.ordinal()];
    return from == ABSENT
        ? null
        : new String(bytes, from, ends[field.ordinal()] - from, StandardCharsets.ISO_8859_1);
  }

  /**
   * The name of the file. The events of one file come close together, and whoever looks its name up
   * later is faster with one and the same string.
   */
  private String file() {
    int from = starts[Field.FILE.ordinal()];
    int to = ends[Field.FILE.ordinal()];
    int hash = to - from;
    for (int i = Math.max(from, to - HASHED_BYTES); i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = hash & (recentNames.length - 1);
    byte[] name = recentBytes[slot];
    if (name == null || !Arrays.equals(name, 0, name.length, bytes, from, to)) {
      name = Arrays.copyOfRange(bytes, from, to);
      recentBytes[slot] = name;
      recentNames[slot] = new String(name, StandardCharsets.ISO_8859_1);
    }
    return recentNames[slot];
  }

  /** The fields as they stand, in canonical order: nothing in plain values has another form. */
  private byte[] canonical() {
    int length = 1;
    for (Field field : Field.OF_EVENT) {
      if (!isAbsent(field)) {
        length += 1 + field.member.length + valueEnd(field) - valueStart(field);
      }
    }
    byte[] text = new byte[length];
    text[0] = '{';
    int to = 1;
    for (Field field : Field.OF_EVENT) {
      if (!isAbsent(field)) {
        System.arraycopy(field.member, 0, text, to, field.member.length);
        to += field.member.length;
        int from = valueStart(field);
        int count = valueEnd(field) - from;
        System.arraycopy(bytes, from, text, to, count);
        to += count;
        text[to++] = ',';
      }
    }
    text[to - 1] = '}';
    return text;
  }

  private int valueStart(Field field) {
    int start = starts[field.ordinal()];
    return bytes[start - 1] == '"' ? start - 1 : start;
  }

  private int valueEnd(Field field) {
    int valueEnd = ends[field.ordinal()];
    return bytes[starts[field.ordinal()] - 1] == '"' ? valueEnd + 1 : valueEnd;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
