package io.fileaudit.r2dbc.load;

import java.util.List;

/**
 * A table that was found.
 *
 * @param schema where it was found
 * @param table its name
 * @param columns the columns that can be written, in the table's order
 */
public record TargetTable(String schema, String table, List<String> columns) {
  public TargetTable {
    columns = List.copyOf(columns);
  }

  TableName name() {
    return new TableName(schema, table);
  }

  /** Where it is noted which files were loaded: beside the table. */
  TableName notes() {
    return new TableName(schema, PostgresLoadSession.NOTES);
  }

  @Override
  public String toString() {
    return name().toString();
  }
}
