package io.fileaudit.core.file;

import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The account of one file in one batch: a join-semilattice, so that events in any order, repeated
 * any number of times and split into commits in any way, give the same account. See Shapiro et al.,
 * <i>Conflict-free Replicated Data Types</i>, 2011.
 *
 * @param expected what was announced of it
 * @param discovered the least time at which it was seen
 * @param attempts every try at it, in the order of run and number
 */
public record FileAccount(
    @Nullable Expectation expected, @Nullable Instant discovered, List<Attempt> attempts) {

  /** Nothing is known; the neutral element of {@link #join}. */
  public static final FileAccount UNKNOWN = new FileAccount(null, null, List.of());

  public FileAccount {
    attempts = List.copyOf(attempts);
  }

  /**
   * What a single event says.
   *
   * @param event the event
   * @param run the run of its ledger row
   * @param arrival the store's time of its ledger row, which counts where the event has no time of
   *     its own
   */
  public static FileAccount of(FileEvent event, int run, Instant arrival) {
    Instant at = event.at() == null ? arrival : event.at();
    int number = event.attemptOrFirst();
    return switch (event.type()) {
      case EXPECTED ->
          new FileAccount(
              new Expectation(run, event.rows(), event.bytes(), event.checksum()), null, List.of());
      case DISCOVERED -> new FileAccount(null, at, List.of());
      case STARTED, PROGRESS -> {
        Instant started = event.type() == io.fileaudit.api.event.EventType.STARTED ? at : null;
        yield single(
            new Attempt(
                run,
                number,
                started,
                event.rows(),
                event.bytes(),
                event.rejectedRows(),
                null,
                false));
      }
      case COMPLETED, FAILED, SKIPPED ->
          single(
              new Attempt(run, number, null, null, null, null, Ending.of(event, arrival), false));
      case HEARTBEAT, OPENED, ENDED, LINEAGE ->
          throw new IllegalArgumentException(event.type() + " is not about a file");
    };
  }

  private static FileAccount single(Attempt attempt) {
    return new FileAccount(null, null, List.of(attempt));
  }

  /** Both accounts as one: commutative, associative, idempotent. */
  public FileAccount join(FileAccount other) {
    Expectation mine = expected;
    Expectation theirs = other.expected;
    return new FileAccount(
        mine == null ? theirs : theirs == null ? mine : mine.join(theirs),
        Joins.earlier(discovered, other.discovered),
        joinAttempts(attempts, other.attempts));
  }

  private static List<Attempt> joinAttempts(List<Attempt> some, List<Attempt> others) {
    if (some.isEmpty() || others.isEmpty()) {
      return some.isEmpty() ? others : some;
    }
    if (some.size() == 1 && others.size() == 1 && some.get(0).order(others.get(0)) == 0) {
      return List.of(some.get(0).join(others.get(0)));
    }
    List<Attempt> all = new ArrayList<>(some.size() + 1);
    int i = 0;
    int j = 0;
    while (i < some.size() && j < others.size()) {
      int order = some.get(i).order(others.get(j));
      all.add(
          order == 0 ? some.get(i).join(others.get(j)) : order < 0 ? some.get(i) : others.get(j));
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    all.addAll(some.subList(i, some.size()));
    all.addAll(others.subList(j, others.size()));
    return all;
  }

  /**
   * The attempt that is shown: the highest one, except that a SKIPPED never hides an earlier
   * COMPLETED.
   */
  public @Nullable Attempt shown() {
    if (attempts.isEmpty()) {
      return null;
    }
    Attempt highest = attempts.get(attempts.size() - 1);
    if (highest.state() == FileState.SKIPPED) {
      for (int i = attempts.size() - 2; i >= 0; i--) {
        if (attempts.get(i).state() == FileState.COMPLETED) {
          return attempts.get(i);
        }
      }
    }
    return highest;
  }

  /** The state that is shown. */
  public FileState state() {
    Attempt shown = shown();
    if (shown != null) {
      return shown.state();
    }
    return discovered != null ? FileState.DISCOVERED : FileState.EXPECTED;
  }

  /** Whether it arrived and falls short of what was announced of it. */
  public boolean isShort() {
    Attempt shown = shown();
    if (expected == null
        || shown == null
        || shown.ending() == null
        || shown.state() != FileState.COMPLETED) {
      return false;
    }
    return expected.isShort(shown.shownRows(), shown.shownBytes(), shown.ending().checksum());
  }

  /** Whether any attempt was reported with two different endings. */
  public boolean hasConflict() {
    return attempts.stream().anyMatch(Attempt::conflict);
  }

  /** The account as it is shown. */
  public Manifest toManifest(String file) {
    Attempt shown = shown();
    Ending ending = shown == null ? null : shown.ending();
    return new Manifest(
        file,
        state(),
        shown == null ? null : shown.run(),
        shown == null ? null : shown.number(),
        attempts.size(),
        shown == null ? null : shown.shownRows(),
        shown == null ? null : shown.shownRejectedRows(),
        shown == null ? null : shown.shownBytes(),
        ending == null ? null : ending.checksum(),
        shown == null ? null : shown.started(),
        ending == null ? null : ending.at(),
        discovered,
        expected != null,
        expected == null ? null : expected.rows(),
        expected == null ? null : expected.bytes(),
        expected == null ? null : expected.checksum(),
        hasConflict(),
        ending == null ? null : ending.error(),
        ending == null ? Map.of() : ending.attributes());
  }
}
