package io.fileaudit.core.store;

import io.fileaudit.api.file.Finding;
import org.jspecify.annotations.Nullable;

/**
 * Which files that differ from what was announced to list, by name in the order of code points.
 *
 * @param finding only those with this finding
 * @param after only those behind this name
 * @param until only those up to this name, itself included
 * @param limit at most so many
 */
public record FindingQuery(
    @Nullable Finding finding, @Nullable String after, @Nullable String until, int limit) {
  /** All of them. */
  public static FindingQuery all() {
    return new FindingQuery(null, null, null, Integer.MAX_VALUE);
  }

  /** The same, up to a name. */
  public FindingQuery until(@Nullable String name) {
    return new FindingQuery(finding, after, name, limit);
  }
}
