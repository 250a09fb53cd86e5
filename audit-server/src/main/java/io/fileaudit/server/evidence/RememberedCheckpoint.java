package io.fileaudit.server.evidence;

import io.fileaudit.core.evidence.Notary;
import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last checkpoint in a file of the data directory: a database that went back to an older state
 * is noticed by it. All methods block.
 */
public final class RememberedCheckpoint implements Notary.Memory {
  /** The file in the data directory. */
  public static final String FILE = "checkpoint";

  private static final Logger log = LoggerFactory.getLogger(RememberedCheckpoint.class);

  private final Path file;
  private final AtomicBoolean told = new AtomicBoolean();

  /** The memory in that directory. */
  public RememberedCheckpoint(Path data) {
    this.file = data.resolve(FILE);
  }

  @Override
  public Optional<String> last() {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      tell(e);
      return Optional.empty();
    }
  }

  @Override
  public void remember(String note) {
    try {
      PrivateFiles.write(file, note);
    } catch (IOException e) {
      tell(e);
    }
  }

  /** Where it is. */
  @Override
  public String toString() {
    return file.toString();
  }

  /** Without it the checkpoints of the store are still held against each other. */
  private void tell(IOException error) {
    if (told.compareAndSet(false, true)) {
      log.warn("what was signed last is not remembered beside the database, in {}", file, error);
    }
  }
}
