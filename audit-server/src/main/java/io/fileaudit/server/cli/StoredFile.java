package io.fileaudit.server.cli;

import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.server.cli.CheckedFile.Result;
import io.fileaudit.server.cli.scan.FileStock;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the account of a file says of its content. What was announced stands in where nothing was
 * reported.
 *
 * @param state what is known of it
 * @param bytes its size; null where none is stored
 * @param checksum {@code algorithm:value}; null where none is stored
 */
record StoredFile(FileState state, @Nullable Long bytes, @Nullable String checksum) {
  private static final String SHA_256 = "sha256:";

  static StoredFile of(Manifest file) {
    return new StoredFile(
        file.state(),
        file.bytes() == null ? file.expectedBytes() : file.bytes(),
        file.checksum() == null ? file.expectedChecksum() : file.checksum());
  }

  /**
   * Holds a file on disk against it.
   *
   * @param bytes its size on disk
   * @param read reads it; not called where its size already tells, or nothing is stored
   */
  CheckedFile against(String name, long bytes, Supplier<FileStock> read) {
    if (this.bytes != null && this.bytes != bytes) {
      return result(name, Result.DIFFERENT, bytes, null, "another size");
    }
    String stored = checksum == null ? null : checksum.strip().toLowerCase(Locale.ROOT);
    if (stored == null || !stored.startsWith(SHA_256)) {
      return result(
          name,
          Result.UNVERIFIED,
          bytes,
          null,
          stored == null ? "no checksum is stored" : "the checksum is no SHA-256");
    }
    FileStock stock = read.get();
    if (stock instanceof FileStock.Failed failed) {
      return result(name, Result.UNVERIFIED, bytes, null, failed.problem().message());
    }
    FileStock.Complete complete = (FileStock.Complete) stock;
    boolean same = complete.checksum().equals(stored);
    return result(
        name,
        same ? Result.SAME : Result.DIFFERENT,
        complete.bytes(),
        complete.checksum(),
        same ? null : "other content");
  }

  /** It is not there. */
  CheckedFile missing(String name) {
    return result(name, Result.MISSING, null, null, null);
  }

  private CheckedFile result(
      String name,
      Result result,
      @Nullable Long onDisk,
      @Nullable String found,
      @Nullable String reason) {
    return new CheckedFile(name, result, state, onDisk, bytes, found, checksum, reason);
  }
}
