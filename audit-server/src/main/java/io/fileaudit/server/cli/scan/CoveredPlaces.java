package io.fileaudit.server.cli.scan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What earlier arguments of a scan have already given. It remembers arguments, not files: a million
 * files under one directory cost one entry. A place is a real directory and a name in it.
 */
final class CoveredPlaces {

  private final Set<Path> directories = new HashSet<>();
  private final Set<Path> unlisted = new HashSet<>();
  private final Set<Path> files = new HashSet<>();
  private final Set<String> unresolved = new HashSet<>();

  /** The place of something that need not exist. */
  static Path placeOf(Path path) {
    Path absolute = path.toAbsolutePath();
    Path parent = absolute.getParent();
    Path name = absolute.getFileName();
    if (parent == null || name == null) {
      return absolute;
    }
    try {
      return parent.toRealPath().resolve(name);
    } catch (IOException e) {
      return absolute.normalize();
    }
  }

  /** Remembers an argument that was walked to its end. */
  void addDirectory(Path real) {
    directories.add(real);
  }

  /**
   * Remembers a directory that could not be listed, in which a later argument may still name a
   * file.
   */
  void addUnlisted(Path real) {
    unlisted.add(real);
  }

  /** Remembers an argument that is no directory; false where it was known. */
  boolean addFile(Path place) {
    return files.add(place);
  }

  /** Remembers an argument that leads to no path; false where it was known. */
  boolean addUnresolved(String argument) {
    return unresolved.add(argument);
  }

  /** Whether this very place was an argument. */
  boolean namedBefore(Path place) {
    return files.contains(place) || directories.contains(place);
  }

  boolean hasFile(Path place) {
    return files.contains(place) || walked(place.getParent());
  }

  boolean hasDirectory(Path real) {
    return directories.contains(real) || walked(real.getParent());
  }

  /** Whether a walk listed this directory. */
  private boolean walked(@Nullable Path directory) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (unlisted.contains(at)) {
        return false;
      }
      if (directories.contains(at)) {
        return true;
      }
    }
    return false;
  }
}
