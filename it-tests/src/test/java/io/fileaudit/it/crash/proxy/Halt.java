package io.fileaudit.it.crash.proxy;

import org.jspecify.annotations.Nullable;

/**
 * One connection that is to be stopped, or stands, at a point: nothing of it is sent on any more in
 * either direction. Thread-safe.
 */
public final class Halt {
  private final Point point;
  private volatile @Nullable Link link;

  Halt(Point point) {
    this.point = point;
  }

  public Point point() {
    return point;
  }

  /** Whether a connection stands there. */
  public boolean isReached() {
    return link != null;
  }

  void reachedBy(Link standing) {
    link = standing;
  }

  /** Breaks the connection that stands there on both sides; what was held back is never sent. */
  public void drop() {
    Link standing = link;
    if (standing != null) {
      standing.close();
    }
  }
}
