package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The part of the port that watching needs. Laziness, cancelling and errors are those of {@link
 * AuditStore}.
 */
public interface WatchStore {
  /**
   * Notes that batches were heard of, all in one statement. A heartbeat for another run than the
   * present one, or for a batch that has ended, notes nothing. It waits for no lock: of a batch
   * that somebody holds, nothing is noted either, and it has to be tried again.
   */
  Mono<Heard> heartbeat(List<Heartbeat> beats);

  /**
   * What became of heartbeats.
   *
   * @param batches the batches that are there, as they are then
   * @param noted those of which it was noted
   */
  record Heard(Map<BatchKey, BatchRecord> batches, Set<BatchKey> noted) {}

  /**
   * How many batches are open over all namespaces, at a bounded cost: a store may stop counting at
   * 100,000 of one namespace and status.
   */
  Mono<OpenCount> countOpen();

  /**
   * How many batches are open.
   *
   * @param pending those that nothing was reported of yet
   * @param running those that have begun
   */
  record OpenCount(long pending, long running) {}

  /** Batches whose time may be up, those that may have waited longest first. */
  Flux<BatchKey> due(int limit);

  /**
   * Judges a batch by its limits: locks it, then reads the clock and all evidence, and ends it or
   * notes when to look again. A batch that has ended, or is not there, is left alone: {@code
   * changed} is false, or the answer is empty.
   *
   * @param node which node judges
   */
  Mono<Decided> expire(BatchKey key, String node);

  /**
   * Judges many batches by their limits, in one transaction: those that nobody else holds and that
   * have no sub-batches. The others are left, to be judged by {@link #expire} one by one.
   *
   * @param node which node judges
   */
  Mono<Judged> expireAll(List<BatchKey> keys, String node);

  /**
   * What became of many.
   *
   * @param decided those judged
   * @param left those that were not
   */
  record Judged(List<Decided> decided, List<BatchKey> left) {}

  /**
   * Says that a node lives. Whoever finds that nobody has said so for longer than that notes an
   * outage.
   *
   * @param node which node
   * @param gap what is longer than a pause between two signs of a living node
   */
  Mono<Void> signOfLife(String node, java.time.Duration gap);
}
