package io.fileaudit.api.batch;

import java.util.Locale;
import java.util.StringJoiner;

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

  /** What there is, for people, as in {@code 2 failed, 1 missing}. */
  public String inWords() {
    StringJoiner text = new StringJoiner(", ");
    add(text, failed, "failed");
    add(text, unfinished, "unfinished");
    add(text, missing, "missing");
    add(text, shortFiles, "short of what was expected");
    add(text, refused, "refused events");
    add(text, subBatches, "sub-batches not completed");
    add(text, rejectedRows, "rejected rows too many");
    add(text, skipped, "skipped files too many");
    add(text, zeroRows, "without a row");
    return text.toString();
  }

  private static void add(StringJoiner text, long count, String what) {
    if (count > 0) {
      text.add(String.format(Locale.ROOT, "%,d %s", count, what));
    }
  }
}
