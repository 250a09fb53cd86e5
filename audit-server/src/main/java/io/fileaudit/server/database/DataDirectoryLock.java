package io.fileaudit.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second service off a data directory. The operating system holds the lock as long as the
 * process lives, so a killed service leaves none behind; the file names the process that holds it.
 */
final class DataDirectoryLock implements AutoCloseable {
  /** Far behind the text, because on Windows a locked range cannot be read by others. */
  private static final long LOCKED_BYTE = 1L << 30;

  /**
   * Directories locked by this process. Looked at before the file is opened: a POSIX lock is lost
   * when its process closes <em>any</em> descriptor of the file, so a second attempt in the same
   * process must not touch it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DataDirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * Takes the lock or refuses at once.
   *
   * @param directory a real path (no links), so that one directory has one name
   * @throws EmbeddedDatabaseException.InUse where another service, or this one, holds it
   */
  static DataDirectoryLock acquire(Path directory) throws IOException {
    if (!HELD.add(directory)) {
      throw new EmbeddedDatabaseException.InUse(
          directory, OptionalLong.of(ProcessHandle.current().pid()));
    }
    Path file = directory.resolve("lock");
    FileChannel channel = null;
    boolean taken = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw new EmbeddedDatabaseException.InUse(directory, holder(file));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
      taken = true;
      return new DataDirectoryLock(directory, channel);
    } finally {
      if (!taken) {
        HELD.remove(directory);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  private static OptionalLong holder(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).trim()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove(directory);
    }
  }
}
