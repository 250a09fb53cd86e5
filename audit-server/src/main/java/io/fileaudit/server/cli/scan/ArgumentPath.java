package io.fileaudit.server.cli.scan;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Turns a command-line argument into a path. Java decodes arguments before anyone sees them and
 * puts U+FFFD in the place of bytes that the locale's encoding does not know, so that such an
 * argument no longer opens the file it names; here the file is looked up in its directory by how
 * its name reads.
 */
final class ArgumentPath {

  private ArgumentPath() {}

  /**
   * The path of an argument, relative where the argument is.
   *
   * @throws NoSuchFileException where no name, or more than one, reads like the argument
   * @throws java.nio.file.InvalidPathException where the platform can have no such name
   */
  static Path of(Path workingDirectory, String argument) throws IOException {
    if (argument.indexOf(ReportedName.REPLACEMENT) < 0) {
      return workingDirectory.getFileSystem().getPath(argument);
    }
    Path path = workingDirectory.getFileSystem().getPath(argument.startsWith("/") ? "/" : "");
    for (String part : argument.split("/", -1)) {
      path =
          part.indexOf(ReportedName.REPLACEMENT) < 0
              ? path.resolve(part)
              : path.resolve(lookUp(workingDirectory.resolve(path), part, argument));
    }
    return path;
  }

  private static Path lookUp(Path directory, String part, String argument) throws IOException {
    @Nullable Path found = null;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!entry.getFileName().toString().equals(part)) {
          continue;
        }
        if (found != null) {
          throw new NoSuchFileException(
              argument, null, "more than one name reads like this" + explanation());
        }
        found = entry.getFileName();
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (found == null) {
      throw new NoSuchFileException(argument, null, "no name reads like this" + explanation());
    }
    return found;
  }

  private static String explanation() {
    return " where bytes outside the encoding of this locale ("
        + System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name())
        + ") show as U+FFFD; name the directory instead";
  }
}
