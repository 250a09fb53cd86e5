package io.fileaudit.api.json;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;

/** A growing buffer that canonical JSON is written into. Not thread-safe. */
public final class Utf8Output {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final long SECONDS_OF_A_DAY = 86_400;
  private byte[] bytes;
  private int length;

  /** A buffer that starts with room for {@code capacity} bytes. */
  public Utf8Output(int capacity) {
    bytes = new byte[capacity];
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** Forgets what was written and keeps the room. */
  public void reset() {
    length = 0;
  }

  /** Appends one byte. */
  public Utf8Output put(int b) {
    ensure(1);
    bytes[length++] = (byte) b;
    return this;
  }

  /** Appends bytes as they are. */
  public Utf8Output put(byte[] source) {
    return put(source, 0, source.length);
  }

  /** Appends a part of an array as it is. */
  public Utf8Output put(byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends characters that are known to be ASCII. */
  public Utf8Output ascii(String text) {
    int count = text.length();
    ensure(count);
    for (int i = 0; i < count; i++) {
      bytes[length + i] = (byte) text.charAt(i);
    }
    length += count;
    return this;
  }

  /** Appends what another has. */
  public Utf8Output put(Utf8Output other) {
    return put(other.bytes, 0, other.length);
  }

  /** Appends a number in plain digits. */
  public Utf8Output number(long value) {
    if (value < 0) {
      return ascii(Long.toString(value));
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    ensure(digits);
    digits(value, length, digits);
    length += digits;
    return this;
  }

  /** Writes the last so many digits of a number. */
  private void digits(long value, int at, int count) {
    long rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** Appends a time in the form of {@link Instant#toString()}: RFC 3339, UTC. */
  public Utf8Output time(Instant time) {
    long day = Math.floorDiv(time.getEpochSecond(), SECONDS_OF_A_DAY);
    LocalDate date = LocalDate.ofEpochDay(day);
    if (date.getYear() < 1000 || date.getYear() > 9999) {
      return ascii(time.toString());
    }
    int second = (int) (time.getEpochSecond() - day * SECONDS_OF_A_DAY);
    padded(date.getYear(), 4).put('-').padded(date.getMonthValue(), 2).put('-');
    padded(date.getDayOfMonth(), 2).put('T').padded(second / 3_600, 2).put(':');
    padded(second / 60 % 60, 2).put(':').padded(second % 60, 2);
    int nanos = time.getNano();
    if (nanos % 1_000 != 0) {
      put('.').padded(nanos, 9);
    } else if (nanos % 1_000_000 != 0) {
      put('.').padded(nanos / 1_000, 6);
    } else if (nanos != 0) {
      put('.').padded(nanos / 1_000_000, 3);
    }
    return put('Z');
  }

  private Utf8Output padded(int value, int digits) {
    ensure(digits);
    digits(value, length, digits);
    length += digits;
    return this;
  }

  /**
   * Appends a string in quotation marks, escaped as RFC 8785 §3.2.2.2 says.
   *
   * @throws IllegalArgumentException for half of a surrogate pair, which has no UTF-8 form
   */
  public Utf8Output string(String text) {
    int count = text.length();
    ensure(count * 6 + 2);
    bytes[length++] = '"';
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ascii(c);
      } else if (c < 0x800) {
        bytes[length++] = (byte) (0xc0 | c >> 6);
        bytes[length++] = (byte) (0x80 | c & 0x3f);
      } else if (!Character.isSurrogate(c)) {
        bytes[length++] = (byte) (0xe0 | c >> 12);
        bytes[length++] = (byte) (0x80 | c >> 6 & 0x3f);
        bytes[length++] = (byte) (0x80 | c & 0x3f);
      } else {
        if (!Character.isHighSurrogate(c)
            || i + 1 == count
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new IllegalArgumentException(
              "half of a surrogate pair (U+" + Integer.toHexString(c) + ")");
        }
        int point = Character.toCodePoint(c, text.charAt(++i));
        bytes[length++] = (byte) (0xf0 | point >> 18);
        bytes[length++] = (byte) (0x80 | point >> 12 & 0x3f);
        bytes[length++] = (byte) (0x80 | point >> 6 & 0x3f);
        bytes[length++] = (byte) (0x80 | point & 0x3f);
      }
    }
    bytes[length++] = '"';
    return this;
  }

  private void ascii(char c) {
    if (c >= 0x20 && c != '"' && c != '\\') {
      bytes[length++] = (byte) c;
      return;
    }
    bytes[length++] = '\\';
    switch (c) {
      case '"', '\\' -> bytes[length++] = (byte) c;
      case '\b' -> bytes[length++] = 'b';
      case '\t' -> bytes[length++] = 't';
      case '\n' -> bytes[length++] = 'n';
      case '\f' -> bytes[length++] = 'f';
      case '\r' -> bytes[length++] = 'r';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 0xf];
      }
    }
  }

  /** A copy of what was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** A copy of what was written from {@code from} on. */
  public byte[] toBytes(int from) {
    return Arrays.copyOfRange(bytes, from, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
