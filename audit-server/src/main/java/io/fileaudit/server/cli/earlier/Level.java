package io.fileaudit.server.cli.earlier;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The four kinds of manifests, with the names that their tables and columns had in versions that
 * are known. The first name that a database has is taken.
 */
public enum Level {
  /** A load of a table for a month. */
  TABLE("table") {
    @Override
    void columns(Map<Field, List<String>> names) {
      names.put(Field.ID, List.of("table_audit_id", "table_manifest_id", "audi_id"));
      names.put(Field.NAME, List.of("entity_name", "table_name", "audi_table_name"));
      names.put(Field.YEAR, List.of("ingestion_year", "audi_ingestion_year"));
      names.put(Field.MONTH, List.of("ingestion_month", "audi_ingestion_month"));
      names.put(Field.SOURCE_FILES, List.of("source_files", "audi_filenames"));
      names.put(Field.CREATED_AT, List.of("created_at", "audi_created_at"));
      names.put(Field.COMPLETED_AT, List.of("completed_at", "audi_inserted_at"));
      names.put(Field.NOTES, List.of("notes", "audi_metadata"));
    }
  },
  /** A file of such a load. */
  FILE("file") {
    @Override
    void columns(Map<Field, List<String>> names) {
      names.put(Field.ID, List.of("file_audit_id", "file_manifest_id"));
      names.put(Field.NAME, List.of("entity_name", "file_name"));
      names.put(Field.PATH, List.of("file_path", "file_name", "entity_name"));
      names.put(Field.TABLE, List.of("parent_table_audit_id", "table_audit_id", "audit_id"));
      names.put(Field.BATCH, List.of("parent_batch_audit_id", "batch_audit_id", "batch_id"));
      names.put(Field.SUBBATCH, List.of("subbatch_audit_id", "subbatch_id"));
      names.put(Field.CHECKSUM, List.of("checksum"));
      names.put(Field.BYTES, List.of("filesize", "file_size_bytes", "file_size"));
      names.put(Field.ROWS, List.of("rows_processed"));
      names.put(Field.COMPLETED_AT, List.of("completed_at", "processed_at"));
    }
  },
  /** What was loaded together. */
  BATCH("batch") {
    @Override
    void columns(Map<Field, List<String>> names) {
      names.put(Field.ID, List.of("batch_audit_id", "batch_manifest_id", "batch_id"));
      names.put(Field.NAME, List.of("batch_name", "entity_name", "description"));
      names.put(Field.TABLE, List.of("target_table", "table_name"));
      names.put(Field.FILE, List.of("parent_file_audit_id", "file_manifest_id"));
    }
  },
  /** A step of a batch. */
  SUBBATCH("subbatch") {
    @Override
    void columns(Map<Field, List<String>> names) {
      names.put(Field.ID, List.of("subbatch_audit_id", "subbatch_manifest_id"));
      names.put(Field.NAME, List.of("processing_step", "entity_name", "description"));
      names.put(Field.TABLE, List.of("table_name"));
      names.put(Field.BATCH, List.of("parent_batch_audit_id", "batch_manifest_id"));
      names.put(Field.ROWS, List.of("rows_processed"));
    }
  };

  private final String word;
  private final Map<Field, List<String>> columns = new EnumMap<>(Field.class);

  Level(String word) {
    this.word = word;
    columns.put(Field.STATUS, List.of("status"));
    columns.put(Field.CREATED_AT, List.of("created_at"));
    columns.put(Field.STARTED_AT, List.of("started_at"));
    columns.put(Field.COMPLETED_AT, List.of("completed_at"));
    columns.put(Field.DESCRIPTION, List.of("description"));
    columns.put(Field.ERROR, List.of("error_message"));
    columns.put(Field.NOTES, List.of("notes"));
    columns.put(Field.METRICS, List.of("metrics"));
    columns(columns);
  }

  abstract void columns(Map<Field, List<String>> names);

  /** As it is typed. */
  public String word() {
    return word;
  }

  /** The level of that word. */
  public static Level of(String word) {
    for (Level level : values()) {
      if (level.word.equals(word.strip().toLowerCase(Locale.ROOT))) {
        return level;
      }
    }
    throw new IllegalArgumentException(
        "there is no level \"" + word + "\"; one of table, file, batch, subbatch");
  }

  /** The names that its table may have. */
  public List<String> tables() {
    return List.of(word + "_audit_manifest", word + "_ingestion_manifest");
  }

  /** The names that a column of it may have, by what is in the column. */
  Map<Field, List<String>> columns() {
    return columns;
  }
}
