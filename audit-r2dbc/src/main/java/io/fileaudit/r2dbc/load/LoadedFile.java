package io.fileaudit.r2dbc.load;

import java.util.UUID;

/**
 * What was noted of a file in the transaction that loaded it.
 *
 * @param batch the batch that it was loaded for
 * @param file its name in that batch
 * @param run the run of the batch
 * @param rows rows that are in the table
 * @param rejectedRows rows that are not
 * @param bytes bytes read
 * @param checksum of those bytes, {@code algorithm:value}
 */
public record LoadedFile(
    UUID batch, String file, int run, long rows, long rejectedRows, long bytes, String checksum) {}
