package io.fileaudit.api.table;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * That batches of a table are to be due by a schedule.
 *
 * @param schedule cron of five fields, or six with seconds in front
 * @param zone the time zone that it is of; null means UTC
 * @param grace how long after it is due a batch may still be opened; null means not at all
 */
public record NewExpectation(
    @Nullable String schedule, @Nullable String zone, @Nullable Duration grace) {}
