package io.fileaudit.it.crash;

import java.time.Duration;

/**
 * How much a run is to show.
 *
 * @param crowd the loaders
 * @param enough how much has to happen inside each fault, as it counts; 0 where a fault is over as
 *     soon as it has struck
 * @param reach how long a point may take to be reached: one that nothing comes to proves nothing
 * @param recover how soon acknowledgements are to be quick again after a healing
 * @param answers how many of them, one behind the other, are to be quick
 */
record Form(Loaders.Crowd crowd, int enough, Duration reach, Duration recover, int answers) {
  /** Stretches what is promised of times, on a machine that others use as well. */
  private static final double SLACK =
      Double.parseDouble(System.getProperty("audit.crash.slack", "1"));

  /** Ten seconds are promised; a machine that others use as well is given more. */
  static final Form SHORT =
      new Form(Loaders.Crowd.SHORT, 0, Duration.ofSeconds(30), Duration.ofSeconds(20), 20);

  static final Form LONG =
      new Form(
          Loaders.Crowd.LONG, 50, Duration.ofSeconds(120), stretched(Duration.ofSeconds(10)), 50);

  static Duration stretched(Duration promised) {
    return Duration.ofMillis((long) (promised.toMillis() * SLACK));
  }

  static double slack() {
    return SLACK;
  }

  boolean isLong() {
    return enough > 0;
  }
}
