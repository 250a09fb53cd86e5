package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written of the earlier service's manifests, and what a person has to know of it: a
 * function of the rows. Batches become batches and their steps sub-batches; a table audit gives
 * them its period, and becomes a batch itself, which has those of its files that are of no other.
 *
 * @param batches root batches, those of table audits last: of a table and period the newest batch
 *     says how it stands
 * @param remarks what was found
 */
public record ImportPlan(List<ImportedBatch> batches, List<Remark> remarks) {
  /** The label by which batches that were taken over are known. */
  public static final String ORIGIN = "imported_from";

  /** What that label says. */
  public static final String ORIGIN_VALUE = "python-audit-service";

  /** The label with the batch's earlier id. */
  public static final String ORIGINAL_ID = "imported_id";

  /** The label with the status that it had there. */
  public static final String STATUS = "imported_status";

  /** The label with the time at which it was made there. */
  public static final String CREATED_AT = "imported_created_at";

  /** The label with the time at which it ended there. */
  public static final String COMPLETED_AT = "imported_completed_at";

  /** The label with the id of the table audit that gives it its period. */
  public static final String TABLE_AUDIT = "imported_table_audit";

  private static final int MOST_TEXT = 200;
  private static final int MOST_MESSAGE = 2_000;
  private static final Set<String> ENDED = Set.of("COMPLETED", "SKIPPED", "FAILED", "CANCELLED");

  /** Long enough for any import, and yet an import that nobody goes on with ends some day. */
  private static final Limit A_DAY = Limit.endAfter(Duration.ofDays(1));

  /** Makes the plan of rows as JSON objects, by level. */
  public static ImportPlan of(
      Map<Level, List<String>> rows, EarlierNames names, ImportRules rules) {
    Remarks remarks = new Remarks();
    Map<Level, List<EarlierRow>> read = new EnumMap<>(Level.class);
    for (Level level : Level.values()) {
      read.put(level, read(level, rows.getOrDefault(level, List.of()), names, remarks));
    }
    Making making = new Making(read, rules, remarks);
    List<ImportedBatch> batches = making.batches();
    return new ImportPlan(batches, remarks.all());
  }

  private static List<EarlierRow> read(
      Level level, List<String> rows, EarlierNames names, Remarks remarks) {
    List<EarlierRow> read = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (String json : rows) {
      EarlierRow row;
      try {
        row = EarlierRow.read(level, names, json);
      } catch (IllegalArgumentException e) {
        remarks.add(new Remark(level, "", "", "unreadable", false, String.valueOf(e.getMessage())));
        continue;
      }
      if (row.id().isEmpty()) {
        remarks.leftOut(row, "no-id", "it has no id, so it could not be known again");
      } else if (!ids.add(row.id())) {
        remarks.leftOut(row, "no-id", "another one has its id");
      } else {
        read.add(row);
      }
    }
    return read;
  }

  /** The work on one set of rows. */
  private static final class Making {
    private final Map<Level, List<EarlierRow>> rows;
    private final ImportRules rules;
    private final Remarks remarks;
    private final Map<EarlierRow, RowTimes> times = new IdentityHashMap<>();
    private final Map<String, EarlierRow> tables = new HashMap<>();
    private final Map<String, EarlierRow> batches = new HashMap<>();
    private final Map<String, EarlierRow> steps = new HashMap<>();
    private final Map<String, List<EarlierRow>> stepsOf = new HashMap<>();

    /** The files of each batch, step or table audit. */
    private final Map<EarlierRow, List<EarlierRow>> filesOf = new IdentityHashMap<>();

    /** The table audit of each batch whose files say which. */
    private final Map<EarlierRow, EarlierRow> tableOf = new IdentityHashMap<>();

    private Making(Map<Level, List<EarlierRow>> rows, ImportRules rules, Remarks remarks) {
      this.rows = rows;
      this.rules = rules;
      this.remarks = remarks;
    }

    private List<EarlierRow> rows(Level level) {
      return rows.getOrDefault(level, List.of());
    }

    private RowTimes times(EarlierRow row) {
      return times.computeIfAbsent(row, unread -> RowTimes.of(unread, rules, remarks));
    }

    private List<EarlierRow> inOrder(Level level) {
      return rows(level).stream()
          .sorted(
              Comparator.comparing((EarlierRow row) -> times(row).order())
                  .thenComparing(EarlierRow::id))
          .toList();
    }

    private List<ImportedBatch> batches() {
      rows(Level.TABLE).forEach(row -> tables.put(row.id(), row));
      List<EarlierRow> ordered = inOrder(Level.BATCH);
      ordered.forEach(row -> batches.put(row.id(), row));
      for (EarlierRow step : inOrder(Level.SUBBATCH)) {
        steps.put(step.id(), step);
        String parent = step.text(Field.BATCH);
        if (parent == null || !batches.containsKey(parent)) {
          remarks.leftOut(step, "sub-batch-without-batch", "there is no batch \"" + parent + "\"");
        } else {
          stepsOf.computeIfAbsent(parent, absent -> new ArrayList<>()).add(step);
        }
      }
      placeFiles(ordered);
      List<ImportedBatch> made = new ArrayList<>();
      for (EarlierRow row : ordered) {
        ImportedBatch batch = batch(row);
        if (batch != null) {
          made.add(batch);
        }
      }
      for (EarlierRow row : inOrder(Level.TABLE)) {
        ImportedBatch batch = tableBatch(row);
        if (batch != null) {
          made.add(batch);
        }
      }
      return made;
    }

