package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import reactor.core.publisher.Mono;

/**
 * The part of the port that takes reports on batches as runs. Laziness and errors are those of
 * {@link AuditStore}.
 */
@CheckReturnValue
public interface LineageStore {
  /**
   * Carries out a report in one transaction: opens its batch and that of its parent where they are
   * not there, commits what follows for the files, and decides where it ends the run. A report that
   * was taken before changes nothing. Gives the batch as it is after a decision; where none was
   * made, as it was before the report. Any order of the reports on a run leaves the same account.
   *
   * <p>Errors: {@code invalid-event} where its time lies too far ahead or its figures are too
   * large, {@code purged} where the batch was taken away.
   */
  Mono<Decided> report(RunReport report);
}
