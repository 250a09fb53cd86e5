package io.fileaudit.it.crash;

import io.fileaudit.it.crash.proxy.Point;
import org.jspecify.annotations.Nullable;

/** What is done to the services and their database, one thing at a time. */
enum Fault {
  SERVICE_KILLED_BEFORE_THE_COMMIT(Point.BEFORE_THE_COMMIT, Deed.KILL_THE_SERVICE),
  SERVICE_KILLED_AFTER_THE_COMMIT(Point.AFTER_THE_COMMIT, Deed.KILL_THE_SERVICE),
  OWNER_OF_THE_DATABASE_KILLED(null, Deed.KILL_THE_OWNER),
  POSTMASTER_KILLED(null, Deed.KILL_THE_POSTMASTER),
  POSTMASTER_KILLED_BEFORE_THE_LEDGER(Point.BEFORE_THE_LEDGER, Deed.KILL_THE_POSTMASTER),
  POSTMASTER_KILLED_BEFORE_A_VERDICTS_COMMIT(
      Point.BEFORE_A_VERDICTS_COMMIT, Deed.KILL_THE_POSTMASTER),
  CONNECTION_BROKEN_BEFORE_THE_COMMIT(Point.BEFORE_THE_COMMIT, Deed.BREAK_THE_CONNECTION),
  CONNECTION_BROKEN_AFTER_THE_COMMIT(Point.AFTER_THE_COMMIT, Deed.BREAK_THE_CONNECTION),
  ALL_CONNECTIONS_BROKEN(null, Deed.BREAK_ALL_CONNECTIONS),
  SILENCE(null, Deed.FALL_SILENT);

  /** What is done. */
  enum Deed {
    KILL_THE_SERVICE,
    KILL_THE_OWNER,
    KILL_THE_POSTMASTER,
    BREAK_THE_CONNECTION,
    BREAK_ALL_CONNECTIONS,
    FALL_SILENT
  }

  private final @Nullable Point point;
  private final Deed deed;

  Fault(@Nullable Point point, Deed deed) {
    this.point = point;
    this.deed = deed;
  }

  /** At which point of a transaction; null for any moment. */
  @Nullable Point point() {
    return point;
  }

  Deed deed() {
    return deed;
  }
}
