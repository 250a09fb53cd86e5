package io.fileaudit.core.watch;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The decisions that this node has made or learned of, for whoever waits for one. Hot: a subscriber
 * sees what comes after it subscribed. A subscriber that does not keep up misses decisions and
 * slows nobody; it must look at the store again.
 */
public final class Verdicts {
  /**
   * A decision and the batch that it is about.
   *
   * @param key the batch
   * @param verdict the decision
   */
  public record Decision(BatchKey key, Verdict verdict) {}

  private final Sinks.Many<Decision> sink = Sinks.many().multicast().directBestEffort();

  /** Tells of a decision; from any thread. */
  public void tell(BatchKey key, Verdict verdict) {
    Decision decision = new Decision(key, verdict);
    // Several threads may tell at once: the one that loses the race tries again, which takes as
    // long as one handing on.
    sink.emitNext(decision, (signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
  }

  /** All decisions from now on. */
  public Flux<Decision> all() {
    return sink.asFlux();
  }

  /** The endings of one batch from now on. */
  public Flux<Verdict> endingsOf(BatchKey key) {
    return all()
        .filter(decision -> decision.key().equals(key) && !decision.verdict().status().isOpen())
        .map(Decision::verdict);
  }
}
