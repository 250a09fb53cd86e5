package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import java.time.Instant;
import java.util.Collection;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The part of the port that feeds need: what has changed, and every decision in order. Laziness,
 * cancelling and errors are those of {@link AuditStore}.
 */
@CheckReturnValue
public interface FeedStore {
  /**
   * Batches that changed, whoever changed them, soon after it is committed. A hint: one may be
   * missing and one may come that did not change. Hot; never completes and has no errors; who does
   * not keep up misses some and slows nobody.
   */
  Flux<BatchKey> changes();

  /** Those of the batches that are there as they are at the moment, in no order. */
  Flux<BatchRecord> findAll(Collection<BatchKey> keys);

  /**
   * The open batches of a namespace, in no order; cheaper by far than the batches themselves, so
   * that it can be asked each second which of them have changed.
   */
  Flux<Mark> open(String namespace);

  /**
   * What tells whether a batch changed.
   *
   * @param key the batch
   * @param version its version
   * @param lastActivityAt when it was last heard of; the epoch where it never was
   */
  record Mark(BatchKey key, long version, Instant lastActivityAt) {}

  /** The decisions about one batch that made a version above that, in order. */
  Flux<Logged> decided(BatchKey key, long version);

  /**
   * Numbers what was added to the log since, densely and from 1; what is added later never comes
   * before it. Gives the last number, 0 where the log is empty. Where another node is about it, it
   * is left to that one.
   */
  Mono<Long> numberLog();

  /** The decisions of a namespace whose number in the log is above that, in order. */
  Flux<Logged> logged(String namespace, long number, int limit);

  /** What the store's clock shows. */
  Mono<Instant> clock();
}