    private void placeFiles(List<EarlierRow> ordered) {
      Map<String, List<EarlierRow>> batchesOf = new HashMap<>();
      for (EarlierRow batch : ordered) {
        String file = batch.text(Field.FILE);
        if (file != null) {
          batchesOf.computeIfAbsent(file, absent -> new ArrayList<>()).add(batch);
        }
      }
      for (EarlierRow file : inOrder(Level.FILE)) {
        List<EarlierRow> ofFile = batchesOf.getOrDefault(file.id(), List.of());
        EarlierRow audit = named(file, Field.TABLE, tables);
        if (audit != null) {
          ofFile.forEach(batch -> tableOf.putIfAbsent(batch, audit));
        }
        if (!FileEvents.isTaken(file, remarks)) {
          continue;
        }
        EarlierRow place = place(file, ofFile, audit);
        if (place == null) {
          remarks.leftOut(
              file, "file-without-batch", "it belongs to no batch and to no table audit");
          continue;
        }
        if (audit != null && place.level() != Level.TABLE) {
          tableOf.putIfAbsent(root(place), audit);
        }
        filesOf.computeIfAbsent(place, absent -> new ArrayList<>()).add(file);
      }
    }

    private @Nullable EarlierRow place(
        EarlierRow file, List<EarlierRow> ofFile, @Nullable EarlierRow audit) {
      EarlierRow step = named(file, Field.SUBBATCH, steps);
      if (step != null && batches.containsKey(String.valueOf(step.text(Field.BATCH)))) {
        return step;
      }
      EarlierRow batch = named(file, Field.BATCH, batches);
      if (batch != null) {
        return batch;
      }
      if (!ofFile.isEmpty()) {
        EarlierRow one = ofFile.stream().filter(Making::hasEnded).findFirst().orElse(ofFile.get(0));
        if (ofFile.size() > 1) {
          remarks.of(
              file,
              "file-of-several-batches",
              ofFile.size() + " batches name it; it counts once, in " + one.id());
        }
        return one;
      }
      if (audit != null) {
        remarks.of(
            file, "file-without-batch", "no batch names it; it is in one of its table audit");
      }
      return audit;
    }

    private static boolean hasEnded(EarlierRow batch) {
      String status = batch.status();
      return status != null && ENDED.contains(status);
    }

    private static @Nullable EarlierRow named(
        EarlierRow row, Field field, Map<String, EarlierRow> among) {
      String id = row.text(field);
      return id == null ? null : among.get(id);
    }

    private EarlierRow root(EarlierRow place) {
      EarlierRow parent =
          place.level() == Level.SUBBATCH ? named(place, Field.BATCH, batches) : null;
      return parent == null ? place : parent;
    }

    private @Nullable ImportedBatch batch(EarlierRow row) {
      List<EarlierRow> below = stepsOf.getOrDefault(row.id(), List.of());
      BatchStatus ending = ending(row, rules.cancelOpen());
      if (ending == null) {
        leaveOut(row, below);
        return null;
      }
      EarlierRow audit = tableOf.get(row);
      String period = audit == null ? null : period(audit);
      if (period == null) {
        remarks.of(row, "no-period", "no file of it belongs to a table audit that says a month");
      }
      String table = row.text(Field.TABLE);
      if (table == null && audit != null) {
        table = audit.text(Field.NAME);
      }
      List<ImportedBatch> children = new ArrayList<>();
      for (EarlierRow step : below) {
        // Its parent has ended, so nothing of it can still be under way.
        BatchStatus of = ending(step, true);
        if (of == null) {
          leaveOut(step, List.of());
        } else {
          String own = step.text(Field.TABLE);
          children.add(made(step, own == null ? table : own, period, audit, of, List.of()));
        }
      }
      return made(row, table, period, audit, ending, children);
    }

    private @Nullable ImportedBatch tableBatch(EarlierRow audit) {
      BatchStatus ending =
          audit.status() == null && times(audit).completed() != null
              ? BatchStatus.COMPLETED
              : ending(audit, rules.cancelOpen());
      if (ending == null) {
        leaveOut(audit, List.of());
        return null;
      }
      String period = period(audit);
      if (period == null) {
        remarks.of(audit, "no-period", "it says no month of a year");
      }
      return made(audit, audit.text(Field.NAME), period, audit, ending, List.of());
    }

