package io.fileaudit.api.batch;

/**
 * What the account of a batch held against completing, in numbers; all zero exactly when nothing
 * was.
 *
 * @param failed files shown FAILED
 * @param unfinished files shown RUNNING or DISCOVERED
 * @param missing expected files of which nothing was heard, and files short of a counted
 *     expectation
 * @param shortFiles arrived files that have fewer rows or bytes than expected, or another checksum
 * @param refused events refused as invalid and neither replayed nor dismissed
 * @param subBatches sub-batches that ended otherwise than COMPLETED
 * @param rejectedRows rejected rows above {@code max_rejected_rows}
 * @param skipped skipped files above {@code max_skipped}
 * @param zeroRows files completed without a row, where that is not allowed
 */
public record Findings(
    long failed,
    long unfinished,
    long missing,
    @com.fasterxml.jackson.annotation.JsonProperty("short") long shortFiles,
    long refused,
    long subBatches,
    long rejectedRows,
    long skipped,
    long zeroRows) {

  /** Whether nothing speaks against COMPLETED. */
  @com.fasterxml.jackson.annotation.JsonIgnore
  public boolean isEmpty() {
    return failed
            + unfinished
            + missing
            + shortFiles
            + refused
            + subBatches
            + rejectedRows
            + skipped
            + zeroRows
        == 0;
  }
}
