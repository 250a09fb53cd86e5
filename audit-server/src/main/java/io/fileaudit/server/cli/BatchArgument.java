package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import picocli.CommandLine.Parameters;

/** The batch that a command is about. */
final class BatchArgument {
  @Parameters(
      paramLabel = "BATCH",
      description = "an id, its first 4 or more characters, or table@period (the newest of them)")
  private String name = "";

  /** The batch; waits for the service. */
  Snapshot find(AuditCalls client) {
    return BatchName.find(client, name);
  }
}
