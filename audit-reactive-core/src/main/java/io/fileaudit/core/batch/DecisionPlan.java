package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a wanted change of status leads to: a new decision, or nothing because the run has that
 * ending already. A pure function of the locked batch and its evidence; a store only carries it
 * out.
 *
 * @param state the batch afterwards
 * @param verdict the new decision; null where nothing changes
 */
public record DecisionPlan(BatchState state, @Nullable Verdict verdict) {

  /**
   * Who wants what.
   *
   * @param run the run that is meant, from 1
   * @param wanted COMPLETED, FAILED or CANCELLED to end it, RUNNING to resume it
   * @param message why, in words
   * @param by who asks
   * @param node which node decides
   */
  public record Wish(
      int run, BatchStatus wanted, @Nullable String message, @Nullable String by, String node) {}

  /**
   * Decides.
   *
   * @param now the store's clock, read after the lock was held
   * @throws AuditException {@code stale-run}, {@code batch-ended}, {@code invalid-transition},
   *     {@code sub-batches-open} or {@code invalid-request}
   */
  public static DecisionPlan of(
      Wish wish,
      BatchSpec spec,
      BatchState state,
      RefusalCounts refusals,
      SubBatches subs,
      Instant now) {
    return switch (wish.wanted()) {
      case RUNNING -> resume(wish, state, now);
      case COMPLETED, FAILED, CANCELLED -> end(wish, spec, state, refusals, subs, now);
      default ->
          throw new AuditException(
              ProblemType.INVALID_REQUEST,
              "status is " + wish.wanted() + ", expected COMPLETED, FAILED, CANCELLED or RUNNING");
    };
  }

  private static DecisionPlan resume(Wish wish, BatchState state, Instant now) {
    boolean resumedAlready = wish.run() == state.run() - 1 && state.status() == BatchStatus.RUNNING;
    boolean open = wish.run() == state.run() && state.status() == BatchStatus.RUNNING;
    if (resumedAlready || open) {
      return new DecisionPlan(state, null);
    }
    checkRun(wish, state);
    if (!state.status().isResumable()) {
      throw new AuditException(
          ProblemType.INVALID_TRANSITION,
          "the batch is "
              + state.status()
              + (state.status().isOpen()
                  ? "; it becomes RUNNING with its first event"
                  : "; it cannot be resumed"));
    }
    Verdict verdict =
        verdict(
            wish, BatchStatus.RUNNING, VerdictReason.RESUMED, state.run() + 1, state, null, now);
    return new DecisionPlan(state.resumed(verdict), verdict);
  }

  private static DecisionPlan end(
      Wish wish,
      BatchSpec spec,
      BatchState state,
      RefusalCounts refusals,
      SubBatches subs,
      Instant now) {
    checkRun(wish, state);
    if (!state.status().isOpen()) {
      Verdict ending = state.verdict();
      boolean same =
          state.status() == wish.wanted()
              || (ending != null && ending.requested() == wish.wanted());
      if (same) {
        return new DecisionPlan(state, null);
      }
      String detail = "the batch is " + state.status() + ", so it cannot become " + wish.wanted();
      throw ending == null
          ? new AuditException(ProblemType.INVALID_TRANSITION, detail)
          : AuditException.ended(detail, ending);
    }
    if (wish.wanted() != BatchStatus.COMPLETED) {
      Verdict verdict =
          verdict(wish, wish.wanted(), VerdictReason.REQUESTED, state.run(), state, null, now);
      return new DecisionPlan(state.ended(verdict), verdict);
    }
    if (subs.open() > 0) {
      throw new AuditException(
          ProblemType.SUB_BATCHES_OPEN,
          subs.open() + " sub-batches are still open; end them first");
    }
    Findings findings = Completion.judge(spec, state.tally(), refusals, subs);
    BatchStatus status = findings.isEmpty() ? BatchStatus.COMPLETED : BatchStatus.INCOMPLETE;
    Verdict verdict =
        verdict(wish, status, VerdictReason.REQUESTED, state.run(), state, findings, now);
    return new DecisionPlan(state.ended(verdict), verdict);
  }

  /**
   * Decides what a report on the batch as a run asks for. It says how the run ended, whenever it
   * comes: a graver ending than the present one takes its place, in the same run, and a completion
   * is judged again by what is known now, so that the order of reports does not matter. Sub-batches
   * are runs that are reported by themselves and are neither waited for nor held against it.
   *
   * @param wish COMPLETED, FAILED or CANCELLED
   * @param now the store's clock, read after the lock was held
   */
  public static DecisionPlan reported(
      Wish wish, BatchSpec spec, BatchState state, RefusalCounts refusals, Instant now) {
    if (!mayDecide(wish.wanted(), state.status())) {
      return new DecisionPlan(state, null);
    }
    Findings findings =
        wish.wanted() == BatchStatus.COMPLETED
            ? Completion.judge(spec, state.tally(), refusals, new SubBatches(0, 0))
            : null;
    BatchStatus status =
        findings == null || findings.isEmpty() ? wish.wanted() : BatchStatus.INCOMPLETE;
    if (status == state.status()) {
      return new DecisionPlan(state, null);
    }
    Verdict verdict =
        verdict(wish, status, VerdictReason.REQUESTED, state.run(), state, findings, now);
    return new DecisionPlan(state.ended(verdict), verdict);
  }

  /** Whether a reported ending takes the place of a status, whatever is known of the files. */
  public static boolean isGraver(BatchStatus reported, BatchStatus present) {
    return gravity(reported) > gravity(present);
  }

  /** Whether it may: what completed is judged again. */
  public static boolean mayDecide(BatchStatus reported, BatchStatus present) {
    return isGraver(reported, present)
        || (reported == BatchStatus.COMPLETED && gravity(present) == gravity(reported));
  }

  private static int gravity(BatchStatus status) {
    return switch (status) {
      case PENDING, RUNNING -> 0;
      case TIMED_OUT -> 1;
      case COMPLETED, INCOMPLETE -> 2;
      case CANCELLED -> 3;
      case FAILED -> 4;
    };
  }

  /** What becomes of an open sub-batch when its parent ends otherwise than completed. */
  public static DecisionPlan parentEnded(String node, BatchState state, Instant now) {
    Wish wish = new Wish(state.run(), BatchStatus.CANCELLED, null, null, node);
    Verdict verdict =
        verdict(
            wish, BatchStatus.CANCELLED, VerdictReason.PARENT_ENDED, state.run(), state, null, now);
    return new DecisionPlan(state.ended(verdict), verdict);
  }

  private static void checkRun(Wish wish, BatchState state) {
    if (wish.run() != state.run()) {
      throw new AuditException(
          ProblemType.STALE_RUN,
          "the message is for run " + wish.run() + ", the present run is " + state.run());
    }
  }

  private static Verdict verdict(
      Wish wish,
      BatchStatus status,
      VerdictReason reason,
      int run,
      BatchState state,
      @Nullable Findings findings,
      Instant now) {
    return new Verdict(
        status,
        reason == VerdictReason.PARENT_ENDED ? null : wish.wanted(),
        reason,
        null,
        null,
        run,
        state.nextSeq(),
        state.runOpenedAt(),
        state.startedAt(),
        state.lastActivityAt(),
        state.lastProgressAt(),
        now,
        wish.node(),
        wish.by(),
        wish.message(),
        findings);
  }
}
