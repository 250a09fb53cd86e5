package io.fileaudit.server.cli.scan;

import java.util.Optional;
import java.util.OptionalLong;

/** What the reading of one file came to. */
public sealed interface FileStock {

  /** Bytes read, from the file as it is on disk. */
  long bytes();

  /** Data records; empty where the file is not CSV, is compressed, or is UTF-16. */
  OptionalLong rows();

  /**
   * The whole file was read and stood still meanwhile.
   *
   * @param checksum {@code sha256:} and 64 lowercase hexadecimal digits, over the bytes on disk
   */
  record Complete(long bytes, String checksum, OptionalLong rows) implements FileStock {}

  /**
   * The file could not be read, or not be relied on.
   *
   * @param bytes read until then
   * @param rows records that ended until then
   * @param checksum of the whole file where only its contents are at fault ({@code
   *     unterminated-quote}), else empty
   */
  record Failed(FileProblem problem, long bytes, OptionalLong rows, Optional<String> checksum)
      implements FileStock {}
}
