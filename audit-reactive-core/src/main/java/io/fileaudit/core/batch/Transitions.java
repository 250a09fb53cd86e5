package io.fileaudit.core.batch;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.INCOMPLETE;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static io.fileaudit.api.batch.BatchStatus.TIMED_OUT;

import io.fileaudit.api.batch.BatchStatus;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Which status may follow which: the one table of a batch's life. */
public final class Transitions {
  private static final Map<BatchStatus, Set<BatchStatus>> NEXT = new EnumMap<>(BatchStatus.class);

  static {
    NEXT.put(PENDING, EnumSet.of(RUNNING, COMPLETED, INCOMPLETE, FAILED, CANCELLED, TIMED_OUT));
    NEXT.put(RUNNING, EnumSet.of(COMPLETED, INCOMPLETE, FAILED, CANCELLED, TIMED_OUT));
    NEXT.put(COMPLETED, EnumSet.noneOf(BatchStatus.class));
    NEXT.put(INCOMPLETE, EnumSet.of(RUNNING));
    NEXT.put(FAILED, EnumSet.of(RUNNING));
    NEXT.put(CANCELLED, EnumSet.of(RUNNING));
    NEXT.put(TIMED_OUT, EnumSet.of(RUNNING));
  }

  private Transitions() {}

  /** Whether {@code next} may follow {@code present}. */
  public static boolean allowed(BatchStatus present, BatchStatus next) {
    return NEXT.getOrDefault(present, Set.of()).contains(next);
  }

  /** What may follow; empty after COMPLETED. */
  public static Set<BatchStatus> after(BatchStatus present) {
    return Set.copyOf(NEXT.getOrDefault(present, Set.of()));
  }
}
