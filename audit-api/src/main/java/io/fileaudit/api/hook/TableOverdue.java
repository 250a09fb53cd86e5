package io.fileaudit.api.hook;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That no batch of a table was opened in time, as others are told of it.
 *
 * @param namespace whose table it is
 * @param table the table
 * @param dueAt when a batch was due
 * @param grace how long after that one could still be opened
 * @param schedule when one is due
 * @param zone the time zone of the schedule
 * @param link the address of the table's batches; null where the service does not know its own
 *     address
 */
public record TableOverdue(
    String namespace,
    String table,
    Instant dueAt,
    Duration grace,
    String schedule,
    String zone,
    @Nullable String link) {}
