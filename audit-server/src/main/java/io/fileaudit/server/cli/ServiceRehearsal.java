package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.AuditClientBuilder;
import io.fileaudit.api.client.BlockingAuditClient;
import io.fileaudit.server.InMemoryAuditServer;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.database.EmbeddedDatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/**
 * Starts a service in a folder of its own, loads one file and ends. Java keeps the classes that it
 * loads meanwhile where it is told to, and a service starts faster from then on. Where the embedded
 * database cannot run, as where an image is built by root, the store in memory takes its place:
 * what belongs to the database is then loaded at each start, and all the rest is kept.
 */
public final class ServiceRehearsal {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private ServiceRehearsal() {}

  /** Runs it; what cannot be rehearsed is only loaded later. */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    Path folder = Files.createTempDirectory("audit-rehearsal");
    Thread rehearsing = Thread.currentThread();
    // Told to end, it comes to its end: nobody would find the database in such a folder again.
    Thread waiting = new Thread(() -> await(rehearsing), "waiting");
    Runtime.getRuntime().addShutdownHook(waiting);
    try {
      rehearse(folder.resolve("data"));
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(waiting);
    } catch (IllegalStateException toldToEnd) {
      return;
    }
    System.exit(ExitCode.COMPLETE.code());
  }

  private static void await(Thread rehearsing) {
    try {
      rehearsing.join(LONGEST.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rehearse(Path data) throws InterruptedException, IOException {
    ServerSettings settings =
        ServerSettings.read(
            Map.of("AUDIT_DATA", data.toString(), "AUDIT_PORT", "0", "AUDIT_MANAGEMENT_PORT", "0"));
    try (RunningServer server = RunningServer.start(settings)) {
      String key = Files.readString(data.resolve(AdminKey.FILE)).strip();
      load(AuditClient.builder().url(server.address()).key(key));
    } catch (EmbeddedDatabaseException noDatabase) {
      try (InMemoryAuditServer server = InMemoryAuditServer.start()) {
        load(server.client());
      }
    }
  }

  private static void load(AuditClientBuilder builder) throws InterruptedException {
    try (BlockingAuditClient client = builder.build().blocking()) {
      client.run(
          spec -> spec.table("rehearsal").period("once"),
          batch -> {
            batch.started("file");
            batch.completed("file", 1, 1, null);
          });
    }
  }
}
