package io.fileaudit.core.ingest;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Reads times as most write them: RFC 3339 in UTC with seconds and up to nine digits of their
 * fraction. Not thread-safe: it remembers the date that it read last.
 */
final class PlainTimeReader {
  private static final int BEFORE_FRACTION = "2026-11-23T14:00:00".length();
  private static final int MAX_FRACTION_DIGITS = 9;
  private static final int SECONDS_OF_A_DAY = 86_400;
  private static final int NONE = -1;

  private byte[] bytes = {};
  private int lastDate = NONE;
  private long lastEpochDay;

  /** The time that stands there; null where it is written otherwise, or is none. */
  @Nullable Instant read(byte[] source, int from, int to) {
    bytes = source;
    int last = to - 1;
    if (last - from < BEFORE_FRACTION || bytes[last] != 'Z') {
      return null;
    }
    int year = digits(from, 4);
    int month = digitsAfter('-', from + 4);
    int day = digitsAfter('-', from + 7);
    int hour = digitsAfter('T', from + 10);
    int minute = digitsAfter(':', from + 13);
    int second = digitsAfter(':', from + 16);
    int nanos = fraction(from + BEFORE_FRACTION, last);
    boolean fits =
        year >= EventReader.FIRST_YEAR
            && month > 0
            && day > 0
            && isBelow(hour, 24)
            && isBelow(minute, 60)
            && isBelow(second, 60)
            && nanos != NONE;
    if (!fits || !isDate(year, month, day)) {
      return null;
    }
    long secondOfDay = (hour * 60L + minute) * 60 + second;
    return Instant.ofEpochSecond(lastEpochDay * SECONDS_OF_A_DAY + secondOfDay, nanos);
  }

  private static boolean isBelow(int value, int end) {
    return value >= 0 && value < end;
  }

  /** Whether there is such a day; it is then the last one. */
  private boolean isDate(int year, int month, int day) {
    int date = (year * 100 + month) * 100 + day;
    if (date != lastDate) {
      try {
        lastEpochDay = LocalDate.of(year, month, day).toEpochDay();
        lastDate = date;
      } catch (DateTimeException e) {
        return false;
      }
    }
    return true;
  }

  private int digitsAfter(char c, int from) {
    return bytes[from] == c ? digits(from + 1, 2) : NONE;
  }

  private int digits(int from, int count) {
    int number = 0;
    for (int i = from; i < from + count; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return NONE;
      }
      number = number * 10 + bytes[i] - '0';
    }
    return number;
  }

  /** Nanoseconds of a fraction that may be missing. */
  private int fraction(int from, int to) {
    if (from == to) {
      return 0;
    }
    int count = to - from - 1;
    if (bytes[from] != '.' || count < 1 || count > MAX_FRACTION_DIGITS) {
      return NONE;
    }
    int nanos = digits(from + 1, count);
    for (int i = count; i < MAX_FRACTION_DIGITS && nanos > 0; i++) {
      nanos *= 10;
    }
    return nanos;
  }
}
