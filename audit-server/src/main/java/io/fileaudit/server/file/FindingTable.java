package io.fileaudit.server.file;

import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.file.SameContent;
import java.util.stream.Collectors;

/** Writes what a reconciliation found as CSV. */
public final class FindingTable {
  /** The first line. */
  public static final String HEADER =
      "file,findings,state,rows,bytes,checksum,expected_rows,expected_bytes,expected_checksum,same_as_batch,same_as_file\r\n";

  private FindingTable() {}

  /** A line for a file. */
  public static String line(FileFinding found) {
    SameContent same = found.sameAs();
    return CsvLine.of(
        found.file(),
        found.findings().stream().map(Finding::word).collect(Collectors.joining(" ")),
        found.state(),
        found.rows(),
        found.bytes(),
        found.checksum(),
        found.expectedRows(),
        found.expectedBytes(),
        found.expectedChecksum(),
        same == null ? null : same.batch(),
        same == null ? null : same.file());
  }
}
