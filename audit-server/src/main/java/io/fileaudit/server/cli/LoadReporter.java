package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.event.FileEvent;

/**
 * What a load tells the audit service about its batch. Calls wait until the service took what they
 * say. Thread-safe. Where the batch was ended or taken over by somebody else, every call throws an
 * {@link io.fileaudit.api.problem.AuditException}.
 */
interface LoadReporter {

  /** Tells of a file; position and attempt are added to it. */
  void report(FileEvent event);

  /** Says that the load is at work; costs next to nothing. */
  void alive();

  /** Asks for COMPLETED; look at what the snapshot says. */
  Snapshot complete();

  /** Ends the batch FAILED where that can be said soon; has no errors. */
  void fail(String message);

  /** Ends the batch CANCELLED where that can be said soon; has no errors. */
  void cancel(String message);
}
