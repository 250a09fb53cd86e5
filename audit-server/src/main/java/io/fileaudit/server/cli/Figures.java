package io.fileaudit.server.cli;

import java.time.Duration;
import java.util.Locale;

/** Writes figures for people. */
final class Figures {
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB"};

  private Figures() {}

  /** A number in groups of three digits. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number and its noun. */
  static String count(long number, String one, String many) {
    return count(number) + " " + (number == 1 ? one : many);
  }

  /** A size in the largest unit that it fills. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** A time of seconds in days, hours, minutes and seconds. */
  static String seconds(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1fs", seconds);
    }
    Duration time = Duration.ofSeconds(Math.round(seconds));
    String clock =
        String.format(Locale.ROOT, "%dm%02ds", time.toMinutesPart(), time.toSecondsPart());
    if (time.toHours() == 0) {
      return clock;
    }
    clock = String.format(Locale.ROOT, "%dh%02dm", time.toHoursPart(), time.toMinutesPart());
    return time.toDays() == 0 ? clock : time.toDays() + "d" + clock;
  }
}
