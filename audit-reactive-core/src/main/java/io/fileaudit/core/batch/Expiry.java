package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges whether a batch's time is up: a pure function of what was read after the batch was locked.
 * Either a limit is over, or there is a time before which no limit can be.
 *
 * @param over the limit that was over first; null where none is
 * @param after that limit's length
 * @param checkAt when to look again; null where nothing can end the batch by itself
 */
public record Expiry(
    @Nullable LimitName over, @Nullable Duration after, @Nullable Instant checkAt) {

  /**
   * What a judgement is made of.
   *
   * @param limits the limits that hold
   * @param state the batch, with what was heard of its sub-batches
   * @param outages times without a living node that end after the run was opened, oldest first
   * @param silentUntil while the node that last wrote the batch is silent: until when idle and
   *     progress wait for its loaders to find another; null otherwise
   * @param now the store's clock
   */
  public record Evidence(
      Limits limits,
      BatchState state,
      List<Outage> outages,
      @Nullable Instant silentUntil,
      Instant now) {}

  private static final Duration SILENT_AGAIN = Duration.ofSeconds(1);

  /** Judges. */
  public static Expiry judge(Evidence evidence) {
    LimitName first = null;
    Instant firstDue = null;
    for (LimitName name : LimitName.values()) {
      Instant due = due(name, evidence);
      if (due != null && (firstDue == null || due.isBefore(firstDue))) {
        first = name;
        firstDue = due;
      }
    }
    if (first == null || firstDue == null || firstDue.isAfter(evidence.now())) {
      return new Expiry(null, null, lookAgain(whileSilent(firstDue, evidence), evidence));
    }
    Limit limit = evidence.limits().get(first);
    return new Expiry(first, limit == null ? null : limit.after(), firstDue);
  }

  /** A node that is silent may be heard again at any moment. */
  private static @Nullable Instant whileSilent(@Nullable Instant due, Evidence evidence) {
    Instant soon = evidence.now().plus(SILENT_AGAIN);
    return due != null && due.equals(evidence.silentUntil()) && soon.isBefore(due) ? soon : due;
  }

  /**
   * Before the first event only the start limit runs, but a sub-batch may begin its parent at any
   * moment without writing the parent's row: the others may then be over after their length.
   */
  private static @Nullable Instant lookAgain(@Nullable Instant due, Evidence evidence) {
    BatchState state = evidence.state();
    if (!state.status().isOpen() || state.startedAt() != null) {
      return due;
    }
    Instant earliest = due;
    for (LimitName name : LimitName.values()) {
      Limit limit = evidence.limits().get(name);
      if (limit != null && limit.after() != null && limit.action() == LimitAction.END) {
        Instant possible = evidence.now().plus(limit.after());
        earliest = earliest == null || possible.isBefore(earliest) ? possible : earliest;
      }
    }
    return earliest;
  }

  private static @Nullable Instant due(LimitName name, Evidence evidence) {
    Limit limit = evidence.limits().get(name);
    Instant from = LimitRules.runsFrom(name, evidence.state());
    if (limit == null
        || limit.after() == null
        || limit.action() != LimitAction.END
        || from == null) {
      return null;
    }
    Instant due = Outage.deadline(from, limit.after(), evidence.outages());
    boolean waits = name == LimitName.IDLE || name == LimitName.PROGRESS;
    Instant silentUntil = evidence.silentUntil();
    return waits && silentUntil != null && silentUntil.isAfter(due) ? silentUntil : due;
  }

  /**
   * The earliest time at which a limit may be over, whatever is heard; null where none can be.
   *
   * @param now the store's clock
   */
  public static @Nullable Instant checkAt(Limits limits, BatchState state, Instant now) {
    return judge(new Evidence(limits, state, List.of(), null, now)).checkAt();
  }

  /** Ends the batch that was judged so; {@link #over} must be known. */
  public DecisionPlan end(BatchState state, Instant now, String node) {
    LimitName limit = over;
    if (limit == null) {
      throw new IllegalStateException("no limit is over");
    }
    VerdictReason reason =
        switch (limit) {
          case OPERATION -> VerdictReason.DEADLINE;
          case IDLE -> VerdictReason.IDLE;
          case START -> VerdictReason.NEVER_STARTED;
          case PROGRESS -> VerdictReason.NO_PROGRESS;
        };
    Verdict verdict =
        new Verdict(
            BatchStatus.TIMED_OUT,
            null,
            reason,
            limit,
            after,
            state.run(),
            state.nextSeq(),
            state.runOpenedAt(),
            state.startedAt(),
            state.lastActivityAt(),
            state.lastProgressAt(),
            now,
            node,
            null,
            null,
            null);
    return new DecisionPlan(state.ended(verdict), verdict);
  }
}
