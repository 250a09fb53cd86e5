package io.fileaudit.server.cli.scan;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import io.fileaudit.server.cli.scan.SelectedFile.Failed;
import io.fileaudit.server.cli.scan.SelectedFile.Regular;
import io.fileaudit.server.cli.scan.SelectedFile.Skipped;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One pass over the arguments of a scan; the rules are those of {@link FileSelection}. */
final class SelectionWalk implements Iterator<SelectedFile> {

  /**
   * A directory that is being walked: the name it is reported under, how it is opened, where it
   * really is.
   */
  private record Level(String name, Path path, Path real, Iterator<Path> entries) {

    String nameOf(Path entry) {
      String own = ReportedName.of(entry);
      return name.endsWith("/") ? name + own : name + "/" + own;
    }
  }

  private final Path workingDirectory;
  private final Iterator<String> arguments;
  private final FileSelection.DirectoryAccess access;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final CoveredPlaces covered = new CoveredPlaces();
  private @Nullable SelectedFile next;

  SelectionWalk(
      Path workingDirectory, Iterator<String> arguments, FileSelection.DirectoryAccess access) {
    this.workingDirectory = workingDirectory;
    this.arguments = arguments;
    this.access = access;
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      Level level = levels.peek();
      if (level == null) {
        if (!arguments.hasNext()) {
          return false;
        }
        next = argument(arguments.next());
      } else if (level.entries().hasNext()) {
        next = entry(level, level.entries().next());
      } else {
        leave(level);
      }
    }
    return true;
  }

  @Override
  public SelectedFile next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("every selected file has been given");
    }
    SelectedFile given = next;
    next = null;
    return given;
  }

  private @Nullable SelectedFile argument(String argument) {
    Path given;
    try {
      given = ArgumentPath.of(workingDirectory, argument);
    } catch (IOException e) {
      return covered.addUnresolved(argument) ? new Failed(argument, FileProblem.of(e)) : null;
    } catch (InvalidPathException e) {
      FileProblem problem =
          new FileProblem(Code.NOT_FOUND, "no file can have this name: " + e.getReason());
      return covered.addUnresolved(argument) ? new Failed(argument, problem) : null;
    }
    String name = ReportedName.of(given);
    Path path = workingDirectory.resolve(given);
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        Path real = path.toRealPath();
        return covered.hasDirectory(real) ? null : enter(name, path, real);
      }
    } catch (IOException e) {
      // Not asked whether a walk covered it: what is not there was not met by a walk either.
      return covered.addFile(CoveredPlaces.placeOf(path)) ? unreachable(name, path, e) : null;
    }
    Path place = CoveredPlaces.placeOf(path);
    if (covered.hasFile(place)) {
      return null;
    }
    covered.addFile(place);
    return attributes.isRegularFile() ? new Regular(name, path) : new Failed(name, special());
  }

  private @Nullable SelectedFile entry(Level level, Path entry) {
    Path real = level.real().resolve(entry);
    if (covered.namedBefore(real)) {
      return null;
    }
    String name = level.nameOf(entry);
    Path path = level.path().resolve(entry);
    try {
      BasicFileAttributes own =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (own.isDirectory()) {
        return enter(name, path, real);
      }
      BasicFileAttributes target =
          own.isSymbolicLink() ? Files.readAttributes(path, BasicFileAttributes.class) : own;
      if (target.isRegularFile()) {
        return new Regular(name, path);
      }
      return new Skipped(name, target.isDirectory() ? linkToDirectory(path) : special());
    } catch (IOException e) {
      return unreachable(name, path, e);
    }
  }

  /**
   * Goes down into a directory. What could not be listed of it is the result; what could is walked
   * all the same.
   */
  private @Nullable SelectedFile enter(String name, Path path, Path real) {
    List<Path> entries = new ArrayList<>();
    SelectedFile failed = null;
    try (DirectoryStream<Path> stream = access.open(path)) {
      for (Path entry : stream) {
        entries.add(entry.getFileName());
      }
    } catch (IOException e) {
      failed = unlistable(name, real, e);
    } catch (DirectoryIteratorException e) {
      failed = unlistable(name, real, Objects.requireNonNull(e.getCause()));
    }
    // Unix paths compare by their unsigned bytes, without regard to locale.
    Collections.sort(entries);
    levels.push(new Level(name, path, real, entries.iterator()));
    return failed;
  }

  private SelectedFile unlistable(String name, Path real, IOException error) {
    covered.addUnlisted(real);
    return new Failed(name, FileProblem.of(error).during("the directory cannot be listed"));
  }

  private void leave(Level level) {
    levels.pop();
    if (levels.isEmpty()) {
      covered.addDirectory(level.real());
    }
  }

  private static SelectedFile unreachable(String name, Path path, IOException error) {
    if (error instanceof NoSuchFileException && Files.isSymbolicLink(path)) {
      return new Failed(
          name,
          new FileProblem(Code.NOT_FOUND, "a link to " + targetOf(path) + ", where nothing is"));
    }
    return new Failed(name, FileProblem.of(error));
  }

  private static FileProblem linkToDirectory(Path link) {
    return new FileProblem(
        Code.LINK_TO_DIRECTORY,
        "a link to the directory "
            + targetOf(link)
            + ", not followed; name it as an argument to scan it");
  }

  private static FileProblem special() {
    return new FileProblem(Code.NOT_A_REGULAR_FILE, "a pipe, socket or device, not opened");
  }

  private static String targetOf(Path link) {
    try {
      return ReportedName.of(Files.readSymbolicLink(link));
    } catch (IOException e) {
      return "a place that cannot be read";
    }
  }
}
