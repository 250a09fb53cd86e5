package io.fileaudit.api.batch;

/**
 * The figures of a batch. A failed file's rows are not counted.
 *
 * @param files files by state
 * @param rows rows of files shown COMPLETED
 * @param rowsInFlight rows reported so far by files shown RUNNING
 * @param rejectedRows rejected rows of files shown COMPLETED
 * @param bytes bytes of files shown COMPLETED
 * @param events accepted events
 * @param refused refused events that are neither replayed nor dismissed
 */
public record Totals(
    FileCounts files,
    long rows,
    long rowsInFlight,
    long rejectedRows,
    long bytes,
    long events,
    long refused) {}
