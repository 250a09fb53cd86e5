package io.fileaudit.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** The command line as people meet it: in terminals, in pipes, and while a service is killed. */
@Timeout(300)
class TerminalIT {
  private static final Duration MOST = Duration.ofSeconds(60);

  @TempDir Path folder;
  private AuditHome home;
  private ServiceProcess service;

  @BeforeEach
  void serve() throws Exception {
    home = new AuditHome(folder);
    service = home.serve();
  }

  @AfterEach
  void end() {
    home.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 40})
  void aBatchIsWatchedOverARestartOfTheServiceToItsEnd(int columns) throws Exception {
    Snapshot batch = open();
    try (Terminal terminal = watch(batch, columns)) {
      assertFits(terminal.awaits("0/2 files"), columns, "PENDING");
      send(batch, FileEvent.of(EventType.COMPLETED, "a").rows(1_234_567L).build());
      assertFits(terminal.awaits("1,234,567 rows"), columns, "RUNNING");
      assertThat(terminal.shown()).anyMatch(line -> line.matches("\\[#+\\.+\\]  50 %"));
      terminal.awaits("idle 2s");

      service.kill();
      assertFits(terminal.awaits("reconnecting …"), columns, "RUNNING");
      service = home.serve("--port", Integer.toString(URI.create(service.url()).getPort()));
      send(batch, FileEvent.of(EventType.FAILED, "b").error("bad-date", null).build());
      List<String> back = terminal.awaits("1 failed");
      assertThat(back).noneMatch(line -> line.contains("reconnecting"));
      status(batch, BatchStatus.COMPLETED);

      List<String> ended = terminal.awaits("exit 1");
      assertFits(ended, columns, "INCOMPLETE");
      assertThat(String.join(" ", ended)).contains("2/2 files", "because 1 failed", "100 %");
    }
  }

  @Test
  void controlCEndsTheWatchingAndNotTheBatch() throws Exception {
    Snapshot batch = open();
    try (Terminal terminal = watch(batch, 80)) {
      terminal.awaits("PENDING");
      terminal.resize(40);
      send(batch, FileEvent.of(EventType.COMPLETED, "a").rows(1_234_567L).build());
      List<String> resized = terminal.awaits("1,234,567 rows");
      assertThat(resized).allMatch(line -> line.length() <= 40);
      terminal.press("C-c");
      assertThat(terminal.awaits("exit 130")).last().asString().endsWith("exit 130");
    }
    try (AuditCalls client = home.client()) {
      assertThat(client.snapshot(batch.id()).block(MOST).status()).isEqualTo(BatchStatus.RUNNING);
    }
  }

  @Test
  void stdinIsSentWholeAndOnceThoughTheServiceIsKilled() throws Exception {
    Snapshot batch = open();
    int events = 300_000;
    Path input = folder.resolve("events");
    Files.write(
        input,
        (Iterable<String>)
            IntStream.range(0, events)
                    .mapToObj(
                        n ->
                            "{\"type\":\"COMPLETED\",\"file\":\"f"
                                + n % 1_000
                                + "\",\"rows\":"
                                + n
                                + "}")
                ::iterator);
    Path err = folder.resolve("send-err");
    List<String> line = new ArrayList<>(home.commandLine("-XX:TieredStopAtLevel=1"));
    line.addAll(List.of("send", batch.id().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectInput(input.toFile()).redirectError(err.toFile());
    builder.environment().putAll(home.variables());
    Process send = builder.start();
    try (AuditCalls client = home.client()) {
      assertThat(
              client
                  .snapshot(batch.id())
                  .filter(now -> now.totals().events() > 20_000)
                  .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(20)))
                  .block(MOST))
          .isNotNull();
    }
    service.kill();
    service = home.serve("--port", Integer.toString(URI.create(service.url()).getPort()));

    assertThat(send.waitFor()).as(Files.readString(err)).isZero();
    assertThat(Files.readString(err)).contains("reconnecting … (", "the service answers again");
    assertThat(Files.readAllLines(err)).last().asString().endsWith(", 0 refused");
    CommandRun.Result tail = home.run("tail", batch.id().toString(), "-n", "1", "-o", "jsonl");
    assertThat(tail.out()).contains("\"seq\":" + (events - 1) + ",");
    try (AuditCalls client = home.client()) {
      assertThat(client.snapshot(batch.id()).block(MOST).totals().events()).isEqualTo(events);
    }
  }

  private Terminal watch(Snapshot batch, int columns) throws Exception {
    List<String> line =
        new ArrayList<>(
            home.commandLine(
                "-XX:TieredStopAtLevel=1",
                "-Daudit.stdout.terminal=true",
                "-Daudit.stderr.terminal=true"));
    line.addAll(List.of("watch", batch.id().toString().substring(0, 13), "--exit-status"));
    return Terminal.run(folder.resolve("tmux"), columns, home.variables(), line);
  }

  /** One block, drawn in place, and nothing cut off. */
  private static void assertFits(List<String> shown, int columns, String status) {
    assertThat(shown).allMatch(line -> line.length() < columns);
    assertThat(shown.get(0)).startsWith("terminal@1");
    assertThat(shown).filteredOn(line -> line.startsWith("terminal@1")).hasSize(1);
    assertThat(shown.get(1)).startsWith(status);
  }

  private Snapshot open() throws Exception {
    BatchSpec spec = BatchSpec.builder().table("terminal").period("1").expectedFiles(2).build();
    try (AuditCalls client = home.client()) {
      return client.open(spec).block(MOST);
    }
  }

  private void send(Snapshot batch, FileEvent event) throws Exception {
    try (AuditCalls client = home.client()) {
      client.send(batch.id(), batch.run(), null, Flux.just(event)).blockLast(MOST);
    }
  }

  private void status(Snapshot batch, BatchStatus wanted) throws Exception {
    try (AuditCalls client = home.client()) {
      client.status(batch.id(), batch.run(), wanted, null).block(MOST);
    }
  }
}
