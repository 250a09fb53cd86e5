package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A made-up database of the earlier service, row by row. */
public final class EarlierService {
  static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  static final ZoneId ZONE = ZoneId.of("America/Sao_Paulo");

  private final Map<Level, List<String>> rows = new EnumMap<>(Level.class);

  /** A row of these names and values in turn. */
  public EarlierService row(Level level, @Nullable Object... columns) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i += 2) {
      row.put(String.valueOf(columns[i]), columns[i + 1]);
    }
    rows.computeIfAbsent(level, absent -> new ArrayList<>())
        .add(AuditJson.lenient().writeValueAsString(row));
    return this;
  }

  EarlierService text(Level level, String json) {
    rows.computeIfAbsent(level, absent -> new ArrayList<>()).add(json);
    return this;
  }

  /** A table audit of a month. */
  public EarlierService table(String id, String name, String status) {
    return row(
        Level.TABLE,
        "table_audit_id",
        id,
        "entity_name",
        name,
        "status",
        status,
        "ingestion_year",
        2024,
        "ingestion_month",
        5,
        "created_at",
        "2024-05-11T09:00:00");
  }

  /** A batch of that file. */
  public EarlierService batch(String id, @Nullable String file, String status) {
    return row(
        Level.BATCH,
        "batch_audit_id",
        id,
        "parent_file_audit_id",
        file,
        "target_table",
        "empresa",
        "status",
        status,
        "created_at",
        "2024-05-11T10:00:00");
  }

  /** A step of that batch. */
  public EarlierService step(String id, String batch, String status) {
    return row(
        Level.SUBBATCH,
        "subbatch_audit_id",
        id,
        "parent_batch_audit_id",
        batch,
        "processing_step",
        "load",
        "table_name",
        "empresa",
        "status",
        status,
        "rows_processed",
        7);
  }

  /** A file of that table audit. */
  public EarlierService file(
      String id, String table, String path, String status, @Nullable Object rows) {
    return row(
        Level.FILE,
        "file_audit_id",
        id,
        "parent_table_audit_id",
        table,
        "entity_name",
        "empresa",
        "file_path",
        path,
        "status",
        status,
        "created_at",
        "2024-05-11T10:00:00",
        "started_at",
        "2024-05-11T10:00:01.25",
        "completed_at",
        "2024-05-11T10:01:00",
        "rows_processed",
        rows,
        "filesize",
        100);
  }

  /** What is to be written of it. */
  public ImportPlan plan() {
    return plan(false);
  }

  ImportPlan plan(boolean cancelOpen) {
    return ImportPlan.of(
        rows, EarlierNames.of(Map.of(), Map.of()), new ImportRules(ZONE, cancelOpen, NOW));
  }

  ImportPlan plan(EarlierNames names) {
    return ImportPlan.of(rows, names, new ImportRules(ZONE, false, NOW));
  }
}
