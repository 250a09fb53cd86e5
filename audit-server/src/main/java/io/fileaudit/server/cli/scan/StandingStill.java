package io.fileaudit.server.cli.scan;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a file stood still while it was read, judged by what its path leads to before and after.
 */
public final class StandingStill {
  private StandingStill() {}

  /**
   * What changed; empty where nothing did.
   *
   * @param before its attributes before it was opened
   * @param bytes how many were read
   */
  public static Optional<FileProblem> change(Path file, BasicFileAttributes before, long bytes)
      throws IOException {
    BasicFileAttributes after;
    try {
      after = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return changed("removed while it was read");
    }
    if (!Objects.equals(before.fileKey(), after.fileKey())) {
      return changed("replaced by another file while it was read");
    }
    if (before.size() != after.size()) {
      return changed(
          "went from " + before.size() + " to " + after.size() + " bytes while it was read");
    }
    if (!before.lastModifiedTime().equals(after.lastModifiedTime())) {
      return changed("was written to while it was read, at " + after.lastModifiedTime());
    }
    if (bytes != after.size() && after.size() != 0) {
      return changed("gave " + bytes + " bytes where its size is " + after.size());
    }
    return Optional.empty();
  }

  private static Optional<FileProblem> changed(String message) {
    return Optional.of(new FileProblem(Code.CHANGED_WHILE_READING, message));
  }
}
