package io.fileaudit.server.cli.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that do not stand still while they are read, changed at exact places of the reading. */
class ChangingFileTest {

  private final Path directory;

  ChangingFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void fileRemovedBeforeItIsOpenedIsNotFound() throws IOException {
    Path file = write("a.csv", new byte[1]);
    StockTaker taker =
        takerOpening(
            path -> {
              Files.delete(path);
              return FileChannel.open(path);
            });

    assertThat(problem(taker.take(file, ReadingProgress.NONE)).code()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void fileReplacedBeforeItIsOpenedHasChanged() throws IOException {
    Path file = write("a.csv", new byte[5]);
    Path other = write("b.csv", new byte[5]);
    StockTaker taker =
        takerOpening(
            path -> {
              Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
              return FileChannel.open(path);
            });

    assertThat(problem(taker.take(file, ReadingProgress.NONE)))
        .isEqualTo(
            new FileProblem(
                Code.CHANGED_WHILE_READING, "replaced by another file while it was read"));
  }

  @Test
  void fileRemovedWhileReadHasChanged() throws IOException {
    Path file = write("a.csv", "a\n".repeat(50).getBytes(UTF_8));

    FileStock.Failed failed = failed(takeAndAfterTenBytes(file, () -> Files.delete(file)));

    assertThat(failed.problem())
        .isEqualTo(new FileProblem(Code.CHANGED_WHILE_READING, "removed while it was read"));
    assertThat(failed.bytes()).isEqualTo(100);
    assertThat(failed.checksum()).isEmpty();
  }

  @Test
  void linkTurnedToAnotherFileWhileReadHasChanged() throws IOException {
    write("a.csv", new byte[50]);
    write("b.csv", new byte[50]);
    Path link = Files.createSymbolicLink(directory.resolve("link.csv"), Path.of("a.csv"));

    FileStock stock =
        takeAndAfterTenBytes(
            link,
            () -> {
              Files.delete(link);
              Files.createSymbolicLink(link, Path.of("b.csv"));
            });

    assertThat(problem(stock).code()).isEqualTo(Code.CHANGED_WHILE_READING);
  }

  @Test
  void fileThatShrinksWhileReadHasChanged() throws IOException {
    Path file = write("a.csv", new byte[100]);

    FileStock stock = takeAndAfterTenBytes(file, () -> truncate(file, 20));

    assertThat(problem(stock))
        .isEqualTo(
            new FileProblem(
                Code.CHANGED_WHILE_READING, "went from 100 to 20 bytes while it was read"));
  }

  @Test
  void fileEmptiedWhileReadHasChanged() throws IOException {
    Path file = write("a.csv", new byte[100]);

    FileStock stock = takeAndAfterTenBytes(file, () -> truncate(file, 0));

    assertThat(problem(stock).code()).isEqualTo(Code.CHANGED_WHILE_READING);
  }

  @Test
  void fileOverwrittenInPlaceWhileReadHasChanged() throws IOException {
    Path file = write("a.csv", new byte[100]);
    FileTime written = FileTime.from(Instant.parse("2024-05-11T10:00:00Z"));

    FileStock stock = takeAndAfterTenBytes(file, () -> Files.setLastModifiedTime(file, written));

    assertThat(problem(stock))
        .isEqualTo(
            new FileProblem(
                Code.CHANGED_WHILE_READING,
                "was written to while it was read, at 2024-05-11T10:00:00Z"));
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void fileThatGrowsForEverEndsTheReading() throws IOException {
    Path file = write("growing.log", new byte[100]);
    StockTaker taker = new StockTaker(10, 1);

    FileStock.Failed failed = failed(taker.take(file, (bytes, rows) -> append(file, 20)));

    assertThat(failed.problem())
        .isEqualTo(
            new FileProblem(Code.CHANGED_WHILE_READING, "grew while it was read, from 100 bytes"));
    assertThat(failed.bytes()).isEqualTo(110);
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void fileThatGrowsFromNothingEndsTheReading() throws IOException {
    Path file = write("growing.log", new byte[0]);
    StockTaker taker =
        new StockTaker(
            10,
            1,
            path -> {
              append(path, 20);
              return FileChannel.open(path);
            });

    assertThat(problem(taker.take(file, (bytes, rows) -> append(file, 20))).code())
        .isEqualTo(Code.CHANGED_WHILE_READING);
  }

  @Test
  void fileThatGivesLessThanItsSizeHasChanged() throws IOException {
    Path file = write("a.csv", new byte[100]);
    Path shorter = write("b.csv", new byte[60]);

    FileStock stock =
        takerOpening(path -> FileChannel.open(shorter)).take(file, ReadingProgress.NONE);

    assertThat(problem(stock))
        .isEqualTo(
            new FileProblem(Code.CHANGED_WHILE_READING, "gave 60 bytes where its size is 100"));
  }

  @Test
  void errorOfTheDeviceIsAnIoError() throws IOException {
    Path file = write("a.csv", new byte[100]);
    List<SeekableByteChannel> opened = new ArrayList<>();
    StockTaker taker =
        new StockTaker(
            10,
            10,
            path -> {
              opened.add(FileChannel.open(path));
              return opened.get(0);
            });

    FileStock.Failed failed =
        failed(taker.take(file, (bytes, rows) -> unchecked(() -> opened.get(0).close())));

    assertThat(failed.problem())
        .isEqualTo(new FileProblem(Code.IO_ERROR, "ClosedChannelException"));
    assertThat(failed.bytes()).isEqualTo(10);
  }

  @Test
  void interruptedReadingIsCancelledAndBlamesNoFile() throws IOException {
    Path file = write("a.csv", new byte[100]);

    assertThatThrownBy(() -> takeAndAfterTenBytes(file, () -> Thread.currentThread().interrupt()))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void failedReadingLeavesNothingBehindForTheNext() throws IOException {
    Path gone = write("gone.csv", new byte[100]);
    Path file = write("abc", "abc".getBytes(UTF_8));
    StockTaker taker = new StockTaker(10, 10);
    failed(taker.take(gone, (bytes, rows) -> unchecked(() -> Files.deleteIfExists(gone))));

    assertThat(taker.take(file, ReadingProgress.NONE))
        .isEqualTo(new FileStock.Complete(3, sha256("abc".getBytes(UTF_8)), OptionalLong.empty()));
  }

  /** Something that happens to a file. */
  private interface Happening {
    void happen() throws IOException;
  }

  private static FileStock takeAndAfterTenBytes(Path file, Happening happening) {
    return new StockTaker(10, 10)
        .take(
            file,
            (bytes, rows) -> {
              if (bytes == 10) {
                unchecked(happening);
              }
            });
  }

  private static void unchecked(Happening happening) {
    try {
      happening.happen();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void append(Path file, int bytes) {
    unchecked(() -> Files.write(file, new byte[bytes], StandardOpenOption.APPEND));
  }

  private static void truncate(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
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
