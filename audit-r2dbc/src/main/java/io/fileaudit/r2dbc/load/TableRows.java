package io.fileaudit.r2dbc.load;

import java.util.List;

/**
 * What a table held at one moment.
 *
 * @param name the table that was found
 * @param rows a row each as a JSON object: members are columns, times ISO 8601, all else as
 *     PostgreSQL's {@code to_jsonb} has it
 */
public record TableRows(TableName name, List<String> rows) {
  public TableRows {
    rows = List.copyOf(rows);
  }
}
