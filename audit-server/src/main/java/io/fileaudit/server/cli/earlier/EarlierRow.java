package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.json.AuditJson;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;

/**
 * A manifest as the database has it.
 *
 * @param fields what is in its columns, as JSON has it; without those that are null or blank
 */
record EarlierRow(Level level, Map<Field, Object> fields) {
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /**
   * Reads a row.
   *
   * @throws IllegalArgumentException where it is no JSON, or nested too deeply
   */
  static EarlierRow read(Level level, EarlierNames names, String json) {
    Map<String, Object> columns;
    try {
      // As they were written: what cannot be kept as a number is kept as text.
      columns =
          AuditJson.lenient()
              .readerFor(OBJECT)
              .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
              .readValue(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the row cannot be read: " + e.getOriginalMessage(), e);
    }
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    for (Field field : level.columns().keySet()) {
      for (String name : names.columns(level, field)) {
        Object value = columns.get(name);
        if (value != null && !(value instanceof String text && text.isBlank())) {
          fields.put(field, StoredText.in(value));
          break;
        }
      }
    }
    return new EarlierRow(level, fields);
  }

  /** What is in that column; null where nothing is. */
  @Nullable Object get(Field field) {
    return fields.get(field);
  }

  /** The same as text. */
  @Nullable String text(Field field) {
    Object value = fields.get(field);
    return value == null ? null : value.toString().strip();
  }

  /** Its id, or what stands for one that is missing. */
  String id() {
    String id = text(Field.ID);
    return id == null ? "" : id;
  }

  /** Its status in capitals; null where there is none. */
  @Nullable String status() {
    String status = text(Field.STATUS);
    return status == null ? null : status.toUpperCase(Locale.ROOT);
  }

  /** Free data of that column: null where there is none, or an empty object. */
  @Nullable Object free(Field field) {
    Object value = fields.get(field);
    boolean empty =
        value instanceof Map<?, ?> map && map.isEmpty()
            || value instanceof List<?> list && list.isEmpty();
    return empty ? null : value;
  }
}
