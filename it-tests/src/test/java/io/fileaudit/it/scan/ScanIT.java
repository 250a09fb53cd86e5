package io.fileaudit.it.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Scans of real directories: what is on disk is what the service says of it. */
@Timeout(300)
class ScanIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Takes minutes to read, and no room on disk: it is all hole. */
  private static final long ENDLESS_BYTES = 64L << 30;

  @TempDir static Path folder;
  private static AuditHome home;

  @BeforeAll
  static void serve() throws Exception {
    home = new AuditHome(folder);
    home.serve();
  }

  @AfterAll
  static void end() {
    home.close();
  }

  @Test
  void everyFileIsInTheManifestWithItsBytesAndItsChecksum() throws Exception {
    byte[] large = new byte[3_000_001];
    new Random(1).nextBytes(large);
    Landing landing =
        new Landing(folder.resolve("landing"))
            .with("empty.dat", "")
            .with("2026/11/23/deep.bin", large)
            .with("2026/orders.csv", "id,note\r\n1,\"two\nlines\"\r\n2,\"a \"\"word\"\"\"\r\n3,x")
            .with("header only.csv", "id,note\n")
            .with("with space.txt", "1")
            .with("it's \"quoted\".txt", "2")
            .with("📦 ünïcode €.txt", "3")
            .with("two\nlines.txt", "4")
            .with("-o", "5")
            .with(".hidden", "6")
            .withLink("latest", "2026/orders.csv");

    CommandRun.Result scan =
        scan("landing", "--table", "all", "--period", "2026-11", "--header", "-o", "json");

    assertThat(scan.exitCode()).as(scan.err()).isZero();
    Snapshot batch = snapshot(scan);
    assertThat(batch.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(batch.totals().files().completed()).isEqualTo(landing.contents().size());
    assertThat(batch.totals().bytes()).isEqualTo(landing.bytes());
    assertThat(batch.totals().rows()).isEqualTo(3);
    List<Manifest> files = files("all@2026-11");
    Map<String, Landing.Content> told = new TreeMap<>();
    for (Manifest file : files) {
      assertThat(file.state()).as(file.file()).isEqualTo(FileState.COMPLETED);
      told.put(file.file(), new Landing.Content(file.bytes(), file.checksum()));
    }
    assertThat(told).isEqualTo(landing.contents());
    assertThat(files).hasSameSizeAs(told.keySet());
    assertThat(files)
        .filteredOn(file -> file.rows() != null)
        .extracting(Manifest::file, Manifest::rows)
        .containsExactlyInAnyOrder(
            tuple("landing/2026/orders.csv", 3L), tuple("landing/header only.csv", 0L));
  }

  @Test
  void scannedAgainItIsABatchOfItsOwnWithTheSameFiles() throws Exception {
    new Landing(folder.resolve("twice")).with("a.csv", "1\n").with("b.csv", "2\n3\n");

    Snapshot first = snapshot(scan("twice", "--table", "twice", "-o", "json"));
    Snapshot second = snapshot(scan("twice", "--table", "twice", "-o", "json"));

    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(second.totals()).isEqualTo(first.totals());
    assertThat(home.run("ls", "--table", "twice", "-o", "jsonl").out().lines())
        .extracting(line -> AuditJson.lenient().readValue(line, Snapshot.class).id())
        .containsExactly(second.id(), first.id());
  }

  @Test
  void whatIsMissingOrVanishesMakesItIncompleteAndIsNamed() throws Exception {
    Landing landing =
        new Landing(folder.resolve("vanishing"))
            .with("complete.csv", "1\n")
            .with("z/removed before its turn.csv", "2\n");
    Files.createSymbolicLink(landing.path("dangling"), landing.path("nowhere"));
    CommandRun.Result scan;
    try (RandomAccessFile endless = endless(landing.path("endless"))) {
      CommandRun run =
          home.start(
              folder, Map.of(), "scan", "vanishing", "--table", "vanishing", "--period", "1");
      awaitRunning("vanishing", "1", landing.reported("endless"));
      Files.delete(landing.path("endless"));
      Files.delete(landing.path("z/removed before its turn.csv"));
      endless.setLength(1); // It is read to its end, which now comes.
      scan = run.finish();
    }

    assertThat(scan.exitCode()).as(scan.err()).isEqualTo(1);
    assertThat(scan.out()).contains("INCOMPLETE", "1 completed, 3 failed");
    assertThat(scan.err().lines().filter(line -> line.startsWith("failed  ")))
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).contains("vanishing/dangling  not-found: "))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains(
                        "vanishing/endless  changed-while-reading: removed while it was read"))
        .anySatisfy(
            line ->
                assertThat(line).contains("vanishing/z/removed before its turn.csv  not-found: "));
    assertThat(home.run("show", "vanishing@1", "-o", "json").out())
        .contains("\"status\":\"INCOMPLETE\"");
    assertThat(files("vanishing@1"))
        .extracting(Manifest::file, Manifest::state)
        .containsExactlyInAnyOrder(
            tuple("vanishing/complete.csv", FileState.COMPLETED),
            tuple("vanishing/dangling", FileState.FAILED),
            tuple("vanishing/endless", FileState.FAILED),
            tuple("vanishing/z/removed before its turn.csv", FileState.FAILED));
  }

  private static RandomAccessFile endless(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    file.setLength(ENDLESS_BYTES);
    return file;
  }

  /** Until the service shows that the file is being read. */
  private static void awaitRunning(String table, String period, String name) throws IOException {
    try (AuditCalls client = home.client()) {
      Flux<Manifest> running =
          client
              .batches(BatchFilter.of(table, period), null)
              .flatMapIterable(page -> page.items())
              .concatMap(batch -> client.allFiles(batch.id(), FileFilter.in(FileState.RUNNING)));
      Manifest found =
          running
              .filter(file -> file.file().equals(name))
              .repeatWhen(rounds -> rounds.delayElements(Duration.ofMillis(20)))
              .blockFirst(LIMIT);
      assertThat(found).isNotNull();
    }
  }

  private static CommandRun.Result scan(String... arguments) throws Exception {
    return home.start(folder, Map.of(), "scan", arguments).finish();
  }

  private static Snapshot snapshot(CommandRun.Result result) {
    return AuditJson.lenient().readValue(result.out(), Snapshot.class);
  }

  private static List<Manifest> files(String batch) throws Exception {
    CommandRun.Result result = home.run("files", batch, "-o", "jsonl");
    assertThat(result.exitCode()).as(result.err()).isZero();
    return result
        .out()
        .lines()
        .map(line -> AuditJson.lenient().readValue(line, Manifest.class))
        .toList();
  }
}
