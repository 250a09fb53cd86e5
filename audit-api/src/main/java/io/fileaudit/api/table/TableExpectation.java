package io.fileaudit.api.table;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a batch of a table is due by a schedule. Where none was opened between a due time and the
 * one before it, and the grace is over, the table is overdue until one is.
 *
 * @param table the table
 * @param schedule when a batch is due: cron of five fields, or six with seconds in front
 * @param zone the time zone that the schedule is of, as in {@code America/Sao_Paulo}
 * @param grace how long after it is due a batch may still be opened
 * @param createdAt when the schedule was set, by the store's clock
 * @param createdBy by whom
 * @param nextDueAt when the next one is due
 * @param overdueSince when the one was due that is overdue; null where none is
 */
public record TableExpectation(
    String table,
    String schedule,
    String zone,
    Duration grace,
    Instant createdAt,
    String createdBy,
    Instant nextDueAt,
    @Nullable Instant overdueSince) {}
