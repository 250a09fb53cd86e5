package io.fileaudit.core.ledger;

import io.fileaudit.api.event.Ended;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.Opened;
import io.fileaudit.api.event.Refusal;
import org.jspecify.annotations.Nullable;

/** One line of a stream, after reading. */
public sealed interface Line {
  /** Its number in the request, from 1. */
  long number();

  /** What the refused-events list keeps of it. */
  byte[] text();

  /** Whether it opens or ends its batch, so that it is carried out alone. */
  default boolean standsAlone() {
    return this instanceof Readable line
        && (line.event() instanceof Opened || line.event() instanceof Ended);
  }

  /**
   * A line that is an event.
   *
   * @param number its number in the request, from 1
   * @param event what it says
   * @param canonical what was sent, in the canonical form of RFC 8785, as the ledger will keep it
   */
  record Readable(long number, Event event, byte[] canonical) implements Line {
    @Override
    public byte[] text() {
      return canonical;
    }
  }

  /**
   * A line that is no event.
   *
   * @param number its number in the request, from 1
   * @param text its first bytes as they came
   * @param refusal what was wrong
   * @param position the position that it gives, where that much could be read
   * @param id the id that it gives, where that much could be read
   */
  record Unreadable(
      long number, byte[] text, Refusal refusal, @Nullable Long position, @Nullable String id)
      implements Line {}
}
