package io.fileaudit.it.process;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Copies and deletes files and whole folders, with their permissions and symbolic links. */
final class Folders {
  private interface Copying {
    void copy(Path from, Path to) throws IOException;
  }

  private Folders() {}

  static void copy(Path from, Path to) throws IOException {
    each(from, to, Folders::copyOne);
  }

  /** The same for files that are only read: they get further names, where the disk is the same. */
  static void link(Path from, Path to) throws IOException {
    each(from, to, Folders::linkOne);
  }

  private static void each(Path from, Path to, Copying copying) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        copying.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void copyOne(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
  }

  private static void linkOne(Path from, Path to) throws IOException {
    if (Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createLink(to, from);
        return;
      } catch (UnsupportedOperationException | FileSystemException e) {
        // It lies on another disk.
      }
    }
    copyOne(from, to);
  }

  /** Does nothing where there is none. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
