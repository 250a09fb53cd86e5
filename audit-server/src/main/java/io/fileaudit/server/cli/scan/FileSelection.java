package io.fileaudit.server.cli.scan;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The files that a list of files and directories stands for, in an order that is the same on every
 * machine.
 *
 * <ul>
 *   <li>Arguments come in the order given; a directory is walked to the bottom, the names in each
 *       sorted by their bytes. Only one directory's names per level are in memory, and files are
 *       looked at as the iterator reaches them. Each iterator walks afresh.
 *   <li>Names follow the argument: {@code data} gives {@code data/a.csv}, {@code ./data} gives
 *       {@code ./data/a.csv}, an absolute argument gives absolute names.
 *   <li>A link to a file is read as a file under the link's own name. A link to nothing is {@code
 *       Failed}. A link to a directory is followed where it is an argument; met inside a directory
 *       it is {@code Skipped} ({@code link-to-directory}), because following could lead in a circle
 *       or read a file twice.
 *   <li>Pipes, sockets and devices are never opened: {@code Skipped} inside a directory, {@code
 *       Failed} as an argument.
 *   <li>A directory that cannot be listed is {@code Failed} under its own name, as is an argument
 *       that does not exist.
 *   <li>What two arguments reach, judged by the real directory and the name in it, appears once,
 *       under the first. Hard links and links have names of their own and count as files of their
 *       own.
 *   <li>Names need not be text. A name is read as UTF-8 whatever the locale; each byte that is not
 *       UTF-8 appears as U+FFFD followed by its two hexadecimal digits ({@code caf\uFFFDE9.csv}),
 *       and so do the three bytes of a U+FFFD that is really in the name, so that different files
 *       keep different names. Java hands arguments over with such bytes already lost; they are
 *       found again by looking for the one file whose name reads the same, and {@code Failed} where
 *       several do.
 * </ul>
 */
public final class FileSelection implements Iterable<SelectedFile> {

  /** How a directory is opened. A test replaces it to meet directories that cannot be read. */
  @FunctionalInterface
  interface DirectoryAccess {
    DirectoryStream<Path> open(Path directory) throws IOException;
  }

  private final Path workingDirectory;
  private final List<String> arguments;
  private final DirectoryAccess access;

  FileSelection(Path workingDirectory, List<String> arguments, DirectoryAccess access) {
    if (arguments.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("an argument is empty; name a file or a directory");
    }
    this.workingDirectory = workingDirectory;
    this.arguments = List.copyOf(arguments);
    this.access = access;
  }

  /**
   * Selects relative to the process's working directory.
   *
   * @throws IllegalArgumentException where an argument is empty
   */
  public static FileSelection of(List<String> arguments) {
    return of(Path.of(""), arguments);
  }

  /**
   * Selects relative to {@code workingDirectory}, which does not show in the names.
   *
   * @throws IllegalArgumentException where an argument is empty
   */
  public static FileSelection of(Path workingDirectory, List<String> arguments) {
    return new FileSelection(workingDirectory, arguments, Files::newDirectoryStream);
  }

  /**
   * Walks the file system as it is advanced; blocks on it. Never throws for what it finds there.
   */
  @Override
  public Iterator<SelectedFile> iterator() {
    return new SelectionWalk(workingDirectory, arguments.iterator(), access);
  }
}
