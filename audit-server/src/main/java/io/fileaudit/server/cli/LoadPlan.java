package io.fileaudit.server.cli;

import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.server.cli.load.RowFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What is to be loaded, and how.
 *
 * @param files what the arguments name
 * @param named names of files that are loaded whatever they are called
 * @param names which others in directories and archives are, by the last part of their names
 * @param format how their records are written
 * @param columns the columns of the table that they hold, in their order; empty where the header
 *     says so, or they are all
 * @param table where the rows go
 * @param create whether the table is made of texts where it is missing
 * @param jobs how many files at once
 * @param maxBadRows how many bad rows of a file are put up with
 */
record LoadPlan(
    FileSelection files,
    Set<String> named,
    CsvNames names,
    RowFormat format,
    List<String> columns,
    TableName table,
    boolean create,
    int jobs,
    long maxBadRows) {

  /** The same with these columns. */
  LoadPlan withColumns(List<String> wanted) {
    return new LoadPlan(files, named, names, format, wanted, table, create, jobs, maxBadRows);
  }

  /** Whether a file of that name is loaded. */
  boolean takes(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return named.contains(name)
        || names.include(name)
        || lower.endsWith(".zip")
        || (lower.endsWith(".gz") && names.include(name.substring(0, name.length() - 3)));
  }
}
