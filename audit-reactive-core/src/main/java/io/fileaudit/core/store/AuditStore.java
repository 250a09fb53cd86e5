package io.fileaudit.core.store;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ledger.Chunk;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The durable store of batches, ledgers and accounts. Every implementation passes the same contract
 * kit.
 *
 * <p>All publishers are lazy: nothing happens until they are subscribed, and each subscription is a
 * call of its own. Once a call that writes is subscribed, cancelling it gives up the answer and not
 * the work: it commits or fails as a whole. Cancelling a call that reads stops reading. What comes
 * out of a {@code Flux} is read as it is requested.
 *
 * <p>Errors are {@link io.fileaudit.api.problem.AuditException} with {@code not-found}, {@code
 * batch-conflict}, {@code stale-run}, {@code invalid-transition}, {@code batch-ended} or {@code
 * sub-batches-open} where the call says so, and {@code unavailable} where the store cannot be
 * reached or is overloaded, after which the outcome of a call that writes is unknown. All times are
 * the store's.
 */
public interface AuditStore {
  /**
   * Opens a batch, or finds it open: the same opening again changes nothing; {@code resume} takes
   * an ended batch up again in a new run. Files that the specification expects by name become
   * EXPECTED events in the ledger and do not start the run.
   *
   * <p>Errors: {@code batch-conflict} where the id was opened differently, {@code
   * invalid-transition} where a completed batch is to be resumed or a sub-batch of a sub-batch
   * opened, {@code not-found} where the parent is not there, {@code batch-ended} where the parent
   * has ended.
   */
  Mono<OpenedBatch> open(OpenBatch request);

  /**
   * Commits chunks of distinct batches in one transaction and gives an outcome for each, in their
   * order. A chunk for a batch that is not there is rejected alone.
   *
   * @param chunks at most one for each batch
   * @param again whether an earlier call with these chunks may have committed; its outcome is then
   *     looked up by the chunk's id
   */
  Mono<List<CommitOutcome>> commit(List<Chunk> chunks, boolean again);

  /**
   * The same for those of the batches that nobody else holds at this moment. A chunk whose batch is
   * held is answered with {@link CommitOutcome.Held} and waits for nobody, so that it keeps none of
   * the others from being stored. A store in which nobody holds a batch for long just commits.
   */
  default Mono<List<CommitOutcome>> commitUnheld(List<Chunk> chunks, boolean again) {
    return commit(chunks, again);
  }

  /**
   * Decides about a batch's status. Ending a batch otherwise than completed ends its open
   * sub-batches as well, in the same transaction.
   *
   * <p>Errors: {@code not-found}, {@code stale-run}, {@code batch-ended}, {@code
   * invalid-transition}, {@code sub-batches-open}, {@code key-conflict}.
   */
  Mono<Decided> decide(Decide request);

  /**
   * Changes limits and labels of an open batch.
   *
   * <p>Errors: {@code not-found}, {@code stale-run}, {@code batch-ended}, {@code invalid-request}.
   */
  Mono<BatchRecord> change(ChangeBatch request);

  /**
   * Takes refused events off the account without taking them in: they are kept, and no longer held
   * against the batch. Gives how many were open before.
   *
   * @param numbers which; empty means all that are open
   */
  Mono<Long> dismiss(BatchKey key, Set<Long> numbers);

  /** The batch; empty where it is not there. */
  Mono<BatchRecord> find(BatchKey key);

  /** Batches, newest first. */
  Flux<BatchRecord> list(BatchQuery query);

  /**
   * All batches of a list from its place on, so many at a time as it says, as they are requested.
   */
  default Flux<BatchRecord> listAll(BatchQuery query) {
    return list(query)
        .collectList()
        .expand(
            page -> {
              if (page.size() < query.limit()) {
                return Mono.empty();
              }
              BatchRecord last = page.get(page.size() - 1);
              return list(query.behind(new BatchQuery.Place(last.openedAt(), last.key().id())))
                  .collectList();
            })
        .concatMap(Flux::fromIterable, 1);
  }

  /**
   * Accounts of a batch's files as they are shown, by name in the order of code points; empty where
   * the batch is not there.
   */
  Flux<Manifest> files(BatchKey key, FileQuery query);

  /** The account of one file; empty where nothing is known of it. */
  Mono<FileAccount> account(BatchKey key, String file);

  /**
   * The texts of the ledger's rows from a number on, in order, up to the last row that was
   * committed when it was read.
   */
  Flux<String> ledger(BatchKey key, long from);

  /** The decisions about a batch, oldest first. */
  Flux<Verdict> verdicts(BatchKey key);

  /** Refused events of a batch behind {@code after}, in the order in which they first came. */
  Flux<Rejected> rejected(BatchKey key, long after, int limit);

  /** Where the batch's producers go on, by name. */
  Flux<ProducerMark> producers(BatchKey key);

  /** Completes when the store answers; errors with {@code unavailable} where it does not. */
  Mono<Void> ping();
}
