package io.fileaudit.server.cli.load;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the columns of a table that names are meant for. */
public final class Columns {
  private Columns() {}

  /**
   * The columns by those names: spelled alike, or but for upper and lower case where that is one
   * column.
   *
   * @throws UnreadableFile naming what is no column, or comes twice
   */
  public static List<String> named(List<String> names, List<String> columns) throws UnreadableFile {
    Set<String> seen = new HashSet<>();
    List<String> found = new java.util.ArrayList<>();
    for (String name : names) {
      String column = columns.contains(name) ? name : alike(name, columns);
      if (!seen.add(column)) {
        throw mismatch("\"" + name + "\" comes twice");
      }
      found.add(column);
    }
    return found;
  }

  private static String alike(String name, List<String> columns) throws UnreadableFile {
    List<String> alike = columns.stream().filter(name::equalsIgnoreCase).toList();
    if (alike.size() != 1) {
      throw mismatch(
          "the table has no column \"" + name + "\"; it has " + String.join(", ", columns));
    }
    return alike.get(0);
  }

  private static UnreadableFile mismatch(String what) {
    return new UnreadableFile(UnreadableFile.HEADER_MISMATCH, what);
  }
}
