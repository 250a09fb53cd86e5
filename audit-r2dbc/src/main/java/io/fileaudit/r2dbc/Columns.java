package io.fileaudit.r2dbc;

import java.lang.reflect.Array;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a list of things into the columns that a statement unnests, so that its text is the same
 * for any number of rows.
 */
final class Columns {
  /** A value of a row that may be absent. */
  @FunctionalInterface
  interface Value<S, T> {
    @Nullable T of(S row);
  }

  private Columns() {}

  /** One column; an absent value is NULL. */
  @SuppressWarnings("unchecked") // the array was made of that type
  static <S, T> T[] of(List<S> rows, Class<T> type, Value<S, T> value) {
    T[] column = (T[]) Array.newInstance(type, rows.size());
    for (int i = 0; i < column.length; i++) {
      Array.set(column, i, value.of(rows.get(i)));
    }
    return column;
  }
}
