package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files a batch is expected to bring: a number of them, some by name, or both.
 *
 * @param count how many files must arrive; null where no number is known
 * @param pattern a glob that a counted file must match: against the last part of its name where the
 *     pattern has no {@code /}, else against the whole name; null counts every file
 * @param files files expected by name, kept in the order of their names
 */
public record Expected(
    @Nullable Long count,
    @Nullable String pattern,
    @JsonSetter(contentNulls = Nulls.FAIL) List<ExpectedFile> files) {
  private static final Comparator<ExpectedFile> BY_NAME =
      Comparator.comparing(ExpectedFile::file, Comparator.nullsFirst(Comparator.naturalOrder()));

  public Expected {
    files = files == null ? List.of() : files.stream().sorted(BY_NAME).toList();
  }

  /** {@code count} files of any name. */
  public static Expected files(long count) {
    return new Expected(count, null, List.of());
  }
}
