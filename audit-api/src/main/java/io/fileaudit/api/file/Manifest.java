package io.fileaudit.api.file;

import io.fileaudit.api.event.EventError;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The account of one file in one batch, as it is shown.
 *
 * @param file its name
 * @param state what is known of it
 * @param run the run of the attempt shown; null before the first attempt
 * @param attempt the attempt shown; null before the first
 * @param attempts how many attempts are known over all runs
 * @param rows rows loaded, or loaded so far
 * @param rejectedRows rows rejected
 * @param bytes size read
 * @param checksum {@code algorithm:value}
 * @param startedAt when the attempt shown began, by the loader's clock where it said so, else by
 *     the store's
 * @param endedAt when it ended, likewise
 * @param discoveredAt when the file was first seen, likewise
 * @param expectedRows rows that should be loaded
 * @param expectedBytes size it should have
 * @param expectedChecksum checksum it should have
 * @param expected whether it was announced by name
 * @param conflict whether one attempt was reported with two different endings
 * @param error what went wrong, where it failed
 * @param attributes what the loader added to the ending
 */
public record Manifest(
    String file,
    FileState state,
    @Nullable Integer run,
    @Nullable Integer attempt,
    int attempts,
    @Nullable Long rows,
    @Nullable Long rejectedRows,
    @Nullable Long bytes,
    @Nullable String checksum,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant discoveredAt,
    boolean expected,
    @Nullable Long expectedRows,
    @Nullable Long expectedBytes,
    @Nullable String expectedChecksum,
    boolean conflict,
    @Nullable EventError error,
    Map<String, Object> attributes) {}
