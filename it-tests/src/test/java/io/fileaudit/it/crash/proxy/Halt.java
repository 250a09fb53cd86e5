package io.fileaudit.it.crash.proxy;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One connection that is to be stopped, or stands, at a point: nothing of it is sent on any more in
 * either direction. Thread-safe.
 */
public final class Halt {
  private final Point point;
  private volatile Set<UUID> judged = Set.of();
  private volatile @Nullable Runnable breaking;

  Halt(Point point) {
    this.point = point;
  }

  public Point point() {
    return point;
  }

  /** Whether a connection stands there. */
  public boolean isReached() {
    return breaking != null;
  }

  /** The batches to which the transaction that stands there gives a verdict. */
  public Set<UUID> judged() {
    return judged;
  }

  void judging(Set<UUID> batches) {
    judged = Set.copyOf(batches);
  }

  /**
   * A connection stands.
   *
   * @param broken breaks it on both sides
   */
  void reachedBy(Runnable broken) {
    breaking = broken;
  }

  /** Breaks the connection that stands there on both sides; what was held back is never sent. */
  public void drop() {
    Runnable standing = breaking;
    if (standing != null) {
      standing.run();
    }
  }
}
