package io.fileaudit.core.store;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;

/** What became of one chunk of a commit. */
public sealed interface CommitOutcome {
  /**
   * The chunk is durable.
   *
   * @param ack what its sender is told
   */
  record Committed(Ack ack) implements CommitOutcome {}

  /**
   * Nothing of the chunk was stored, as where the batch is not there. Other chunks of the commit
   * are not touched by it.
   *
   * @param error why
   */
  record Rejected(AuditException error) implements CommitOutcome {}

  /** Nothing of the chunk was stored now, because someone else holds its batch. */
  record Held() implements CommitOutcome {}
}
