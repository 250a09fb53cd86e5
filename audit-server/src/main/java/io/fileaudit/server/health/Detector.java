package io.fileaudit.server.health;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Whether stuck batches are still looked for: a sweep that was not made for long means that "no
 * stuck batches" would be a lie. Thread-safe.
 */
public final class Detector {
  /** So many intervals without a sweep, and a while for one that takes longer, are still none. */
  private static final int MISSED = 5;

  private static final double GRACE_SECONDS = 5;

  private final DoubleSupplier sweepAgeSeconds;
  private final double intervalSeconds;
  private final DoubleSupplier uptimeSeconds;

  /**
   * A detector that sweeps.
   *
   * @param sweepAgeSeconds seconds since the last sweep that was made; negative before the first
   * @param interval the pause between two sweeps
   * @param uptimeSeconds seconds since the node was started, for one that never swept
   */
  public Detector(DoubleSupplier sweepAgeSeconds, Duration interval, DoubleSupplier uptimeSeconds) {
    this.sweepAgeSeconds = sweepAgeSeconds;
    this.intervalSeconds = interval.toNanos() / 1e9;
    this.uptimeSeconds = uptimeSeconds;
  }

  /**
   * How it stands.
   *
   * @param ageSeconds seconds since the last sweep; negative before the first
   * @param intervalSeconds the pause between two sweeps
   * @param boundSeconds how old the last sweep may be
   * @param stalled whether it is older
   */
  public record State(
      double ageSeconds, double intervalSeconds, double boundSeconds, boolean stalled) {}

  /** How it stands now. */
  public State state() {
    double age = sweepAgeSeconds.getAsDouble();
    double bound = MISSED * intervalSeconds + GRACE_SECONDS;
    double since = age < 0 ? uptimeSeconds.getAsDouble() : age;
    return new State(age, intervalSeconds, bound, since > bound);
  }
}
