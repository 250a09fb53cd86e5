package io.fileaudit.server.cli.earlier;

import java.util.Locale;

/** What is in a column, whatever the column is called. */
public enum Field {
  ID,
  NAME,
  STATUS,
  TABLE,
  FILE,
  BATCH,
  SUBBATCH,
  YEAR,
  MONTH,
  SOURCE_FILES,
  PATH,
  CHECKSUM,
  BYTES,
  ROWS,
  CREATED_AT,
  STARTED_AT,
  COMPLETED_AT,
  DESCRIPTION,
  ERROR,
  NOTES,
  METRICS;

  /** As it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The field of that word. */
  static Field of(String word) {
    for (Field field : values()) {
      if (field.word().equals(word.strip().toLowerCase(Locale.ROOT))) {
        return field;
      }
    }
    throw new IllegalArgumentException("there is no field \"" + word + "\"");
  }
}
