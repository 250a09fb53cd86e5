package io.fileaudit.r2dbc.load;

import org.jspecify.annotations.Nullable;

/**
 * The name of a table, as the database's catalogue has it: no letter is folded.
 *
 * @param schema its schema; null where it is to be found on the search path
 * @param table its own name
 */
public record TableName(@Nullable String schema, String table) {
  public TableName {
    if (table.isEmpty() || (schema != null && schema.isEmpty())) {
      throw new IllegalArgumentException("a table is named as in empresa or rfb.empresa");
    }
  }

  /**
   * Reads {@code table} or {@code schema.table}.
   *
   * @throws IllegalArgumentException where a part is empty
   */
  public static TableName parse(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new TableName(null, text)
        : new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  /** The name as SQL has it, quoted. */
  String sql() {
    return schema == null ? quoted(table) : quoted(schema) + "." + quoted(table);
  }

  static String quoted(String identifier) {
    return "\"" + identifier.replace("\"", "\"\"") + "\"";
  }

  @Override
  public String toString() {
    return schema == null ? table : schema + "." + table;
  }
}
