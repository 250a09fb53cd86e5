package io.fileaudit.api.file;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that differs from what was announced.
 *
 * @param file its name
 * @param findings in what
 * @param state what is known of it
 * @param rows rows loaded, or loaded so far
 * @param bytes size read
 * @param checksum {@code algorithm:value}
 * @param expectedRows rows that should be loaded
 * @param expectedBytes size it should have
 * @param expectedChecksum checksum it should have
 * @param sameAs with {@code duplicate_content}: the oldest other file of that content
 */
public record FileFinding(
    String file,
    List<Finding> findings,
    FileState state,
    @Nullable Long rows,
    @Nullable Long bytes,
    @Nullable String checksum,
    @Nullable Long expectedRows,
    @Nullable Long expectedBytes,
    @Nullable String expectedChecksum,
    @Nullable SameContent sameAs) {

  public FileFinding {
    findings = List.copyOf(findings);
  }
}
