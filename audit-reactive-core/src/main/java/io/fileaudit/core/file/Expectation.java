package io.fileaudit.core.file;

import org.jspecify.annotations.Nullable;

/**
 * What was announced of a file.
 *
 * @param run the run in which it was announced
 * @param rows rows that should be loaded
 * @param bytes size it should have
 * @param checksum checksum it should have
 */
public record Expectation(
    int run, @Nullable Long rows, @Nullable Long bytes, @Nullable String checksum) {

  /** That of the higher run; within one run the greatest figures. */
  Expectation join(Expectation other) {
    if (run != other.run) {
      return run > other.run ? this : other;
    }
    return new Expectation(
        run,
        Joins.greater(rows, other.rows),
        Joins.greater(bytes, other.bytes),
        Joins.greater(checksum, other.checksum));
  }

  /**
   * Whether the figures shown fall short of it: a figure that was announced and is not reported
   * counts as short.
   */
  boolean isShort(
      @Nullable Long shownRows, @Nullable Long shownBytes, @Nullable String shownChecksum) {
    return less(shownRows, rows)
        || less(shownBytes, bytes)
        || (checksum != null && !checksum.equals(shownChecksum));
  }

  private static boolean less(@Nullable Long shown, @Nullable Long wanted) {
    return wanted != null && wanted > 0 && (shown == null || shown < wanted);
  }
}
