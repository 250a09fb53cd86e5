package io.fileaudit.core.file;

import io.fileaudit.api.file.FileState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one try at a file.
 *
 * @param run the batch's run
 * @param number the n-th try within that run, from 1
 * @param started the least time at which it was reported as begun
 * @param rows the most rows reported while it ran
 * @param bytes the most bytes reported while it ran
 * @param rejectedRows the most rejected rows reported while it ran
 * @param ending how it ended
 * @param conflict whether two endings with different content were reported
 */
public record Attempt(
    int run,
    int number,
    @Nullable Instant started,
    @Nullable Long rows,
    @Nullable Long bytes,
    @Nullable Long rejectedRows,
    @Nullable Ending ending,
    boolean conflict) {

  /** How it stands to another in the order of run and number: before, the same, or after. */
  int order(Attempt other) {
    return run != other.run
        ? Integer.compare(run, other.run)
        : Integer.compare(number, other.number);
  }

  /** Both accounts of one attempt as one. */
  Attempt join(Attempt other) {
    Ending mine = ending;
    Ending theirs = other.ending;
    boolean differ = mine != null && theirs != null && !mine.sameContent(theirs);
    Ending stands = mine == null ? theirs : theirs == null ? mine : mine.greater(theirs);
    return new Attempt(
        run,
        number,
        Joins.earlier(started, other.started),
        Joins.greater(rows, other.rows),
        Joins.greater(bytes, other.bytes),
        Joins.greater(rejectedRows, other.rejectedRows),
        stands,
        conflict || other.conflict || differ);
  }

  /** RUNNING until an ending is known. */
  public FileState state() {
    if (ending == null) {
      return FileState.RUNNING;
    }
    return switch (ending.type()) {
      case COMPLETED -> FileState.COMPLETED;
      case FAILED -> FileState.FAILED;
      default -> FileState.SKIPPED;
    };
  }

  /** Rows of the ending, or the most that were reported while it ran. */
  public @Nullable Long shownRows() {
    return ending != null && ending.rows() != null ? ending.rows() : rows;
  }

  /** Bytes of the ending, or the most that were reported while it ran. */
  public @Nullable Long shownBytes() {
    return ending != null && ending.bytes() != null ? ending.bytes() : bytes;
  }

  /** Rejected rows of the ending, or the most that were reported while it ran. */
  public @Nullable Long shownRejectedRows() {
    return ending != null && ending.rejectedRows() != null ? ending.rejectedRows() : rejectedRows;
  }
}
