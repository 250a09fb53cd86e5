package io.fileaudit.api.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of this machine where events wait while the service cannot be reached: a directory
 * below it for each batch and process. Several processes may share it. Its methods wait for the
 * disk.
 */
final class Spool {
  static final String ASIDE = "undeliverable-";

  private final Path directory;
  private final long mostBytes;
  private final AtomicLong bytes;

  private Spool(Path directory, long mostBytes, long bytes) {
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.bytes = new AtomicLong(bytes);
  }

  /**
   * The spool in that directory, which is made where it is not there.
   *
   * @param mostBytes how many bytes of events may wait
   * @throws IOException where it cannot be written
   */
  static Spool in(Path directory, long mostBytes) throws IOException {
    Files.createDirectories(directory);
    if (!Files.isWritable(directory)) {
      throw new IOException("the directory " + directory + " cannot be written");
    }
    return new Spool(directory, mostBytes, size(directory));
  }

  private static long size(Path directory) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException error) {
            return FileVisitResult.CONTINUE; // Another process has delivered it meanwhile.
          }
        });
    return bytes[0];
  }

  /** How many bytes wait. */
  long bytes() {
    return bytes.get();
  }

  /** Takes room for so many bytes; false where that would be too many. */
  boolean take(long wanted) {
    long before = bytes.getAndUpdate(now -> now + wanted > mostBytes ? now : now + wanted);
    return before + wanted <= mostBytes;
  }

  /** Gives room back. */
  void give(long freed) {
    bytes.addAndGet(-freed);
  }

  /** A place for the events of one batch, held by this process until it is closed. */
  BatchSpool create(SpooledBatch batch) throws IOException {
    Path place = directory.resolve(batch.batch() + "." + batch.producer());
    Files.createDirectories(place);
    sync(directory);
    BatchSpool made = BatchSpool.hold(this, place);
    if (made == null) {
      throw new IOException(place + " is held by another process");
    }
    made.write(batch);
    return made;
  }

  /** The places of all batches, held by somebody or not. */
  List<Path> places() throws IOException {
    try (Stream<Path> places = Files.list(directory)) {
      return places.filter(Spool::isPlace).sorted().toList();
    }
  }

  private static boolean isPlace(@Nullable Path place) {
    return place != null
        && Files.isDirectory(place)
        && !String.valueOf(place.getFileName()).startsWith(ASIDE)
        && Files.exists(place.resolve(BatchSpool.BATCH));
  }

  /** Makes the names in a directory as durable as what is in its files. */
  static void sync(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Not every system can; those that cannot keep names by themselves.
    }
  }
}
