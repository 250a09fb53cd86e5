package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import org.jspecify.annotations.Nullable;

/**
 * Asks for another status of a batch, again while the service is away: asking twice is as good as
 * once.
 */
final class Steering {
  private final ServiceOptions service;
  private final Environment environment;
  private final Retrying retrying;

  Steering(ServiceOptions service, Environment environment, Retrying retrying) {
    this.service = service;
    this.environment = environment;
    this.retrying = retrying;
  }

  /** The batch as it is then; waits for the service. */
  Snapshot to(BatchStatus status, BatchArgument batch, RunOption run, @Nullable String message) {
    try (AuditCalls client = service.client(environment)) {
      Snapshot found = retrying.of(() -> batch.find(client));
      return retrying.of(
          () -> Waiting.on(client.status(found.id(), run.of(found), status, message)));
    }
  }
}
