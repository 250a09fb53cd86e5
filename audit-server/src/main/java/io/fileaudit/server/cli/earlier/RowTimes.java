package io.fileaudit.server.cli.earlier;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The times of a manifest that can be used.
 *
 * @param created when it was written first
 * @param started when work began
 * @param completed when work ended
 */
record RowTimes(@Nullable Instant created, @Nullable Instant started, @Nullable Instant completed) {
  /** What the service takes for a clock that is merely fast. */
  private static final Duration AHEAD = Duration.ofHours(1);

  static RowTimes of(EarlierRow row, ImportRules rules, Remarks remarks) {
    Instant created = time(row, Field.CREATED_AT, rules, remarks);
    Instant started = time(row, Field.STARTED_AT, rules, remarks);
    Instant completed = time(row, Field.COMPLETED_AT, rules, remarks);
    if (isBefore(completed, started) || isBefore(started, created)) {
      remarks.of(
          row,
          "times-out-of-order",
          "created "
              + created
              + ", started "
              + started
              + ", completed "
              + completed
              + ": of two clocks, so no duration is to be had of them; kept as they are");
    }
    return new RowTimes(created, started, completed);
  }

  private static boolean isBefore(@Nullable Instant later, @Nullable Instant earlier) {
    return later != null && earlier != null && later.isBefore(earlier);
  }

  private static @Nullable Instant time(
      EarlierRow row, Field field, ImportRules rules, Remarks remarks) {
    String text = row.text(field);
    if (text == null) {
      return null;
    }
    Instant time;
    try {
      time = parse(text, rules);
    } catch (DateTimeException e) {
      remarks.of(row, "bad-time", field.word() + " is \"" + text + "\"; left out");
      return null;
    }
    if (time.isAfter(rules.now().plus(AHEAD)) || time.isBefore(Instant.EPOCH)) {
      remarks.of(
          row,
          "bad-time",
          field.word() + " is " + time + ", ahead of now or before 1970; left out");
      return null;
    }
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  private static Instant parse(String text, ImportRules rules) {
    String iso = text.replace(' ', 'T');
    boolean hasZone = iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10;
    return hasZone
        ? OffsetDateTime.parse(iso).toInstant()
        : LocalDateTime.parse(iso).atZone(rules.zone()).toInstant();
  }

  /** When its life began, as far as that is known. */
  @Nullable Instant begun() {
    return started == null ? created : started;
  }

  /** For the order of rows: those of no time come first. */
  Instant order() {
    Instant first = created == null ? started : created;
    return first == null ? Instant.EPOCH : first;
  }
}
