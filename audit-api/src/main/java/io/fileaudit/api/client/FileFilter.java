package io.fileaudit.api.client;

import io.fileaudit.api.file.FileState;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a batch are asked for.
 *
 * @param state only those shown so
 * @param error only those that failed with this code
 * @param text only those whose name contains it
 * @param pageSize how many on a page, 1 to 1,000; streams have no pages
 */
public record FileFilter(
    @Nullable FileState state, @Nullable String error, @Nullable String text, int pageSize) {
  private static final int USUAL_PAGE = 100;

  /** Every file. */
  public static FileFilter all() {
    return new FileFilter(null, null, null, USUAL_PAGE);
  }

  /** Files in that state. */
  public static FileFilter in(FileState state) {
    return new FileFilter(state, null, null, USUAL_PAGE);
  }

  /** The same files in pages of another size. */
  public FileFilter withPageSize(int files) {
    return new FileFilter(state, error, text, files);
  }
}
