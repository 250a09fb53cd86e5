package io.fileaudit.it.crash;

import io.fileaudit.it.crash.proxy.Point;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the services, their database and their broker, one thing at a time. In the long
 * form each lasts until enough was seen to happen inside it.
 */
enum Fault {
  SERVICE_KILLED_BEFORE_THE_COMMIT(Point.BEFORE_THE_COMMIT, Deed.KILL_THE_SERVICE, 1),
  SERVICE_KILLED_AFTER_THE_COMMIT(Point.AFTER_THE_COMMIT, Deed.KILL_THE_SERVICE, 1),
  OWNER_OF_THE_DATABASE_KILLED(null, Deed.KILL_THE_OWNER, 4),
  POSTMASTER_KILLED(null, Deed.KILL_THE_POSTMASTER, 5),
  POSTMASTER_KILLED_BEFORE_THE_LEDGER(Point.BEFORE_THE_LEDGER, Deed.KILL_THE_POSTMASTER, 1),
  POSTMASTER_KILLED_BEFORE_A_VERDICTS_COMMIT(
      Point.BEFORE_A_VERDICTS_COMMIT, Deed.KILL_THE_POSTMASTER, 1),
  CONNECTION_BROKEN_BEFORE_THE_COMMIT(Point.BEFORE_THE_COMMIT, Deed.BREAK_THE_CONNECTION, 0),
  CONNECTION_BROKEN_AFTER_THE_COMMIT(Point.AFTER_THE_COMMIT, Deed.BREAK_THE_CONNECTION, 0),
  ALL_CONNECTIONS_BROKEN(null, Deed.BREAK_ALL_CONNECTIONS, 1),
  SILENCE(null, Deed.FALL_SILENT, 1),

  // The long form alone.
  SERVICE_KILLED(null, Deed.KILL_THE_SERVICE, 6),
  SERVICE_KILLED_BEFORE_THE_OFFSET_IS_STORED(
      Point.BEFORE_THE_OFFSET_IS_STORED, Deed.KILL_THE_SERVICE, 1),
  CONNECTION_BROKEN_BEFORE_A_SEALS_COMMIT(
      Point.BEFORE_A_SEALS_COMMIT, Deed.BREAK_THE_CONNECTION, 1),
  SERVICE_KILLED_IN_ITS_SHUTDOWN(Point.IN_ITS_SHUTDOWN, Deed.END_THE_SERVICE, 1),
  SERVICE_KILLED_MID_FEED(Point.MID_FEED, Deed.KILL_THE_SERVICE, 1),
  BACKEND_KILLED(null, Deed.KILL_A_BACKEND, 2),
  DATABASE_FROZEN(null, Deed.FREEZE_THE_DATABASE, 2),
  SERVICE_FROZEN(null, Deed.FREEZE_THE_SERVICE, 2),
  ANSWERS_HELD_BACK(null, Deed.HOLD_ANSWERS, 1),
  LATENCY(null, Deed.LAG, 1),
  MESSAGES_CUT_OFF(null, Deed.CUT_OFF, 1),
  TABLE_LOCKED(null, Deed.LOCK_A_TABLE, 1),
  DISK_FULL(null, Deed.FILL_THE_DISK, 1),
  BROKER_KILLED(null, Deed.KILL_THE_BROKER, 1),
  REBALANCE(null, Deed.JOIN_THE_GROUP, 2),
  CLOCK_AHEAD(null, Deed.PUT_THE_CLOCK_AHEAD, 1);

  /** What is done, and for how long at the least in the long form. */
  enum Deed {
    KILL_THE_SERVICE(0, Counts.ANSWERED),
    KILL_THE_OWNER(0, Counts.ANSWERED),
    KILL_THE_POSTMASTER(0, Counts.UNDER_WAY),
    BREAK_THE_CONNECTION(0, Counts.ANSWERED),
    BREAK_ALL_CONNECTIONS(0, Counts.ANSWERED),
    FALL_SILENT(3, Counts.ANSWERED),
    END_THE_SERVICE(0, Counts.ANSWERED),
    KILL_A_BACKEND(0, Counts.UNDER_WAY),
    FREEZE_THE_DATABASE(20, Counts.UNDER_WAY),
    FREEZE_THE_SERVICE(15, Counts.ANSWERED),
    HOLD_ANSWERS(3, Counts.ANSWERED),
    LAG(4, Counts.ANSWERED),
    CUT_OFF(2, Counts.ANSWERED),
    LOCK_A_TABLE(8, Counts.UNDER_WAY),
    FILL_THE_DISK(8, Counts.UNDER_WAY),
    KILL_THE_BROKER(3, Counts.ANSWERED),
    JOIN_THE_GROUP(3, Counts.ANSWERED),
    PUT_THE_CLOCK_AHEAD(5, Counts.ANSWERED);

    private final Duration least;
    private final Counts counts;

    Deed(int seconds, Counts counts) {
      this.least = Duration.ofSeconds(seconds);
      this.counts = counts;
    }

    /** How long it lasts at the least in the long form. */
    Duration least() {
      return least;
    }

    Counts counts() {
      return counts;
    }
  }

  /** What shows that a fault struck a load and not an idle service. */
  enum Counts {
    /** Requests that were answered inside it. */
    ANSWERED,
    /**
     * Requests that were under way inside it. There is one database, and where it is away, frozen,
     * locked or full nothing can be acknowledged: an acknowledgement then would be the violation.
     * What must be shown is that there was much to lose.
     */
    UNDER_WAY
  }

  private static final int OF_THE_SHORT_FORM = SILENCE.ordinal() + 1;

  private final @Nullable Point point;
  private final Deed deed;
  private final int times;

  Fault(@Nullable Point point, Deed deed, int times) {
    this.point = point;
    this.deed = deed;
    this.times = times;
  }

  /** Those that strike without a broker and without being root. */
  static List<Fault> ofTheShortForm() {
    return Arrays.asList(values()).subList(0, OF_THE_SHORT_FORM);
  }

  /** At which point; null for any moment. */
  @Nullable Point point() {
    return point;
  }

  Deed deed() {
    return deed;
  }

  /** How often it strikes in the long form. */
  int times() {
    return times;
  }
}
