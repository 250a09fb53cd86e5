package io.fileaudit.core.ledger;

import io.fileaudit.api.event.Event;
import io.fileaudit.core.batch.BatchKey;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Lines of one batch that are committed together.
 *
 * @param id names the chunk, so that a commit whose outcome is unknown can be looked up before it
 *     is tried again
 * @param batch the batch
 * @param run the run that the sender means, from 1
 * @param producer who sends, where the sender numbers its events; null otherwise
 * @param lines the lines in the order in which they came
 * @param kind what the lines are
 */
public record Chunk(
    UUID id, BatchKey batch, int run, @Nullable String producer, List<Line> lines, Kind kind) {
  /** What the lines of a chunk are. */
  public enum Kind {
    /** Lines of a sender. */
    SENT,
    /**
     * Refused events that are tried again, each numbered as it is kept: what is taken now is
     * marked, what is refused again stays as it was.
     */
    REPLAY,
    /** What follows from a report on the batch as a run, which may also come after the ending. */
    REPORT
  }

  public Chunk {
    lines = List.copyOf(lines);
  }

  /** Lines that come for the first time, as far as their sender says. */
  public Chunk(UUID id, BatchKey batch, int run, @Nullable String producer, List<Line> lines) {
    this(id, batch, run, producer, lines, Kind.SENT);
  }

  /** Whether the lines are refused events that are tried again. */
  public boolean isReplay() {
    return kind == Kind.REPLAY;
  }

  /** The position of an event in its producer's stream; null where it has none that is a key. */
  public @Nullable Long positionOf(Event event) {
    return producer == null ? null : event.position();
  }
}
