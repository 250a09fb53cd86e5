package io.fileaudit.core.batch;

import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which limits of a batch a person should look at by now, and before when no other one can be: a
 * pure function of the batch as it was read.
 *
 * @param raised what is so now, each flag once
 * @param next before then nothing is raised that is not raised now; null where nothing ever is
 */
public record Flagging(List<Raised> raised, @Nullable Instant next) {
  /**
   * A flag and where it comes from.
   *
   * @param flag the flag
   * @param limit the limit that raised it
   * @param after how long that had to last
   * @param since from when on that is counted, by the store's clock
   */
  public record Raised(Flag flag, LimitName limit, Duration after, Instant since) {}

  /** A limit may be moved, and an outage noted, at any time: nothing is left alone for longer. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** Looks at a batch. */
  public static Flagging of(BatchRecord batch) {
    if (!batch.state().status().isOpen()) {
      return new Flagging(List.of(), null);
    }
    List<Raised> raised = new ArrayList<>();
    Instant next = null;
    Limit idle = batch.limits().idle();
    if (idle != null && idle.after() != null) {
      next = look(Flag.SILENT, LimitName.IDLE, idle.after().dividedBy(2), batch, raised, next);
    }
    for (LimitName name : LimitName.values()) {
      Limit limit = batch.limits().get(name);
      if (limit != null && limit.after() != null && limit.action() == LimitAction.FLAG) {
        Flag flag = name == LimitName.PROGRESS ? Flag.STALLED : Flag.OVER_LIMIT;
        next = look(flag, name, limit.after(), batch, raised, next);
      }
    }
    return new Flagging(List.copyOf(raised), next);
  }

  /** Notes the flag where it is raised, and gives the earlier of {@code next} and its next time. */
  private static @Nullable Instant look(
      Flag flag,
      LimitName limit,
      Duration after,
      BatchRecord batch,
      List<Raised> raised,
      @Nullable Instant next) {
    Instant from = LimitRules.runsFrom(limit, batch.state());
    // A limit that does not run yet may begin to at any moment.
    Instant due =
        from == null ? batch.now().plus(after) : Outage.deadline(from, after, batch.outages());
    if (from != null && !batch.now().isBefore(due)) {
      if (raised.stream().noneMatch(other -> other.flag() == flag)) {
        raised.add(new Raised(flag, limit, after, from));
      }
      // It goes away by activity, and comes back no sooner than after as long again.
      due = batch.now().plus(after.dividedBy(4).plusSeconds(1));
    }
    Instant latest = batch.now().plus(LONGEST);
    Instant bounded = due.isAfter(latest) ? latest : due;
    return next == null || bounded.isBefore(next) ? bounded : next;
  }
}
