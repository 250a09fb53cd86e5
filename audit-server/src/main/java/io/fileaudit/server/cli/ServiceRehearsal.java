package io.fileaudit.server.cli;

import io.fileaudit.api.client.BlockingAuditClient;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.migration.Migrations;
import io.fileaudit.server.InMemoryAuditServer;

/**
 * Starts a service over the store in memory, loads one file and ends. Java keeps the classes that
 * it loads meanwhile where it is told to, and a service starts faster from then on. It needs no
 * database and no port of its own, so that an image can be built with it.
 */
public final class ServiceRehearsal {
  private ServiceRehearsal() {}

  /** Runs it; what cannot be rehearsed is only loaded later. */
  public static void main(String[] arguments) throws InterruptedException {
    try (InMemoryAuditServer server = InMemoryAuditServer.start();
        BlockingAuditClient client = server.client().build().blocking()) {
      client.run(
          spec -> spec.table("rehearsal").period("once"),
          batch -> {
            batch.started("file");
            batch.completed("file", 1, 1, null);
          });
    }
    migrateNothing();
    System.exit(ExitCode.COMPLETE.code());
  }

  /** Goes as far as one comes without a database. */
  private static void migrateNothing() {
    try {
      Migrations.migrate(
          PostgresSettings.parse("postgresql://nobody:none@127.0.0.1:1/none?sslmode=disable"),
          "nobody");
    } catch (RuntimeException nobodyListens) {
      return;
    }
    throw new IllegalStateException("a database answered at port 1");
  }
}
