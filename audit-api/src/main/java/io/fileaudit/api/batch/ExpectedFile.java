package io.fileaudit.api.batch;

import org.jspecify.annotations.Nullable;

/**
 * A file expected by name, with what is known of it beforehand.
 *
 * @param file its name, as events will name it
 * @param rows rows that should be loaded
 * @param bytes size
 * @param checksum {@code algorithm:value}
 */
public record ExpectedFile(
    String file, @Nullable Long rows, @Nullable Long bytes, @Nullable String checksum) {}
