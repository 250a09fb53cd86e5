package io.fileaudit.server.file;

import io.fileaudit.api.file.Manifest;

/** Writes files as CSV. */
final class FileTable {
  static final String HEADER =
      "file,state,run,attempt,rows,rejected_rows,bytes,checksum,started_at,ended_at,error_code,error_message,conflict\r\n";

  private FileTable() {}

  static String line(Manifest file) {
    return CsvLine.of(
        file.file(),
        file.state(),
        file.run(),
        file.attempt(),
        file.rows(),
        file.rejectedRows(),
        file.bytes(),
        file.checksum(),
        file.startedAt(),
        file.endedAt(),
        file.error() == null ? null : file.error().code(),
        file.error() == null ? null : file.error().message(),
        file.conflict());
  }
}
