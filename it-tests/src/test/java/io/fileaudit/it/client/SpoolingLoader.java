package io.fileaudit.it.client;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import java.nio.file.Path;
import java.util.UUID;

/** A loader that reports without end, and prints how many of its events are safe; to be killed. */
final class SpoolingLoader {
  private static final int AT_A_TIME = 100;

  private SpoolingLoader() {}

  /** Arguments: the service's address, a key, the spool's directory, the batch's id. */
  public static void main(String[] arguments) {
    AuditClient client =
        AuditClient.builder()
            .url(arguments[0])
            .key(arguments[1])
            .spool(Path.of(arguments[2]))
            .build();
    BlockingBatch batch =
        client
            .blocking()
            .open(UUID.fromString(arguments[3]), BatchSpec.builder().table("empresa").build());
    for (int safe = 0; true; safe += AT_A_TIME) {
      for (int i = 0; i < AT_A_TIME; i++) {
        batch.completed("file-" + (safe + i), 10, 100, null);
      }
      batch.flush();
      System.out.println(safe + AT_A_TIME);
    }
  }
}
