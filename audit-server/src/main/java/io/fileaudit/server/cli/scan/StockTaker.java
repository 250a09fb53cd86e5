package io.fileaudit.server.cli.scan;

import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.server.cli.scan.FileProblem.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file once, in pieces of a fixed size, and says what is in it: bytes, SHA-256 and, for
 * CSV, records. Blocks on the file's IO. Keeps its buffer between files, so use one per thread.
 *
 * <p>A file that did not stand still is never {@link FileStock.Complete}: size, modification time
 * and identity are compared before and after, by path, so that a file that was replaced or removed
 * is noticed too. A file that grows faster than it is read ends the reading where the growth shows.
 * Files of size 0 that yield bytes (as in {@code /proc}) are taken by what they yield.
 */
public final class StockTaker {

  /**
   * Large enough to hide system calls, small enough to stay in a processor's cache between digest
   * and counting.
   */
  public static final int DEFAULT_BUFFER_BYTES = 256 * 1024;

  public static final long DEFAULT_PROGRESS_BYTES = 64L * 1024 * 1024;

  /**
   * How a file is opened. A test replaces it to make a file unreadable or to change it at that
   * moment.
   */
  @FunctionalInterface
  interface FileAccess {
    SeekableByteChannel open(Path file) throws IOException;
  }

  private final ByteBuffer buffer;
  private final long progressBytes;
  private final FileAccess access;
  private final MessageDigest digest = Sha256.begin();

  /** Takes stock with the default buffer, reporting progress every 64 MiB. */
  public StockTaker() {
    this(DEFAULT_BUFFER_BYTES, DEFAULT_PROGRESS_BYTES);
  }

  /**
   * Takes stock with a buffer of the given size.
   *
   * @param progressBytes how many bytes at least lie between two reports of progress
   */
  public StockTaker(int bufferBytes, long progressBytes) {
    this(bufferBytes, progressBytes, file -> FileChannel.open(file, StandardOpenOption.READ));
  }

  StockTaker(int bufferBytes, long progressBytes, FileAccess access) {
    if (bufferBytes < 1 || progressBytes < 1) {
      throw new IllegalArgumentException(
          "a buffer of "
              + bufferBytes
              + " bytes and progress every "
              + progressBytes
              + " bytes: both must be 1 or more");
    }
    this.buffer = ByteBuffer.allocate(bufferBytes);
    this.progressBytes = progressBytes;
    this.access = access;
  }

  /**
   * Reads a file without looking for records.
   *
   * @throws CancellationException where the thread is interrupted, which it then still is
   */
  public FileStock take(Path file, ReadingProgress progress) {
    return new Reading(file, null, progress).run();
  }

  /**
   * Reads a file and counts its records.
   *
   * @throws CancellationException where the thread is interrupted, which it then still is
   */
  public FileStock take(Path file, CsvFormat format, ReadingProgress progress) {
    return new Reading(file, new RecordCounter(format), progress).run();
  }

  /** The reading of one file. */
  private final class Reading {

    private final Path file;
    private final @Nullable RecordCounter counter;
    private final ReadingProgress progress;
    private long bytes;

    Reading(Path file, @Nullable RecordCounter counter, ReadingProgress progress) {
      this.file = file;
      this.counter = counter;
      this.progress = progress;
    }

    FileStock run() {
      digest.reset();
      try {
        BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
        if (!before.isRegularFile()) {
          return failed(Code.NOT_A_REGULAR_FILE, "not a regular file, not opened");
        }
        // Between the look and the opening a pipe could take the file's place and hold up open(2);
        // Java cannot prevent it.
        try (SeekableByteChannel channel = access.open(file)) {
          if (!readToEnd(channel, before.size())) {
            return failed(
                Code.CHANGED_WHILE_READING,
                "grew while it was read, from " + before.size() + " bytes");
          }
        }
        return judge(before);
      } catch (ClosedByInterruptException e) {
        CancellationException cancelled =
            new CancellationException("interrupted while reading " + file);
        cancelled.initCause(e);
        throw cancelled;
      } catch (IOException e) {
        return failed(FileProblem.of(e), Optional.empty());
      }
    }

    /** False where the file has grown beyond the size it had. */
    private boolean readToEnd(SeekableByteChannel channel, long sizeBefore) throws IOException {
      long reported = 0;
      while (channel.read(buffer.clear()) >= 0) {
        int read = buffer.position();
        digest.update(buffer.array(), 0, read);
        if (counter != null) {
          counter.accept(buffer.array(), 0, read);
        }
        bytes += read;
        if (bytes > sizeBefore && channel.size() != sizeBefore) {
          return false;
        }
        if (bytes - reported >= progressBytes) {
          progress.reached(bytes, rows());
          reported = bytes;
        }
      }
      return true;
    }

    private FileStock judge(BasicFileAttributes before) throws IOException {
      Optional<FileProblem> change = StandingStill.change(file, before, bytes);
      if (change.isPresent()) {
        return failed(change.get(), Optional.empty());
      }
      String checksum = "sha256:" + HexFormat.of().formatHex(digest.digest());
      if (counter != null) {
        counter.finish();
        if (counter.isInsideQuotes()) {
          FileProblem problem =
              new FileProblem(
                  Code.UNTERMINATED_QUOTE,
                  "the file ends inside the quotes of " + counter.openRecord());
          return failed(problem, Optional.of(checksum));
        }
      }
      return new FileStock.Complete(bytes, checksum, rows());
    }

    private OptionalLong rows() {
      return counter != null && counter.isCountable()
          ? OptionalLong.of(counter.rows())
          : OptionalLong.empty();
    }

    private FileStock failed(Code code, String message) {
      return failed(new FileProblem(code, message), Optional.empty());
    }

    private FileStock failed(FileProblem problem, Optional<String> checksum) {
      return new FileStock.Failed(problem, bytes, rows(), checksum);
    }
  }
}
