package io.fileaudit.r2dbc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of rows that a statement unnests, so that its text is the same for any number of rows.
 * {@link ColumnCodec} sends it.
 *
 * @param type of the values
 * @param values one for each row; an absent value is NULL
 */
record Column(Class<?> type, @Nullable Object[] values) {
  /** A value of a row that may be absent. */
  @FunctionalInterface
  interface Value<S, T> {
    @Nullable T of(S row);
  }

  /** That value of all rows. */
  static <S, T> Column of(List<S> rows, Class<T> type, Value<S, T> value) {
    @Nullable Object[] values = new @Nullable Object[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.of(rows.get(i));
    }
    return new Column(type, values);
  }
}
