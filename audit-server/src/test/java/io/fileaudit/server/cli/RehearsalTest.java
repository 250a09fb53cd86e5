package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.DisposableServer;

class RehearsalTest {
  @TempDir Path directory;

  @Test
  void everyCommandOfItRunsToItsEndAsItDoesAgainstAService() throws Exception {
    Path event =
        Files.writeString(directory.resolve("event"), "{\"type\":\"COMPLETED\",\"file\":\"f\"}\n");
    DisposableServer service = Rehearsal.start();
    try {
      for (String[] line : Rehearsal.commands(event)) {
        CommandRun.Result result =
            new CommandRun()
                .in(directory)
                .set("AUDIT_URL", "http://127.0.0.1:" + service.port())
                .set("AUDIT_KEY", "ak_none")
                .run(line);
        assertThat(result.exitCode()).as("%s: %s", line[0], result.err()).isZero();
      }
    } finally {
      service.disposeNow();
    }
  }
}
