package io.fileaudit.api.event;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.TreeHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a commit's lines, or of a whole request's. Given after the database has committed,
 * never before.
 *
 * @param accepted new events, now durable
 * @param duplicates events that were known already
 * @param duplicate whether every event was known already
 * @param refused lines that were not accepted
 * @param refusals the refused lines one by one; a summary names the first 10,000
 * @param firstSeq ledger number of the first accepted event; null where none was
 * @param lastSeq ledger number of the last accepted event; null where none was
 * @param lastLine the last line of the request that this answers, from 1
 * @param run the batch's run
 * @param status the batch's status after the commit
 * @param version the batch's version after the commit
 * @param verdict the ending, where the batch has ended
 * @param tree the tree of the ledger after the commit; null where nothing was committed
 */
public record Ack(
    long accepted,
    long duplicates,
    boolean duplicate,
    long refused,
    List<Refusal> refusals,
    @Nullable Long firstSeq,
    @Nullable Long lastSeq,
    long lastLine,
    int run,
    BatchStatus status,
    long version,
    @Nullable Verdict verdict,
    @Nullable TreeHead tree) {

  private static final int NAMED_REFUSALS = 10_000;

  public Ack {
    refusals = List.copyOf(refusals);
  }

  /**
   * What is answered where no line was: how the batch stands.
   *
   * @param lastLine the last line that was answered before, from 1; 0 where none was
   * @param verdict the last decision, which is told where the batch has ended
   */
  public static Ack nothing(
      long lastLine, int run, BatchStatus status, long version, @Nullable Verdict verdict) {
    return new Ack(
        0,
        0,
        false,
        0,
        List.of(),
        null,
        null,
        lastLine,
        run,
        status,
        version,
        status.isOpen() ? null : verdict,
        null);
  }

  /** This acknowledgement and the one after it as one. */
  public Ack and(Ack next) {
    List<Refusal> named = refusals;
    if (!next.refusals.isEmpty() && refusals.size() < NAMED_REFUSALS) {
      named = new java.util.ArrayList<>(refusals);
      named.addAll(
          next.refusals.subList(
              0, Math.min(next.refusals.size(), NAMED_REFUSALS - refusals.size())));
    }
    long allAccepted = accepted + next.accepted;
    long allDuplicates = duplicates + next.duplicates;
    long allRefused = refused + next.refused;
    return new Ack(
        allAccepted,
        allDuplicates,
        allDuplicates > 0 && allAccepted == 0 && allRefused == 0,
        allRefused,
        named,
        firstSeq != null ? firstSeq : next.firstSeq,
        next.lastSeq != null ? next.lastSeq : lastSeq,
        Math.max(lastLine, next.lastLine),
        next.run,
        next.status,
        next.version,
        next.verdict,
        next.tree == null ? tree : next.tree);
  }
}
