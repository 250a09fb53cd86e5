package io.fileaudit.it.crash;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a loader notes of one request: what it sent and what it got to know.
 *
 * @param lines in the order in which they were sent
 * @param outcome what became of the request
 * @param ack the answer, where it is {@link Outcome#ANSWERED}
 * @param begun when it was sent, by {@link System#nanoTime()}
 * @param ended when its outcome was known, by the same clock
 * @param said what was answered, or why nothing was, for messages of tests
 * @param again whether it was sent because the outcome of the same request was not known
 * @param slow whether its sender took its time
 */
record Attempt(
    List<Line> lines,
    Outcome outcome,
    @Nullable Ack ack,
    long begun,
    long ended,
    String said,
    boolean again,
    boolean slow) {

  /** What a loader knows of a request. */
  enum Outcome {
    /** A broker keeps them for the service: what becomes of each is not told. */
    HANDED_OVER,
    /** Each line was accepted, known already, or refused by its number. */
    ANSWERED,
    /** All lines were refused for one reason. */
    REFUSED,
    /** There was no connection to send it by. */
    NOT_SENT,
    /** It may be stored or not: no answer, or one that says that nobody knows. */
    UNKNOWN
  }

  /** The lines that the service says to have. */
  List<Line> acknowledged() {
    if (outcome != Outcome.ANSWERED || ack == null) {
      return List.of();
    }
    Set<Long> refused = ack.refusals().stream().map(Refusal::line).collect(Collectors.toSet());
    return IntStream.range(0, lines.size())
        .filter(line -> !refused.contains(line + 1L))
        .mapToObj(lines::get)
        .toList();
  }

  /** The lines that a broker keeps for the service. */
  List<Line> handedOver() {
    return outcome == Outcome.HANDED_OVER ? lines : List.of();
  }

  /** The lines that may have been stored without the loader knowing it. */
  List<Line> unknown() {
    return outcome == Outcome.UNKNOWN ? lines : List.of();
  }

  long duplicates() {
    return ack == null ? 0 : ack.duplicates();
  }

  long accepted() {
    return ack == null ? 0 : ack.accepted();
  }

  long refused() {
    return ack == null ? 0 : ack.refused();
  }

  /** How long the answer took, where the sender did not take its own time. */
  Duration quickly() {
    return slow ? Duration.ZERO : took();
  }

  Duration took() {
    return Duration.ofNanos(ended - begun);
  }
}
