package io.fileaudit.api.batch;

/**
 * How fast a batch moved of late, as the node saw it that watches it. Rows and bytes are those of
 * completed files and of files that are being loaded.
 *
 * @param windowSeconds how long the node has watched, 60 seconds at most
 * @param rowsPerSecond rows loaded
 * @param bytesPerSecond bytes loaded
 * @param filesPerSecond files completed, failed or skipped
 */
public record Rates(
    double windowSeconds, double rowsPerSecond, double bytesPerSecond, double filesPerSecond) {}
