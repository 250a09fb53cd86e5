package io.fileaudit.api.client;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts positions in the place of line numbers, which count anew in each request: what a caller sees
 * is one stream, however many requests carried it.
 */
final class Positions {
  private Positions() {}

  /**
   * The acknowledgement with positions.
   *
   * @param lines the lines that it answers
   * @param before how many lines of its request were answered before
   */
  static Ack of(Ack ack, List<Line> lines, long before) {
    List<Refusal> refusals = new ArrayList<>();
    for (Refusal refusal : ack.refusals()) {
      long index = refusal.line() - before - 1;
      if (index >= 0 && index < lines.size()) {
        long position = lines.get((int) index).position();
        refusals.add(new Refusal(position, refusal.status(), refusal.type(), refusal.detail()));
      }
    }
    return new Ack(
        ack.accepted(),
        ack.duplicates(),
        ack.duplicate(),
        ack.refused(),
        refusals,
        ack.firstSeq(),
        ack.lastSeq(),
        lines.get(lines.size() - 1).position(),
        ack.run(),
        ack.status(),
        ack.version(),
        ack.verdict(),
        ack.tree());
  }
}
