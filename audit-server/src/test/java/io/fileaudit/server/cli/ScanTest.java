package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanTest {
  private static final BatchSpec SPEC = BatchSpec.builder().table("t").build();

  @TempDir Path directory;
  private final TestService service = new TestService();
  private final TestConsole test = new TestConsole(false);
  private final Console console = test.console();

  @Test
  void fileThatWasAnnouncedAndIsGoneWhenItsTurnComesFails() throws Exception {
    Files.writeString(directory.resolve("a"), "x");
    Files.writeString(directory.resolve("b"), "x");
    int[] asked = new int[1];
    Predicate<String> removingB =
        name -> {
          if (name.equals("a") && ++asked[0] == 2) {
            delete(directory.resolve("b"));
          }
          return true;
        };
    try (AuditCalls client = service.client()) {
      Snapshot ended = new Scan(client, console).run(SPEC, events(List.of("a", "b"), removingB));

      assertThat(ended.status()).isEqualTo(BatchStatus.INCOMPLETE);
      Manifest b = service.files().get("b");
      assertThat(b.state()).isEqualTo(FileState.FAILED);
      assertThat(b.error().code()).isEqualTo("not-found");
      assertThat(test.err()).contains("failed  b  not-found: ");
    }
  }

  @Test
  void fileRemovedBetweenTheWalksOfItsDirectoryFailsToo() throws Exception {
    Files.createDirectory(directory.resolve("d"));
    Files.writeString(directory.resolve("d/a"), "x");
    Files.writeString(directory.resolve("d/b"), "x");
    Files.writeString(directory.resolve("z"), "x");
    Predicate<String> removingB =
        name -> {
          if (name.equals("z")) {
            delete(directory.resolve("d/b"));
          }
          return true;
        };
    try (AuditCalls client = service.client()) {
      Snapshot ended = new Scan(client, console).run(SPEC, events(List.of("d", "z"), removingB));

      assertThat(ended.status()).isEqualTo(BatchStatus.INCOMPLETE);
      assertThat(service.files().get("d/b").state()).isEqualTo(FileState.FAILED);
      assertThat(test.err()).contains("failed  d/b  not-found: removed before it was read");
    }
  }

  @Test
  void filesThatAreNotIncludedAreNotReported() throws Exception {
    Files.writeString(directory.resolve("a"), "x");
    Files.writeString(directory.resolve("b"), "x");
    try (AuditCalls client = service.client()) {
      Snapshot ended =
          new Scan(client, console).run(SPEC, events(List.of("a", "b", "c"), "a"::equals));
      assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(service.files()).containsOnlyKeys("a");
    }
  }

  @Test
  void stoppingCancelsTheBatchAndEndsTheReading() throws Exception {
    Files.writeString(directory.resolve("a"), "x");
    Files.writeString(directory.resolve("b"), "x");
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    int[] asked = new int[1];
    Predicate<String> stuckAtB =
        name -> {
          if (name.equals("b") && ++asked[0] == 2) {
            reading.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              interrupted.countDown();
              Thread.currentThread().interrupt();
            }
          }
          return true;
        };
    try (AuditCalls client = service.client()) {
      Scan scan = new Scan(client, console);
      Thread stopper =
          new Thread(
              () -> {
                try {
                  reading.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                scan.stop();
              });
      stopper.start();
      assertThatThrownBy(() -> scan.run(SPEC, events(List.of("a", "b"), stuckAtB)))
          .isInstanceOfSatisfying(
              CommandException.class,
              error -> assertThat(error.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
      stopper.join(10_000);

      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(service.batch().state().status()).isEqualTo(BatchStatus.CANCELLED);
      assertThat(service.files().values())
          .noneMatch(file -> file.file().equals("b") && file.state().isEnded());
    }
  }

  @Test
  void scanThatBreaksForAReasonOfItsOwnEndsTheBatchFailed() throws Exception {
    Files.writeString(directory.resolve("a"), "x");
    Predicate<String> broken =
        name -> {
          throw new IllegalStateException("out of order");
        };
    try (AuditCalls client = service.client()) {
      assertThatThrownBy(() -> new Scan(client, console).run(SPEC, events(List.of("a"), broken)))
          .hasMessage("out of order");
      assertThat(service.batch().state().status()).isEqualTo(BatchStatus.FAILED);
    }
  }

  private ScanEvents events(List<String> arguments, Predicate<String> included) {
    return new ScanEvents(
        FileSelection.of(directory, arguments),
        included,
        CsvNames.matching(List.of()),
        CsvFormat.RFC_4180,
        new ScanProgress(console, System::nanoTime),
        Clock.systemUTC());
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
