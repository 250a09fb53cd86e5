package io.fileaudit.server.cli.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StockTakerTest {

  private static final String EMPTY =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final int[] BUFFER_BYTES = {1, 2, 3, 7, 64 * 1024};

  private final Path directory;

  StockTakerTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static LongStream seeds() {
    return LongStream.range(0, 400);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void countsTheRecordsThatWereWrittenWhateverTheBuffer(long seed) throws IOException {
    CsvDocument document = CsvDocument.random(seed);
    Path file = write("random.csv", document.bytes());
    FileStock expected =
        new FileStock.Complete(
            document.bytes().length, sha256(document.bytes()), OptionalLong.of(document.rows()));

    for (int bufferBytes : BUFFER_BYTES) {
      StockTaker taker = new StockTaker(bufferBytes, StockTaker.DEFAULT_PROGRESS_BYTES);

      assertThat(taker.take(file, document.format(), ReadingProgress.NONE))
          .as("buffer of %d bytes", bufferBytes)
          .isEqualTo(expected);
    }
  }

  @Test
  void knownFileHasItsKnownChecksum() throws IOException {
    Path file = write("abc", "abc".getBytes(UTF_8));

    assertThat(new StockTaker().take(file, ReadingProgress.NONE))
        .isEqualTo(
            new FileStock.Complete(
                3,
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                OptionalLong.empty()));
  }

  @Test
  void emptyFileIsComplete() throws IOException {
    Path file = write("empty.csv", new byte[0]);

    assertThat(new StockTaker().take(file, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(0, EMPTY, OptionalLong.empty()));
    assertThat(new StockTaker().take(file, CsvFormat.RFC_4180, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(0, EMPTY, OptionalLong.of(0)));
  }

  @Test
  void compressedFileIsTakenAsItIsOnDisk() throws IOException {
    Path file = directory.resolve("a.csv");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("a\n\"b\n".getBytes(UTF_8));
    }
    byte[] onDisk = Files.readAllBytes(file);

    assertThat(new StockTaker().take(file, CsvFormat.RFC_4180, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(onDisk.length, sha256(onDisk), OptionalLong.empty()));
  }

  @Test
  void linkToAFileIsReadAsTheFile() throws IOException {
    write("a.csv", "a\n".getBytes(UTF_8));
    Path link = Files.createSymbolicLink(directory.resolve("link.csv"), Path.of("a.csv"));

    assertThat(new StockTaker().take(link, CsvFormat.RFC_4180, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(2, sha256("a\n".getBytes(UTF_8)), OptionalLong.of(1)));
  }

  @EnabledOnOs(OS.LINUX)
  @Test
  void fileOfThePseudoFileSystemIsTakenByWhatItYields() throws IOException {
    Path file = Path.of("/proc/version");
    assertThat(Files.size(file)).isZero();
    byte[] yielded = Files.readAllBytes(file);

    assertThat(new StockTaker(16, 1).take(file, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(yielded.length, sha256(yielded), OptionalLong.empty()));
  }

  @Test
  void openQuoteFailsTheFileAndKeepsItsChecksum() throws IOException {
    byte[] bytes = "a\nb\n\"c\n".getBytes(UTF_8);
    Path file = write("open.csv", bytes);

    FileStock.Failed failed =
        failed(new StockTaker().take(file, CsvFormat.RFC_4180, ReadingProgress.NONE));

    assertThat(failed.problem().code()).isEqualTo(Code.UNTERMINATED_QUOTE);
    assertThat(failed.problem().code().text()).isEqualTo("unterminated-quote");
    assertThat(failed.problem().message())
        .isEqualTo("the file ends inside the quotes of record 3, which begins at byte 4");
    assertThat(failed.bytes()).isEqualTo(7);
    assertThat(failed.rows()).hasValue(2);
    assertThat(failed.checksum()).hasValue(sha256(bytes));
  }

  @Test
  void missingFileIsNotFound() {
    Path file = directory.resolve("missing.csv");

    assertThat(problem(new StockTaker().take(file, ReadingProgress.NONE)))
        .isEqualTo(new FileProblem(Code.NOT_FOUND, "no such file"));
  }

  @Test
  void directoryIsNotARegularFile() {
    assertThat(problem(new StockTaker().take(directory, ReadingProgress.NONE)).code())
        .isEqualTo(Code.NOT_A_REGULAR_FILE);
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void pipeWithoutAWriterIsNotOpened() {
    Path pipe = Shell.pipe(directory.resolve("pipe"));

    assertThat(problem(new StockTaker().take(pipe, ReadingProgress.NONE)).code())
        .isEqualTo(Code.NOT_A_REGULAR_FILE);
  }

  @Test
  void refusedOpeningIsPermissionDenied() throws IOException {
    Path file = write("secret.csv", new byte[1]);
    StockTaker taker =
        takerOpening(
            path -> {
              throw new AccessDeniedException(path.toString());
            });

    assertThat(problem(taker.take(file, ReadingProgress.NONE)))
        .isEqualTo(new FileProblem(Code.PERMISSION_DENIED, "permission denied"));
  }

  @Test
  void listenersExceptionReachesTheCaller() throws IOException {
    Path file = write("a.csv", new byte[100]);

    assertThatThrownBy(
            () ->
                new StockTaker(10, 1)
                    .take(
                        file,
                        (bytes, rows) -> {
                          throw new IllegalStateException("batch ended");
                        }))
        .hasMessage("batch ended");
  }

  @Test
  void progressIsReportedNoMoreOftenThanAsked() throws IOException {
    Path file = write("a.csv", "name\n".repeat(20).getBytes(UTF_8));
    List<String> reports = new ArrayList<>();

    FileStock stock =
        new StockTaker(8, 30)
            .take(
                file,
                CsvFormat.RFC_4180.withHeader(true),
                (bytes, rows) -> reports.add(bytes + " bytes, " + rows.orElseThrow() + " rows"));

    assertThat(reports)
        .containsExactly("32 bytes, 5 rows", "64 bytes, 11 rows", "96 bytes, 18 rows");
    assertThat(stock.rows()).hasValue(19);
  }

  @Test
  void progressOfOtherFilesHasNoRows() throws IOException {
    Path file = write("a.bin", new byte[20]);
    List<OptionalLong> rows = new ArrayList<>();

    FileStock stock = new StockTaker(10, 10).take(file, (bytes, counted) -> rows.add(counted));

    assertThat(stock).isInstanceOf(FileStock.Complete.class);
    assertThat(rows).containsExactly(OptionalLong.empty(), OptionalLong.empty());
  }

  @Test
  void buffersAndStepsOfNothingAreRefused() {
    assertThatThrownBy(() -> new StockTaker(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new StockTaker(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void codesAreStable() {
    assertThat(Arrays.stream(Code.values()).map(Code::text))
        .containsExactly(
            "not-found",
            "permission-denied",
            "changed-while-reading",
            "not-a-regular-file",
            "link-to-directory",
            "io-error",
            "unterminated-quote");
  }

  private static StockTaker takerOpening(StockTaker.FileAccess access) {
    return new StockTaker(
        StockTaker.DEFAULT_BUFFER_BYTES, StockTaker.DEFAULT_PROGRESS_BYTES, access);
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  private static FileStock.Failed failed(FileStock stock) {
    assertThat(stock).isInstanceOf(FileStock.Failed.class);
    return (FileStock.Failed) stock;
  }

  private static FileProblem problem(FileStock stock) {
    return failed(stock).problem();
  }

  private static String sha256(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
