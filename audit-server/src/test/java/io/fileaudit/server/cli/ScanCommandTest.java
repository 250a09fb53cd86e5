package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanCommandTest {
  private static final long LONG_TO_READ_BYTES = 1L << 30;

  @TempDir Path directory;
  private final TestService service = new TestService();
  private CommandRun command;

  @BeforeEach
  void callAsSomebodyWithTheKey() {
    command = new CommandRun().with(service).in(directory);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyFileIsInTheAccountWithTheFiguresThatOtherProgramsFind(long seed) throws Exception {
    Random random = new Random(seed);
    List<String> names =
        List.of("a.bin", "deep/er/é ü.csv", "deep/er/quote'\"\\.txt", "empty", "z/=1+1", "z/ ");
    for (String name : names) {
      byte[] content = new byte[name.equals("empty") ? 0 : random.nextInt(600_000)];
      random.nextBytes(content);
      write("data/" + name, content);
    }

    Result result = command.run("scan", "data", "--table", "t", "--period", "p", "--csv", "");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(service.files().values())
        .extracting(Manifest::state)
        .containsOnly(FileState.COMPLETED);
    Map<String, String> found = new TreeMap<>();
    service
        .files()
        .forEach(
            (name, file) -> found.put(name, file.checksum().substring(7) + " " + file.bytes()));
    assertThat(found).hasSize(names.size()).isEqualTo(sha256sumAndWc());
    assertThat(service.batch().state().status()).isEqualTo(BatchStatus.COMPLETED);
  }

  @Test
  void recordsOfCsvFilesAreCountedAndNoOthers() throws Exception {
    write("d/a.csv", "id,text\n1,\"two\nlines\"\n2,x\n");
    write("d/b.txt", "1\n2\n3\n");
    write("d/c.dat", "h\n1\n2\n");

    assertThat(command.run("scan", "d", "--table", "t").exitCode()).isZero();
    assertThat(rows()).isEqualTo("a.csv=3 b.txt=null c.dat=null");
    assertThat(command.run("scan", "d", "--table", "t", "--header").exitCode()).isZero();
    assertThat(rows()).isEqualTo("a.csv=2 b.txt=null c.dat=null");
    assertThat(command.run("scan", "d", "--table", "t", "--csv", "*.txt, *.dat").exitCode())
        .isZero();
    assertThat(rows()).isEqualTo("a.csv=null b.txt=3 c.dat=3");
  }

  @Test
  void danglingLinkAndFileRemovedWhileBeingReadAreNamedAndFailTheBatch() throws Exception {
    write("d/good.csv", "1\n");
    Files.createSymbolicLink(directory.resolve("d/link"), Path.of("nowhere"));
    Path removed = longToRead("d/removed");
    Thread remover = service.onceRunning("d/removed", () -> delete(removed));

    Result result = command.run("scan", "d", "--table", "t");
    remover.join();

    assertThat(removed).doesNotExist();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .contains("failed  d/link  not-found: ")
        .contains("failed  d/removed  changed-while-reading: removed while it was read");
    assertThat(result.out())
        .contains("status    INCOMPLETE")
        .contains("files     1 completed, 2 failed")
        .contains("because   2 failed");
    assertThat(service.batch().state().status()).isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(service.files().get("d/good.csv").state()).isEqualTo(FileState.COMPLETED);
    assertThat(service.files().get("d/link").error().code()).isEqualTo("not-found");
    assertThat(service.files().get("d/removed").error().code()).isEqualTo("changed-while-reading");
    assertThat(service.files().get("d/removed").bytes()).isEqualTo(LONG_TO_READ_BYTES);
  }

  @Test
  void argumentThatIsNotThereIsAFailedFile() throws Exception {
    write("there", "x");
    Result result = command.run("scan", "there", "gone", "--table", "t");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("failed  gone  not-found: no such file");
    assertThat(service.files().get("there").state()).isEqualTo(FileState.COMPLETED);
  }

  @Test
  void linkToADirectoryIsSkippedAndNotHeldAgainstIt() throws Exception {
    write("d/file", "x");
    Files.createSymbolicLink(directory.resolve("d/loop"), Path.of("."));
    assertThat(command.run("scan", "d", "--table", "t").exitCode()).isZero();
    assertThat(service.files().get("d/loop").state()).isEqualTo(FileState.SKIPPED);
    assertThat(service.files().get("d/loop").error().code()).isEqualTo("link-to-directory");
  }

  @Test
  void summarySaysWhatWasFound() throws Exception {
    write("d/a.csv", "1\n2\n");
    write("d/b", new byte[1500]);
    Result result =
        command.run("scan", "d", "--table", "t", "--period", "2025-02", "--name", "my stock");
    assertThat(result.lines())
        .contains(
            "batch     " + service.key().id(),
            "name      my stock",
            "table     t@2025-02",
            "status    COMPLETED",
            "files     2 completed",
            "bytes     1,504",
            "rows      2");
    assertThat(result.err()).contains("batch " + service.key().id());
  }

  @Test
  void summaryAsJsonIsTheSnapshot() throws Exception {
    write("a b", "x");
    Result result = command.run("scan", "a b", "--table", "t", "-o", "json");
    Snapshot snapshot = AuditJson.lenient().readValue(result.out(), Snapshot.class);
    assertThat(snapshot.id()).isEqualTo(service.key().id());
    assertThat(snapshot.name()).isEqualTo("a b");
    assertThat(snapshot.totals().files().completed()).isEqualTo(1);
  }

  @Test
  void manyFilesAreReportedOnceEach() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      write("d/" + i, "x");
    }
    assertThat(command.run("scan", "d", "--table", "t").exitCode()).isZero();
    assertThat(service.files()).hasSize(2_000);
    assertThat(service.store().ledger(service.key(), 0).count().block()).isEqualTo(6_001);
    assertThat(service.store().producers(service.key()).collectList().block())
        .singleElement()
        .satisfies(mark -> assertThat(mark.position()).isEqualTo(6_000));
  }

  @Test
  void emptyDirectoryIsComplete() throws Exception {
    Files.createDirectory(directory.resolve("d"));
    assertThat(command.run("scan", "d", "--table", "t").exitCode()).isZero();
    assertThat(service.files()).isEmpty();
  }

  @Test
  void batchThatSomebodyEndsMeanwhileStopsTheReading() throws Exception {
    longToRead("d/a");
    longToRead("d/b");
    Thread other = service.onceRunning("d/a", this::cancel);
    Result result = command.run("scan", "d", "--table", "t");
    assertThat(result.exitCode()).isEqualTo(1);
    other.join();
    assertThat(result.err()).contains("The batch has ended");
    assertThat(result.out()).isEmpty();
    assertThat(service.batch().state().status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(service.batch().state().verdict().message()).isEqualTo("enough");
    assertThat(service.files().get("d/b").state()).isEqualTo(FileState.DISCOVERED);
  }

  @Test
  void nothingIsOpenedWhereTheCommandIsWrong() {
    assertThat(command.run("scan", "d").exitCode()).isEqualTo(2);
    assertThat(command.run("scan", "--table", "t").exitCode()).isEqualTo(2);
    assertThat(command.run("scan", "d", "", "--table", "t").exitCode()).isEqualTo(2);
    assertThat(command.run("scan", "d", "--table", "t", "--tabel", "u").exitCode()).isEqualTo(2);
    assertThat(service.batches()).isEmpty();
  }

  @Test
  void whatTheServiceFindsWrongIsToldAndIsAUsageError() throws Exception {
    write("a", "x");
    Result result = command.run("scan", "a", "--table", "t".repeat(300));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("table has 300 characters, expected 1 to 200");
  }

  private Path longToRead(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(LONG_TO_READ_BYTES);
    }
    return file;
  }

  private void write(String name, String content) throws IOException {
    write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void cancel() {
    try (AuditCalls client = service.client()) {
      assertThat(client.status(service.key().id(), 1, BatchStatus.CANCELLED, "enough").block())
          .isNotNull();
    }
  }

  private String rows() {
    return service.files().values().stream()
        .sorted(java.util.Comparator.comparing(Manifest::file))
        .map(file -> file.file().substring(2) + "=" + file.rows())
        .collect(Collectors.joining(" "));
  }

  private Map<String, String> sha256sumAndWc() throws Exception {
    Map<String, String> found = new TreeMap<>();
    List<String> paths;
    try (var walk = Files.walk(directory.resolve("data"))) {
      paths =
          walk.filter(Files::isRegularFile)
              .map(path -> directory.relativize(path).toString())
              .toList();
    }
    for (String path : paths) {
      String sum = output("sha256sum", "--zero", "--", path).substring(0, 64);
      found.put(path, sum + " " + output("wc", "-c", "--", path).strip().split(" ", 2)[0]);
    }
    return found;
  }

  private String output(String... arguments) throws Exception {
    Process process =
        new ProcessBuilder(arguments)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
