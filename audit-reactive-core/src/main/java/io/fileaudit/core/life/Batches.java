package io.fileaudit.core.life;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.event.Ended;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.ChangeBatch;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OpenRules;
import io.fileaudit.core.store.OpenedBatch;
import io.fileaudit.core.trace.RequestTrace;
import io.fileaudit.core.watch.Verdicts;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Opens, ends and resumes batches on behalf of a node: adds what the node knows, its name and the
 * limits that batches inherit. All methods are lazy; cancelling gives up the answer, not the
 * change; errors are those of {@link AuditStore}.
 */
public final class Batches {
  private final AuditStore store;
  private final Limits inherited;
  private final String node;
  private final Verdicts verdicts;

  /**
   * Batches of a store.
   *
   * @param inherited the limits of batches that set none: every one of them set
   * @param node this node's name, for verdicts
   * @param verdicts is told of every decision made here
   */
  public Batches(AuditStore store, Limits inherited, String node, Verdicts verdicts) {
    this.verdicts = verdicts;
    this.store = store;
    this.inherited = inherited;
    this.node = node;
  }

  /** Opens a batch, finds it open, or resumes it where the specification asks for that. */
  public Mono<OpenedBatch> open(BatchKey key, BatchSpec spec, @Nullable String by) {
    return open(key, spec, null, by);
  }

  /**
   * The same for a message that names a run: another one is neither begun nor resumed. Errors: also
   * {@code stale-run} where the batch is not there and the run is not its first.
   */
  public Mono<OpenedBatch> open(
      BatchKey key, BatchSpec spec, @Nullable Integer run, @Nullable String by) {
    return Mono.defer(
        () -> {
          Limits limits = LimitRules.resolve(spec.limits(), inherited);
          return store.open(new OpenBatch(key, spec, limits, run, by, node));
        });
  }

  /**
   * Ends or resumes a batch.
   *
   * @param run the run that is meant, from 1
   */
  public Mono<Decided> decide(
      BatchKey key, int run, BatchStatus wanted, @Nullable String message, @Nullable String by) {
    return verdicts.telling(
        store.decide(new Decide(key, new DecisionPlan.Wish(run, wanted, message, by, node))));
  }

  /**
   * Ends a batch by an ENDED event of its stream. Whoever waits for a decision is told after the
   * stream itself was answered.
   *
   * @param run the run that is meant, from 1
   * @param producer who sent it, where it is numbered
   */
  public Mono<Decided> end(
      BatchKey key,
      int run,
      @Nullable String producer,
      Line.Readable sent,
      Ended ended,
      @Nullable String by) {
    DecisionPlan.Wish wish = new DecisionPlan.Wish(run, ended.status(), ended.message(), by, node);
    return Mono.deferContextual(
        context -> {
          AtomicReference<Decided> made = new AtomicReference<>();
          Runnable telling = () -> Optional.ofNullable(made.get()).ifPresent(verdicts::tell);
          return store
              .decide(new Decide(key, wish, producer, sent))
              .doOnNext(made::set)
              .doAfterTerminate(() -> RequestTrace.of(context).within(telling));
        });
  }

  /**
   * Changes limits and labels of an open batch.
   *
   * @param run the run that is meant, from 1
   */
  public Mono<BatchRecord> change(BatchKey key, int run, BatchChange change) {
    return store.change(new ChangeBatch(key, run, change, inherited));
  }

  /** The batch; {@code not-found} where it is not there. */
  public Mono<BatchRecord> find(BatchKey key) {
    return store.find(key).switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)));
  }
}
