package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.json.AuditJson;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * How the tables and columns are called: as in the known versions, unless said otherwise.
 *
 * @param tables the names that are given, for some levels
 * @param columns the names that are given, for some fields of some levels
 */
public record EarlierNames(Map<Level, String> tables, Map<Level, Map<Field, String>> columns) {

  /**
   * Reads what is given.
   *
   * @param tables by the level, as in {@code batch} to {@code my_batches}
   * @param columns by level and field, as in {@code file.checksum} to {@code sha}
   * @throws IllegalArgumentException naming a level or a field that there is none of
   */
  public static EarlierNames of(Map<String, String> tables, Map<String, String> columns) {
    Map<Level, String> givenTables = new EnumMap<>(Level.class);
    tables.forEach((level, name) -> givenTables.put(Level.of(level), name));
    Map<Level, Map<Field, String>> givenColumns = new EnumMap<>(Level.class);
    columns.forEach(
        (place, name) -> {
          int dot = place.indexOf('.');
          if (dot < 0) {
            throw new IllegalArgumentException(
                "\"" + place + "\" names no column, expected one such as file.checksum");
          }
          Level level = Level.of(place.substring(0, dot));
          Field field = Field.of(place.substring(dot + 1));
          if (!level.columns().containsKey(field)) {
            throw new IllegalArgumentException(
                level.word() + " has no field \"" + field.word() + "\"");
          }
          givenColumns
              .computeIfAbsent(level, absent -> new EnumMap<>(Field.class))
              .put(field, name);
        });
    return new EarlierNames(givenTables, givenColumns);
  }

  /** The names that the table of a level may have. */
  public List<String> tables(Level level) {
    String given = tables.get(level);
    return given == null ? level.tables() : List.of(given);
  }

  /** The names that a column may have. */
  List<String> columns(Level level, Field field) {
    String given = columns.getOrDefault(level, Map.of()).get(field);
    return given == null ? level.columns().getOrDefault(field, List.of()) : List.of(given);
  }

  /**
   * Which of the columns that were given for that level a row of its table, as JSON, has not; none
   * of a row that cannot be read, which is named by whoever reads it.
   */
  public List<String> notIn(Level level, String row) {
    JsonNode there;
    try {
      there = AuditJson.lenient().readTree(row);
    } catch (JacksonException e) {
      return List.of();
    }
    return columns.getOrDefault(level, Map.of()).values().stream()
        .filter(name -> !there.has(name))
        .toList();
  }
}
