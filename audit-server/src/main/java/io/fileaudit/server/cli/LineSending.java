package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import java.io.InputStream;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Sends the lines of an input to a batch, and goes on from the first that is not acknowledged where
 * the service went away meanwhile: lines are numbered, so one that was stored all the same counts
 * once. Waits on the calling thread. For one input.
 */
final class LineSending {
  private static final long SHOWN_EVERY_NANOS = 200_000_000L;

  private final AuditCalls client;
  private final Console console;
  private final Retrying retrying;
  private final LineWindow window = new LineWindow();
  private long accepted;
  private long duplicates;
  private long refused;
  private long shownAt;

  LineSending(AuditCalls client, Console console, Retrying retrying) {
    this.client = client;
    this.console = console;
    this.retrying = retrying;
  }

  /**
   * Sends all of it; lines that are refused are named on stderr by their number in the input.
   *
   * @throws CommandException where the service stays away, saying what is stored
   */
  void run(UUID batch, int run, String producer, InputStream input) {
    InputLines.read(input, window);
    while (!window.isDone()) {
      try {
        request(batch, run, producer);
        retrying.succeeded();
      } catch (RuntimeException e) {
        Waiting.until(Mono.delay(retrying.pauseAfter(e)).then());
      }
    }
  }

  private void request(UUID batch, int run, String producer) {
    long from = window.acknowledged();
    Flux<byte[]> lines = ThreadFlux.of("audit-send", sink -> window.feed(from, sink));
    Waiting.until(
        client
            .sendJson(batch, run, producer, lines)
            .publishOn(Schedulers.boundedElastic(), 1) // Printing may block.
            .doOnNext(ack -> note(ack, from))
            .then());
  }

  private void note(Ack ack, long from) {
    retrying.succeeded();
    for (Refusal refusal : ack.refusals()) {
      SentLine line = window.get(from + refusal.line() - 1);
      console.say(
          "line "
              + line.number()
              + " refused: "
              + refusal.type()
              + ": "
              + Printable.of(refusal.detail()));
    }
    accepted += ack.accepted();
    duplicates += ack.duplicates();
    refused += ack.refused();
    window.acknowledge(from + ack.lastLine());
    long now = System.nanoTime();
    if (now - shownAt >= SHOWN_EVERY_NANOS) {
      shownAt = now;
      console.show(summary());
    }
  }

  long refused() {
    return refused;
  }

  /** What became of the lines so far. */
  String summary() {
    return Figures.count(accepted)
        + " accepted, "
        + Figures.count(duplicates, "duplicate", "duplicates")
        + ", "
        + Figures.count(refused)
        + " refused";
  }
}
