package io.fileaudit.r2dbc;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a reading statement is to find, made of the conditions that were given and no others: a
 * general plan finds the index of a condition only where the condition is always meant. The texts
 * that come of it are few, so their plans are kept.
 */
final class Conditions {
  private final List<Object> values = new ArrayList<>();

  /** The name of a new parameter of that value. */
  String value(Object value) {
    values.add(value);
    return "$" + values.size();
  }

  /** The condition with {@code ?} for each of its values; empty where one of them is not given. */
  String when(String condition, @Nullable Object... given) {
    StringBuilder text = new StringBuilder(condition.length() + 8).append(' ');
    int value = 0;
    int first = values.size();
    for (char c : condition.toCharArray()) {
      if (c != '?') {
        text.append(c);
        continue;
      }
      Object one = given[value++];
      if (one == null) {
        values.subList(first, values.size()).clear();
        return "";
      }
      text.append(value(one));
    }
    return text.append(' ').toString();
  }

  /** The statement of that text with the values of all parameters. */
  PostgresqlStatement on(PostgresqlConnection connection, String text) {
    PostgresqlStatement statement = connection.createStatement(text);
    for (int i = 0; i < values.size(); i++) {
      statement.bind("$" + (i + 1), values.get(i));
    }
    return statement;
  }
}
