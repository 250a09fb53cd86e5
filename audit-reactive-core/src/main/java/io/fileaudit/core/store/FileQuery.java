package io.fileaudit.core.store;

import io.fileaudit.api.file.FileState;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a batch to list, by name in the order of code points.
 *
 * @param state only those shown so
 * @param error only those that failed with this code
 * @param text only those whose name contains it
 * @param after only those behind this name
 * @param limit at most so many
 */
public record FileQuery(
    @Nullable FileState state,
    @Nullable String error,
    @Nullable String text,
    @Nullable String after,
    int limit) {
  /** All files. */
  public static FileQuery all() {
    return new FileQuery(null, null, null, null, Integer.MAX_VALUE);
  }
}
