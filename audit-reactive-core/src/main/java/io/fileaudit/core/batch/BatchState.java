package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What changes in a batch while it lives. All times are the store's.
 *
 * @param status where it is in its life
 * @param run the present run, from 1
 * @param tree the tree of the ledger's rows
 * @param version rises by one with every commit that changed something
 * @param runOpenedAt when this run was opened
 * @param startedAt when this run's first event came
 * @param endedAt when this run ended
 * @param lastActivityAt when something was last heard in this run
 * @param lastProgressAt when a manifest last changed in this run
 * @param tally the figures
 * @param verdict the last decision
 */
public record BatchState(
    BatchStatus status,
    int run,
    CompactRange tree,
    long version,
    Instant runOpenedAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant lastActivityAt,
    @Nullable Instant lastProgressAt,
    Tally tally,
    @Nullable Verdict verdict) {

  /** A batch that was just opened. */
  public static BatchState opened(Instant now) {
    return new BatchState(
        BatchStatus.PENDING,
        1,
        CompactRange.EMPTY,
        1,
        now,
        null,
        null,
        null,
        null,
        Tally.ZERO,
        null);
  }

  /** The ledger number that the next row will have. */
  public long nextSeq() {
    return tree.size();
  }

  /**
   * How many events were accepted: all ledger rows but the decisions, of which each run but the
   * first has one at its start and each ended run one at its end.
   */
  public long events() {
    return nextSeq() - 2L * (run - 1) - (status.isOpen() ? 0 : 1);
  }

  /** After a commit by which the ledger has grown, which changed something where it says so. */
  public BatchState committed(
      CompactRange grown,
      boolean changed,
      boolean started,
      boolean active,
      boolean progressed,
      Tally figures,
      Instant now) {
    return new BatchState(
        started ? BatchStatus.RUNNING : status,
        run,
        grown,
        changed ? version + 1 : version,
        runOpenedAt,
        started && startedAt == null ? now : startedAt,
        endedAt,
        active ? now : lastActivityAt,
        progressed ? now : lastProgressAt,
        figures,
        verdict);
  }

  /**
   * After ledger rows that came when the run had ended: what they say of its files counts, and no
   * clock goes on.
   */
  public BatchState reported(CompactRange grown, boolean changed, boolean started, Tally figures) {
    return new BatchState(
        status,
        run,
        grown,
        changed ? version + 1 : version,
        runOpenedAt,
        started && startedAt == null ? endedAt : startedAt,
        endedAt,
        lastActivityAt,
        lastProgressAt,
        figures,
        verdict);
  }

  /** With one row more in the ledger. */
  public BatchState withRow(byte[] body) {
    return new BatchState(
        status,
        run,
        tree.with(Hash.leaf(body)),
        version,
        runOpenedAt,
        startedAt,
        endedAt,
        lastActivityAt,
        lastProgressAt,
        tally,
        verdict);
  }

  /** With other figures. */
  public BatchState withTally(Tally figures) {
    return new BatchState(
        status,
        run,
        tree,
        version,
        runOpenedAt,
        startedAt,
        endedAt,
        lastActivityAt,
        lastProgressAt,
        figures,
        verdict);
  }

  /** After a change of something that is kept beside the state. */
  public BatchState changed() {
    return new BatchState(
        status,
        run,
        tree,
        version + 1,
        runOpenedAt,
        startedAt,
        endedAt,
        lastActivityAt,
        lastProgressAt,
        tally,
        verdict);
  }

  /** After a heartbeat: an open batch was heard of. */
  public BatchState heard(Instant now) {
    return status.isOpen() ? withClocks(startedAt, now, lastProgressAt) : this;
  }

  /**
   * With what was heard of a sub-batch in this run: its activity is that of its parent, without
   * writing the parent's row.
   */
  public BatchState withSubBatch(BatchState sub) {
    return withClocks(
        isThisRun(sub.startedAt) ? earlier(startedAt, sub.startedAt) : startedAt,
        isThisRun(sub.lastActivityAt) ? later(lastActivityAt, sub.lastActivityAt) : lastActivityAt,
        isThisRun(sub.lastProgressAt) ? later(lastProgressAt, sub.lastProgressAt) : lastProgressAt);
  }

  private boolean isThisRun(@Nullable Instant time) {
    return time != null && !time.isBefore(runOpenedAt);
  }

  private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isAfter(one)) ? other : one;
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isBefore(one)) ? other : one;
  }

  private BatchState withClocks(
      @Nullable Instant started, @Nullable Instant activity, @Nullable Instant progress) {
    return new BatchState(
        status,
        run,
        tree,
        version,
        runOpenedAt,
        started,
        endedAt,
        activity,
        progress,
        tally,
        verdict);
  }

  /** After an ending, whose row is still to be added to the ledger. */
  public BatchState ended(Verdict ending) {
    return new BatchState(
        ending.status(),
        run,
        tree,
        version + 1,
        runOpenedAt,
        startedAt,
        ending.decidedAt(),
        lastActivityAt,
        lastProgressAt,
        tally,
        ending);
  }

  /**
   * After a resume, whose row is still to be added to the ledger: the next run, with fresh clocks.
   */
  public BatchState resumed(Verdict resuming) {
    return new BatchState(
        BatchStatus.RUNNING,
        run + 1,
        tree,
        version + 1,
        resuming.decidedAt(),
        null,
        null,
        null,
        null,
        tally,
        resuming);
  }
}
