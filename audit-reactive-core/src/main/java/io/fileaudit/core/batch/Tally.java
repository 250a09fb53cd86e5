package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.file.Attempt;
import io.fileaudit.core.file.FileAccount;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a batch as a sum over its files. A change of one file moves them by the
 * difference, so that they always equal what a recount of all files would give.
 */
public final class Tally {
  /** What is summed up. */
  public enum Figure {
    /** Files announced by name. */
    EXPECTED,
    /** Files announced of which nothing else was heard. */
    MISSING,
    /** Files shown DISCOVERED. */
    DISCOVERED,
    /** Files shown RUNNING. */
    RUNNING,
    /** Files shown COMPLETED. */
    COMPLETED,
    /** Files shown FAILED. */
    FAILED,
    /** Files shown SKIPPED. */
    SKIPPED,
    /** Completed files that fall short of what was announced. */
    SHORT,
    /** Completed files that have no row. */
    ZERO_ROWS,
    /** Files of which something was heard and that count towards the expected number. */
    ARRIVED,
    /** Rows of completed files. */
    ROWS,
    /** Rows so far of running files. */
    ROWS_IN_FLIGHT,
    /** Rejected rows of completed files. */
    REJECTED_ROWS,
    /** Bytes of completed files. */
    BYTES,
    /** What of ROWS is known from the outputs of the run alone. */
    OUTPUT_ROWS,
    /** What of BYTES is known from the outputs of the run alone. */
    OUTPUT_BYTES;

    /** The name in the store. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Nothing. */
  public static final Tally ZERO = new Tally(new long[Figure.values().length]);

  private final long[] values;

  private Tally(long[] values) {
    this.values = values;
  }

  /** What one file adds to the figures of a batch that was opened so. */
  public static Tally of(String file, FileAccount account, BatchSpec spec) {
    long[] values = new long[Figure.values().length];
    Attempt shown = account.shown();
    FileState state = account.state();
    if (account.expected() != null) {
      values[Figure.EXPECTED.ordinal()] = 1;
    }
    values[figureOf(state).ordinal()] = 1;
    if (shown != null && state == FileState.RUNNING) {
      values[Figure.ROWS_IN_FLIGHT.ordinal()] = orZero(shown.shownRows());
    }
    if (shown != null && state == FileState.COMPLETED) {
      values[Figure.ROWS.ordinal()] = orZero(shown.shownRows());
      values[Figure.REJECTED_ROWS.ordinal()] = orZero(shown.shownRejectedRows());
      values[Figure.BYTES.ordinal()] = orZero(shown.shownBytes());
      values[Figure.SHORT.ordinal()] = account.isShort() ? 1 : 0;
      values[Figure.ZERO_ROWS.ordinal()] = Long.valueOf(0).equals(shown.shownRows()) ? 1 : 0;
    }
    if (state != FileState.EXPECTED && Reconciliation.counts(file, spec.expected())) {
      values[Figure.ARRIVED.ordinal()] = 1;
    }
    return new Tally(values);
  }

  private static Figure figureOf(FileState state) {
    return switch (state) {
      case EXPECTED -> Figure.MISSING;
      case DISCOVERED -> Figure.DISCOVERED;
      case RUNNING -> Figure.RUNNING;
      case COMPLETED -> Figure.COMPLETED;
      case FAILED -> Figure.FAILED;
      case SKIPPED -> Figure.SKIPPED;
    };
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  /** One figure. */
  public long get(Figure figure) {
    return values[figure.ordinal()];
  }

  /**
   * With what the outputs of a run come to: where that is more than its files say, it counts, so
   * that rows are neither lost, as of an input that names none, nor counted twice.
   */
  public Tally withOutput(long rows, long bytes) {
    long[] sum = values.clone();
    raise(sum, Figure.ROWS, Figure.OUTPUT_ROWS, rows);
    raise(sum, Figure.BYTES, Figure.OUTPUT_BYTES, bytes);
    return new Tally(sum);
  }

  private static void raise(long[] values, Figure whole, Figure part, long output) {
    long ofFiles = values[whole.ordinal()] - values[part.ordinal()];
    long more = Math.max(0, output - ofFiles);
    values[whole.ordinal()] = ofFiles + more;
    values[part.ordinal()] = more;
  }

  /** These figures and those. */
  public Tally plus(Tally other) {
    long[] sum = values.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.values[i];
    }
    return new Tally(sum);
  }

  /** These figures without those. */
  public Tally minus(Tally other) {
    long[] difference = values.clone();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= other.values[i];
    }
    return new Tally(difference);
  }

  /** Whether a sum is larger than JSON readers keep exactly. */
  public boolean isBeyondBounds() {
    return Arrays.stream(values).anyMatch(value -> value > CanonicalJson.MAX_INTEGER);
  }

  /** The figures by name, for a store to keep; those of outputs only where there are any. */
  public Map<String, Long> toMap() {
    Map<String, Long> map = new TreeMap<>();
    for (Figure figure : Figure.values()) {
      if (get(figure) != 0 || figure.ordinal() < Figure.OUTPUT_ROWS.ordinal()) {
        map.put(figure.key(), get(figure));
      }
    }
    return map;
  }

  /** The figures that {@link #toMap} gave; one that is not there is zero. */
  public static Tally fromMap(Map<String, ? extends Number> map) {
    long[] values = new long[Figure.values().length];
    for (Figure figure : Figure.values()) {
      Number value = map.get(figure.key());
      values[figure.ordinal()] = value == null ? 0 : value.longValue();
    }
    return new Tally(values);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tally tally && Arrays.equals(values, tally.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return toMap().toString();
  }
}
