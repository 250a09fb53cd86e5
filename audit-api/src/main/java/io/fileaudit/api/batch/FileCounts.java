package io.fileaudit.api.batch;

/**
 * Files of a batch by what is known of them.
 *
 * @param expected how many should come: the declared number, or those expected by name where that
 *     is more
 * @param missing of those expected by name, how many nothing was heard of
 * @param discovered seen, not begun
 * @param running begun, not ended
 * @param completed completed
 * @param failed failed
 * @param skipped skipped
 */
public record FileCounts(
    long expected,
    long missing,
    long discovered,
    long running,
    long completed,
    long failed,
    long skipped) {}