    /** What is to be asked for; null where the row is left out. */
    private @Nullable BatchStatus ending(EarlierRow row, boolean cancelOpen) {
      String status = row.status();
      switch (status == null ? "PENDING" : status) {
        case "COMPLETED", "SKIPPED":
          return BatchStatus.COMPLETED;
        case "FAILED":
          return BatchStatus.FAILED;
        case "CANCELLED":
          return BatchStatus.CANCELLED;
        case "PENDING", "RUNNING":
          if (cancelOpen) {
            remarks.of(row, "never-ended", "it is " + status + " there; CANCELLED here");
            return BatchStatus.CANCELLED;
          }
          remarks.leftOut(
              row,
              "never-ended",
              "it is " + status + " there; a later import takes it, or --open cancel does");
          return null;
        default:
          remarks.leftOut(
              row, "unknown-status", "its status is \"" + row.text(Field.STATUS) + "\"");
          return null;
      }
    }

    private void leaveOut(EarlierRow row, List<EarlierRow> below) {
      for (EarlierRow file : filesOf.getOrDefault(row, List.of())) {
        remarks.leftOut(file, "batch-left-out", "so is its batch, " + row.id());
      }
      for (EarlierRow step : below) {
        remarks.leftOut(step, "batch-left-out", "so is its batch, " + row.id());
        leaveOut(step, List.of());
      }
    }

    private static @Nullable String period(EarlierRow audit) {
      if (audit.get(Field.YEAR) instanceof Integer year
          && audit.get(Field.MONTH) instanceof Integer month
          && year > 0
          && year < 10_000
          && month >= 1
          && month <= 12) {
        return String.format(Locale.ROOT, "%04d-%02d", year, month);
      }
      return null;
    }

    private ImportedBatch made(
        EarlierRow row,
        @Nullable String table,
        @Nullable String period,
        @Nullable EarlierRow audit,
        BatchStatus ending,
        List<ImportedBatch> children) {
      String given = row.text(Field.NAME);
      String name = given == null ? (table == null ? row.id() : table) : given;
      BatchSpec.Builder spec =
          BatchSpec.builder()
              .name(FileEvents.cut(name, MOST_TEXT))
              .table(FileEvents.cut(table, MOST_TEXT))
              .period(period)
              .limit(LimitName.OPERATION, Limit.off())
              .limit(LimitName.PROGRESS, Limit.off())
              .limit(LimitName.START, A_DAY)
              .limit(LimitName.IDLE, A_DAY);
      labels(row, audit).forEach((key, value) -> label(spec, key, value));
      return new ImportedBatch(
          row.level(), row.id(), spec.build(), events(row), ending, message(row), children);
    }

    private static void label(BatchSpec.Builder spec, String key, @Nullable String value) {
      String cut = FileEvents.cut(value, MOST_TEXT);
      if (cut != null) {
        spec.label(key, cut);
      }
    }

    private Map<String, @Nullable String> labels(EarlierRow row, @Nullable EarlierRow audit) {
      RowTimes known = times(row);
      Map<String, @Nullable String> labels = new LinkedHashMap<>();
      labels.put(ORIGIN, ORIGIN_VALUE);
      labels.put(ORIGINAL_ID, row.id());
      labels.put("imported_level", row.level().word());
      labels.put(STATUS, row.text(Field.STATUS));
      labels.put(CREATED_AT, text(known.created()));
      labels.put("imported_started_at", text(known.started()));
      labels.put(COMPLETED_AT, text(known.completed()));
      labels.put("imported_description", row.text(Field.DESCRIPTION));
      labels.put("imported_rows", row.text(Field.ROWS));
      labels.put(TABLE_AUDIT, audit == null ? null : audit.id());
      return labels;
    }

    private static @Nullable String text(@Nullable Instant time) {
      return time == null ? null : time.toString();
    }

    private List<FileEvent> events(EarlierRow place) {
      List<FileEvent> events = new ArrayList<>();
      Map<String, Integer> attempts = new HashMap<>();
      for (EarlierRow file : filesOf.getOrDefault(place, List.of())) {
        int attempt = attempts.merge(String.valueOf(file.text(Field.PATH)), 1, Integer::sum);
        if (attempt > 1) {
          remarks.of(
              file,
              "duplicate-file",
              "manifest "
                  + attempt
                  + " of this file in one batch: its attempt "
                  + attempt
                  + ", and the last attempt counts");
        }
        events.addAll(FileEvents.of(file, times(file), attempt, remarks));
      }
      return events;
    }

    private String message(EarlierRow row) {
      StringBuilder message = new StringBuilder("imported");
      String error = row.text(Field.ERROR);
      if (error != null) {
        message.append(": ").append(error);
      }
      for (Field field : List.of(Field.SOURCE_FILES, Field.NOTES, Field.METRICS)) {
        Object value = row.free(field);
        if (value != null) {
          message
              .append("; ")
              .append(field.word())
              .append(' ')
              .append(AuditJson.lenient().writeValueAsString(value));
        }
      }
      String whole = message.toString().replace('\0', ' ');
      if (whole.codePointCount(0, whole.length()) > MOST_MESSAGE) {
        remarks.of(row, "notes-too-long", "error and notes are cut to 2,000 characters");
      }
      return String.valueOf(FileEvents.cut(whole, MOST_MESSAGE));
    }
  }
}
