package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Links;
import io.fileaudit.api.batch.Rates;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.core.batch.Tally.Figure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes what people see of a batch from what a store has of it: everything derived is derived here.
 */
public final class Snapshots {
  private Snapshots() {}

  /** The snapshot of a batch at the moment at which it was read. */
  public static Snapshot of(BatchRecord batch) {
    return of(batch, null, null);
  }

  /**
   * The same beside what is usual.
   *
   * @param usual what loads of its table came to of late; null where that is not known
   */
  public static Snapshot of(BatchRecord batch, @Nullable Usual usual) {
    return of(batch, usual, null);
  }

  /**
   * The same as a node that watches the batch sees it.
   *
   * @param usual what loads of its table came to of late; null where that is not known
   * @param rates how fast it moved of late; null where it was not watched
   */
  public static Snapshot of(BatchRecord batch, @Nullable Usual usual, @Nullable Rates rates) {
    BatchSpec spec = batch.spec();
    BatchState state = batch.state();
    Instant now = batch.now();
    Totals totals = totals(batch);
    Instant until = state.endedAt() == null ? now : state.endedAt();
    return new Snapshot(
        batch.key().id(),
        batch.key().namespace(),
        spec.name(),
        spec.table(),
        spec.period(),
        spec.parent(),
        new TreeMap<>(batch.labels()),
        state.status(),
        state.run(),
        flags(batch, usual),
        state.verdict(),
        state.version(),
        batch.openedAt(),
        state.startedAt(),
        state.endedAt(),
        state.lastActivityAt(),
        state.lastProgressAt(),
        now,
        state.startedAt() == null
            ? 0
            : LimitRules.seconds(Duration.between(state.startedAt(), until)),
        state.status().isOpen() ? idleSeconds(state, now) : null,
        LimitRules.view(batch.limits(), state, batch.outages(), now),
        totals,
        rates,
        ratio(totals.files().completed(), totals.files().completed() + totals.files().failed()),
        ratio(
            Math.min(
                totals.files().expected(),
                totals.files().completed() + totals.files().failed() + totals.files().skipped()),
            totals.files().expected()),
        usual,
        Links.of(batch.key().id()));
  }

  private static double idleSeconds(BatchState state, Instant now) {
    Instant last = state.lastActivityAt() == null ? state.runOpenedAt() : state.lastActivityAt();
    return LimitRules.seconds(Duration.between(last, now));
  }

  /** How many files a batch itself should bring: as declared, or by name where those are more. */
  static long expected(BatchRecord batch) {
    return expected(batch.spec(), batch.state().tally());
  }

  private static long expected(BatchSpec spec, Tally tally) {
    Long declared = spec.expected() == null ? null : spec.expected().count();
    return Math.max(tally.get(Figure.EXPECTED), declared == null ? 0 : declared);
  }

  /** The figures of a batch and its sub-batches. */
  public static Totals totals(BatchRecord batch) {
    return totals(
        expected(batch) + batch.below().expected(),
        batch.state().tally().plus(batch.below().tally()),
        batch.state().events() + batch.below().events(),
        batch.refusals().all() + batch.below().refused());
  }

  /** The figures of a batch by itself, which was opened so. */
  public static Totals totals(BatchSpec spec, Tally tally, long events, long refused) {
    return totals(expected(spec, tally), tally, events, refused);
  }

  private static Totals totals(long expected, Tally tally, long events, long refused) {
    return new Totals(
        new FileCounts(
            expected,
            tally.get(Figure.MISSING),
            tally.get(Figure.DISCOVERED),
            tally.get(Figure.RUNNING),
            tally.get(Figure.COMPLETED),
            tally.get(Figure.FAILED),
            tally.get(Figure.SKIPPED)),
        tally.get(Figure.ROWS),
        tally.get(Figure.ROWS_IN_FLIGHT),
        tally.get(Figure.REJECTED_ROWS),
        tally.get(Figure.BYTES),
        events,
        refused);
  }

  /** What a person should look at by now; flags are never stored and go away by themselves. */
  public static List<Flag> flags(BatchRecord batch) {
    return Flagging.of(batch).raised().stream().map(Flagging.Raised::flag).toList();
  }

  /** The same beside what is usual. */
  public static List<Flag> flags(BatchRecord batch, @Nullable Usual usual) {
    List<Flag> flags = flags(batch);
    Instant started = batch.state().startedAt();
    if (usual == null
        || started == null
        || usual.batches() < Usual.ENOUGH
        || !batch.state().status().isOpen()
        || LimitRules.seconds(Duration.between(started, batch.now())) <= usual.p95Seconds()) {
      return flags;
    }
    return Stream.concat(flags.stream(), Stream.of(Flag.SLOW)).toList();
  }

  /** In thousandths, rounded down: 1.0 means all. */
  private static @Nullable Double ratio(long part, long whole) {
    return whole == 0 ? null : Math.floorDiv(1000 * part, whole) / 1000.0;
  }
}
