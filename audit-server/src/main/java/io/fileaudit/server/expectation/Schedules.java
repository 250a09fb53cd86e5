package io.fileaudit.server.expectation;

import io.fileaudit.core.store.Schedule;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.springframework.scheduling.support.CronExpression;

/** Reads cron expressions. */
final class Schedules {
  private static final int FIELDS = 5;

  private Schedules() {}

  /**
   * What an expression of five fields means, or of six with seconds in front, in that time zone.
   *
   * @throws IllegalArgumentException where it cannot be read, names no time zone, or is never due
   */
  static Schedule of(String expression, String zone) {
    ZoneId of;
    try {
      of = ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "zone is \"" + zone + "\", expected a time zone such as America/Sao_Paulo or UTC", e);
    }
    String text = expression.strip();
    int fields = text.split("\\s+", -1).length;
    CronExpression cron;
    try {
      cron = CronExpression.parse(fields == FIELDS ? "0 " + text : text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "schedule is \""
              + expression
              + "\", expected cron of five fields (minute hour day month weekday), or six with seconds in front: "
              + e.getMessage(),
          e);
    }
    if (cron.next(ZonedDateTime.ofInstant(Instant.EPOCH, of)) == null) {
      throw new IllegalArgumentException("schedule is \"" + expression + "\", which is never due");
    }
    return time -> next(cron, time, of);
  }

  private static Instant next(CronExpression cron, Instant time, ZoneId zone) {
    ZonedDateTime next = cron.next(time.atZone(zone));
    if (next == null) {
      throw new IllegalArgumentException(cron + " is not due any more");
    }
    return next.toInstant();
  }
}
