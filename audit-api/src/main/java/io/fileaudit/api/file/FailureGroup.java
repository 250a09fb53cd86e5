package io.fileaudit.api.file;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Files that failed with the same error.
 *
 * @param code the error's code; null where the loader gave none
 * @param files how many
 * @param firstAt when the first of them failed, by the loader's clock where it said so, else by the
 *     store's
 * @param lastAt when the last of them failed, likewise
 * @param sample the account of one of them, the first by name
 */
public record FailureGroup(
    @Nullable String code, long files, Instant firstAt, Instant lastAt, Manifest sample) {}
