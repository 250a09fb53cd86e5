package io.fileaudit.server.cli;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a printed list.
 *
 * @param name as it stands in the header of CSV; capitals in a table
 * @param right whether a table sets it to the right, as numbers are
 * @param value what stands in it; null prints as nothing
 */
record Column<T>(String name, boolean right, Function<T, @Nullable Object> value) {

  static <T> Column<T> text(String name, Function<T, @Nullable Object> value) {
    return new Column<>(name, false, value);
  }

  static <T> Column<T> number(String name, Function<T, @Nullable Object> value) {
    return new Column<>(name, true, value);
  }

  String of(T item) {
    Object found = value.apply(item);
    return found == null ? "" : found.toString();
  }
}
