package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunPlan;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rules of reports that every store keeps; pure functions. */
public final class ReportRules {
  private ReportRules() {}

  /**
   * Refuses a report whose time lies too far ahead.
   *
   * @throws AuditException {@code invalid-event}
   */
  public static void checkTime(RunEvent event, Instant now) {
    String ahead = CommitPlan.ahead("eventTime", event.at(), now);
    if (ahead != null) {
      throw new AuditException(ProblemType.INVALID_EVENT, ahead);
    }
  }

  /**
   * Refuses a report of which a part was refused: it is taken as a whole or not at all.
   *
   * @throws AuditException the reason of the first refusal
   */
  public static void checkTaken(CommitOutcome outcome) {
    if (outcome instanceof CommitOutcome.Rejected rejected) {
      throw rejected.error();
    }
    if (outcome instanceof CommitOutcome.Committed committed
        && !committed.ack().refusals().isEmpty()) {
      throw new AuditException(
          ProblemType.INVALID_EVENT, committed.ack().refusals().get(0).detail());
    }
  }

  /**
   * Under which batch a run comes that names a parent: there is one level of sub-batches, so a run
   * below a sub-batch comes under the parent of that.
   *
   * @param named the parent that it names
   * @param spec how that was opened
   */
  public static @Nullable UUID parent(RunEvent event, UUID named, BatchSpec spec) {
    UUID parent = spec.parent() == null ? named : spec.parent();
    return parent.equals(event.run()) ? null : parent;
  }

  /** The decision that a report asks for. */
  public static Decide decide(RunReport report, RunPlan plan, BatchStatus wanted, int run) {
    return new Decide(
        report.key(),
        new DecisionPlan.Wish(run, wanted, report.event().error(), report.by(), report.node()),
        null,
        plan.report());
  }

  /** The batch with what a report says of the outputs of its run. */
  public static BatchState withOutput(BatchState state, Lineage report) {
    return state.withTally(state.tally().withOutput(report.outputRows(), report.outputBytes()));
  }
}
