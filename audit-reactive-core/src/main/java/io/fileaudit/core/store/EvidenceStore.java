package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.core.batch.BatchKey;
import java.util.Collection;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The part of the port that keeps evidence: the log with its tree, and what was signed of it.
 * Laziness and errors are those of {@link AuditStore}.
 */
@CheckReturnValue
public interface EvidenceStore {
  /**
   * An entry of the log.
   *
   * @param number its number, from 1; its leaf in the tree is the one before
   * @param key the batch that it is about
   * @param isThere whether that batch is there now
   * @param body its text, which the leaf is made of
   */
  record LogEntry(long number, BatchKey key, boolean isThere, String body) {}

  /**
   * What was signed.
   *
   * @param size how many entries the log had
   * @param note the signed checkpoint
   */
  record Signed(long size, String note) {}

  /**
   * How many rows one commit brought, and how the ledger's tree stood after it.
   *
   * @param size how many rows the ledger had
   * @param root the root of their tree, in Base64
   */
  record Head(long size, String root) {}

  /** Numbers the entries that wait and gives how many there are. */
  Mono<Long> size();

  /** The roots of those full trees of the log that are there. */
  Mono<Map<Node, Hash>> nodes(Collection<Node> wanted);

  /** The checkpoint that was signed last; empty where none was. */
  Mono<Signed> lastSigned();

  /** Keeps a signed checkpoint; the first one of a size stays. Completes when it is durable. */
  Mono<Void> keep(Signed signed);

  /** The numbered entries of the log about a batch, in their order. */
  Flux<LogEntry> entries(BatchKey key);

  /** Entries of the whole log above a number, in their order. */
  Flux<LogEntry> entries(long above, int limit);

  /** How the tree of a batch's ledger stood after its commits, as they were acknowledged. */
  Flux<Head> heads(BatchKey key);
}
