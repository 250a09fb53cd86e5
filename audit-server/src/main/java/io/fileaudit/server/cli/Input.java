package io.fileaudit.server.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a command reads: a file, or stdin. */
final class Input {
  private static final Path STDIN = Path.of("-");

  private Input() {}

  /**
   * Opens that file, or stdin where it is {@code -} or none.
   *
   * @throws CommandException where there is no such file
   */
  static InputStream open(Environment environment, @Nullable Path file) throws IOException {
    if (file == null || file.equals(STDIN)) {
      return new FileInputStream(FileDescriptor.in);
    }
    try {
      return Files.newInputStream(environment.workingDirectory().resolve(file));
    } catch (NoSuchFileException e) {
      throw new CommandException(ExitCode.USAGE, file + " is not there");
    }
  }
}
