package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a webhook can tell. */
public enum HookEvent {
  /** A run began: its first event came, or the batch was resumed. */
  RUNNING,
  COMPLETED,
  INCOMPLETE,
  FAILED,
  CANCELLED,
  TIMED_OUT,
  /** The flag of the same word, as the next two. */
  SILENT,
  STALLED,
  OVER_LIMIT,
  /** A table for which no batch was opened in time. */
  OVERDUE,
  /** Nothing but that the webhook works; nobody asks for it beforehand. */
  TEST;

  /** What needs a person. */
  public static final Set<HookEvent> NEED_A_PERSON =
      Set.copyOf(EnumSet.of(INCOMPLETE, FAILED, TIMED_OUT, SILENT, STALLED, OVER_LIMIT, OVERDUE));

  /** What is derived from clocks and has to be looked for. */
  public static final Set<HookEvent> FLAGS = Set.copyOf(EnumSet.of(SILENT, STALLED, OVER_LIMIT));

  /** The word of the wire, as in {@code timed_out}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The event of that word that can be asked for; empty where there is none. */
  public static Optional<HookEvent> of(String word) {
    return Stream.of(values())
        .filter(event -> event != TEST && event.word().equals(word))
        .findFirst();
  }

  /** What a batch that came to have that status tells; empty for one that was opened. */
  public static Optional<HookEvent> of(BatchStatus status) {
    return of(status.name().toLowerCase(Locale.ROOT));
  }

  /** What a flag tells; empty for one that only a look at a single batch shows. */
  public static Optional<HookEvent> of(Flag flag) {
    return of(flag.wireName());
  }
}
