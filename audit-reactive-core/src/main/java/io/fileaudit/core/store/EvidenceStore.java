package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The part of the port that keeps evidence: the log with its tree, what was signed of it, and what
 * tells which row of a ledger was changed. What it gives is what is there, fitting or not.
 * Laziness, cancelling and errors are those of {@link AuditStore}.
 */
@CheckReturnValue
public interface EvidenceStore {
  /**
   * An entry of the log.
   *
   * @param number its number, from 1; its leaf in the tree is the one before
   * @param key the batch that it is about
   * @param body its text, which the leaf is made of
   */
  record LogEntry(long number, BatchKey key, String body) {}

  /**
   * What was signed.
   *
   * @param size how many entries the log had
   * @param note the signed checkpoint
   */
  record Signed(long size, String note) {}

  /** That a part of the log's tree is not there which was, so that nothing can be added to it. */
  final class BrokenTreeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says which part. */
    public BrokenTreeException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Numbers the entries that wait, as {@link FeedStore#numberLog} does, and gives how many there
   * are then. Where another node is about it, that one is waited for: what was committed before the
   * call has its number behind it. Errors: {@link BrokenTreeException}.
   */
  Mono<Long> size();

  /** The roots of those full trees of the log that are there. */
  Mono<Map<Node, Hash>> nodes(Collection<Node> wanted);

  /** The checkpoint that was signed last; empty where none was. */
  Mono<Signed> lastSigned();

  /** Keeps a signed checkpoint; the first one of a size stays. Completes when it is durable. */
  Mono<Void> keep(Signed signed);

  /** The numbered entries of the log about a batch, in their order; also where it is not there. */
  Flux<LogEntry> entries(BatchKey key);

  /** What is there of the whole log above a number, in the order of numbers. */
  Flux<LogPlace> log(long above);

  /**
   * A place of the log, and what is there of it.
   *
   * @param number its number, from 1
   * @param leaf its leaf in the tree of the log as it was kept; null where that is gone
   * @param entry its entry; null where that is gone
   * @param isThere whether the batch that the entry is about is there
   */
  record LogPlace(long number, @Nullable Hash leaf, @Nullable LogEntry entry, boolean isThere) {}

  /** How the tree of a batch's ledger stood after its commits, as they were acknowledged. */
  Flux<TreeHead> heads(BatchKey key);

  /** The leaf of each row of a ledger as it was when the row was written. */
  Flux<Leaf> leaves(BatchKey key);

  /**
   * What was kept of a row.
   *
   * @param seq the row's number
   * @param hash its leaf; null where that was not kept
   */
  record Leaf(long seq, @Nullable Hash hash) {}
}
