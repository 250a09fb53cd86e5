package io.fileaudit.server.access;

import io.fileaudit.core.access.Principal;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How much one key may ask of this node: so many requests a second, and so many at a time. The rate
 * is that of the generic cell rate algorithm (ITU-T I.371), which allows a second's worth at once
 * and needs one number for each key and no timer. Thread-safe, and never waits.
 */
public final class KeyLimits {
  private static final long SECOND = 1_000_000_000L;
  private static final int MANY = 10_000;

  /** Why a request is not let in. */
  public enum Excess {
    RATE,
    CONCURRENCY
  }

  /**
   * How a key stands.
   *
   * @param next when its next request would come if it kept to the rate, nanoseconds
   * @param inFlight requests that are being answered
   */
  private record Use(long next, int inFlight) {}

  private final int perSecond;
  private final int atATime;
  private final LongSupplier nanoClock;
  private final ConcurrentMap<String, Use> uses = new ConcurrentHashMap<>();

  /**
   * Limits for each key.
   *
   * @param perSecond the most requests a second
   * @param atATime the most requests that are being answered, streams among them
   */
  public KeyLimits(int perSecond, int atATime, LongSupplier nanoClock) {
    this.perSecond = perSecond;
    this.atATime = atATime;
    this.nanoClock = nanoClock;
  }

  /** Lets a request in, which has to be given back by {@link #leave}; or says why not. */
  public @Nullable Excess enter(Principal principal) {
    long now = nanoClock.getAsLong();
    long step = SECOND / perSecond;
    Excess[] excess = new Excess[1];
    boolean[] isNew = new boolean[1];
    uses.compute(
        principal.account(),
        (id, use) -> {
          isNew[0] = use == null;
          long next = use == null || use.next() - now < 0 ? now : use.next();
          int inFlight = use == null ? 0 : use.inFlight();
          if (next - now > SECOND - step) {
            excess[0] = Excess.RATE;
            return use;
          }
          if (inFlight >= atATime) {
            excess[0] = Excess.CONCURRENCY;
            return use;
          }
          return new Use(next + step, inFlight + 1);
        });
    if (isNew[0] && uses.size() > MANY) {
      uses.values().removeIf(use -> use.inFlight() == 0 && use.next() - now < 0);
    }
    return excess[0];
  }

  /** Gives a request back that was let in. */
  public void leave(Principal principal) {
    uses.computeIfPresent(
        principal.account(), (id, use) -> new Use(use.next(), use.inFlight() - 1));
  }

  /** How many keys are remembered. */
  int size() {
    return uses.size();
  }
}
