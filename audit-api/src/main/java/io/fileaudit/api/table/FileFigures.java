package io.fileaudit.api.table;

/**
 * Figures of files, each file counted by one account.
 *
 * @param missing announced, and nothing else was heard
 * @param discovered seen
 * @param running begun
 * @param completed loaded
 * @param failed not loaded
 * @param skipped loaded before
 * @param rows rows of completed files
 * @param rejectedRows rejected rows of completed files
 * @param bytes bytes of completed files
 */
public record FileFigures(
    long missing,
    long discovered,
    long running,
    long completed,
    long failed,
    long skipped,
    long rows,
    long rejectedRows,
    long bytes) {}
