package io.fileaudit.core.batch;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.LimitView;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the limits of a batch come about and when each is over: pure functions of limits, times and
 * now.
 */
public final class LimitRules {
  /**
   * The defaults of the service: one hour, half an hour, half an hour, and half an hour as a flag.
   */
  public static final Limits DEFAULTS =
      new Limits(
          Limit.endAfter(Duration.ofHours(1)),
          Limit.endAfter(Duration.ofMinutes(30)),
          Limit.endAfter(Duration.ofMinutes(30)),
          Limit.flagAfter(Duration.ofMinutes(30)));

  private LimitRules() {}

  /**
   * The limits that hold for a batch: its own where it has them, else the inherited ones. Within a
   * run no wait can be longer than the run, so idle and progress never exceed operation: an
   * inherited one is clipped to fit, two explicit ones that contradict each other are refused.
   *
   * @throws AuditException {@code invalid-request}, naming both limits
   */
  public static Limits resolve(Limits own, Limits inherited) {
    Limits all = Limits.INHERITED;
    for (LimitName name : LimitName.values()) {
      all = all.with(name, resolve(own.get(name), required(inherited, name)));
    }
    for (LimitName inner : new LimitName[] {LimitName.IDLE, LimitName.PROGRESS}) {
      all = fit(all, own, inner);
    }
    return all;
  }

  /**
   * Own limits after a change: each is what the change says where it speaks of it. A change that
   * names only the time or only the action keeps the other; one that is empty inherits again.
   */
  public static Limits changed(Limits own, Map<LimitName, Optional<Limit>> change) {
    Limits all = own;
    for (Map.Entry<LimitName, Optional<Limit>> entry : change.entrySet()) {
      LimitName name = entry.getKey();
      all =
          all.with(name, entry.getValue().map(limit -> merged(own.get(name), limit)).orElse(null));
    }
    return all;
  }

  private static Limit merged(@Nullable Limit own, Limit change) {
    if (own == null || own.action() == LimitAction.OFF || change.action() == LimitAction.OFF) {
      return change;
    }
    return new Limit(
        change.after() == null ? own.after() : change.after(),
        change.action() == null ? own.action() : change.action());
  }

  private static Limit resolve(@Nullable Limit own, Limit inherited) {
    if (own == null) {
      return inherited;
    }
    if (own.action() == LimitAction.OFF) {
      return Limit.off();
    }
    LimitAction inheritedAction =
        inherited.action() == LimitAction.OFF ? LimitAction.END : inherited.action();
    Duration after = own.after() == null ? inherited.after() : own.after();
    if (after == null) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "a limit that is off by default needs \"after\" to be switched on");
    }
    return new Limit(after, own.action() == null ? inheritedAction : own.action());
  }

  private static Limits fit(Limits all, Limits own, LimitName name) {
    Limit inner = required(all, name);
    Limit outer = required(all, LimitName.OPERATION);
    if (inner.after() == null
        || outer.after() == null
        || inner.after().compareTo(outer.after()) <= 0) {
      return all;
    }
    boolean innerGiven = isTimed(own.get(name));
    boolean outerGiven = isTimed(own.operation());
    if (innerGiven && outerGiven) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "limits."
              + name.wireName()
              + " ("
              + inner.after()
              + ") is longer than limits.operation ("
              + outer.after()
              + ") and could never be reached");
    }
    return innerGiven
        ? all.with(LimitName.OPERATION, new Limit(inner.after(), outer.action()))
        : all.with(name, new Limit(outer.after(), inner.action()));
  }

  private static boolean isTimed(@Nullable Limit limit) {
    return limit != null && limit.after() != null;
  }

  private static Limit required(Limits limits, LimitName name) {
    Limit limit = limits.get(name);
    if (limit == null) {
      throw new IllegalArgumentException("no " + name.wireName() + " limit to inherit");
    }
    return limit;
  }

  /** When a limit began to run; null while it does not. */
  public static @Nullable Instant runsFrom(LimitName name, BatchState state) {
    if (!state.status().isOpen()) {
      return null;
    }
    Instant started = state.startedAt();
    return switch (name) {
      case OPERATION -> started;
      case START -> started == null ? state.runOpenedAt() : null;
      case IDLE -> started == null ? null : latest(started, state.lastActivityAt());
      case PROGRESS -> started == null ? null : latest(started, state.lastProgressAt());
    };
  }

  private static Instant latest(Instant one, @Nullable Instant other) {
    return other == null || one.isAfter(other) ? one : other;
  }

  /** The limits as a snapshot shows them; outages are left out of the time that has passed. */
  public static Map<String, LimitView> view(
      Limits limits, BatchState state, List<Outage> outages, Instant now) {
    Map<String, LimitView> views = new LinkedHashMap<>();
    for (LimitName name : LimitName.values()) {
      Limit limit = required(limits, name);
      Instant from = runsFrom(name, state);
      Double left =
          limit.after() == null || from == null
              ? null
              : seconds(Duration.between(now, Outage.deadline(from, limit.after(), outages)));
      views.put(
          name.wireName(),
          new LimitView(
              limit.after(), limit.action() == null ? LimitAction.END : limit.action(), left));
    }
    return views;
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
