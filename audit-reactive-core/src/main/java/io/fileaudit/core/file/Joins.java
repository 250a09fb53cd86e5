package io.fileaudit.core.file;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The joins of single values, in which an absent value is the least known one. */
final class Joins {
  private Joins() {}

  static <T extends Comparable<T>> @Nullable T greater(@Nullable T one, @Nullable T other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) >= 0 ? one : other;
  }

  static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? other : one;
  }
}
