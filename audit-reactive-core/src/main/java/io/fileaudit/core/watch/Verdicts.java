package io.fileaudit.core.watch;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.trace.RequestTrace;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
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
   * @param table what it loads; null where that is not said
   * @param period of what; null where that is not said
   * @param verdict the decision
   * @param version the version of the batch that the decision made
   */
  public record Decision(
      BatchKey key,
      @Nullable String table,
      @Nullable String period,
      Verdict verdict,
      long version) {
    /** That decision about a batch as it was read. */
    static Decision of(BatchRecord batch, Verdict verdict) {
      return new Decision(
          batch.key(),
          batch.spec().table(),
          batch.spec().period(),
          verdict,
          batch.state().version());
    }
  }

  private final Sinks.Many<Decision> sink = Sinks.many().multicast().directBestEffort();

  /** A decision that is told of as it is made, in the trace of whoever asked for it; lazy. */
  public Mono<Decided> telling(Mono<Decided> decision) {
    return Mono.deferContextual(
        context ->
            decision.doOnNext(decided -> RequestTrace.of(context).within(() -> tell(decided))));
  }

  /** Tells of a decision, if one was made, and of those made along with it; from any thread. */
  public void tell(Decided decided) {
    if (decided.changed()) {
      tell(decided.batch());
      decided.along().forEach(this::tell);
    }
  }

  private void tell(BatchRecord batch) {
    Verdict verdict = batch.state().verdict();
    if (verdict != null) {
      tell(Decision.of(batch, verdict));
    }
  }

  private void tell(Decision decision) {
    // Several threads may tell at once: the one that loses the race tries again, which takes as
    // long as one handing on.
    sink.emitNext(decision, (signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
  }

  /** All decisions from now on. */
  public Flux<Decision> all() {
    return sink.asFlux();
  }

  /** The endings of one batch from now on. */
  public Flux<Decision> endingsOf(BatchKey key) {
    return all()
        .filter(decision -> decision.key().equals(key) && !decision.verdict().status().isOpen());
  }
}
