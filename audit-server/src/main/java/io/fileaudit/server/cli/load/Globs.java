package io.fileaudit.server.cli.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Spells out arguments with {@code *}, {@code ?}, {@code […]} or {@code {…}} as a shell would have,
 * for those that come in quotes, or from a scheduler that knows no globs. What is there by its
 * exact name is no glob.
 */
public final class Globs {
  private Globs() {}

  /**
   * The paths that the arguments mean, of each glob by name.
   *
   * @throws IllegalArgumentException where a glob matches nothing
   */
  public static List<String> expand(Path workingDirectory, List<String> arguments)
      throws IOException {
    List<String> paths = new ArrayList<>();
    for (String argument : arguments) {
      if (!isGlob(argument) || Files.exists(workingDirectory.resolve(argument))) {
        paths.add(argument);
        continue;
      }
      List<String> matches = matches(workingDirectory, argument);
      if (matches.isEmpty()) {
        throw new IllegalArgumentException(argument + " matches no file");
      }
      paths.addAll(matches);
    }
    return paths;
  }

  private static boolean isGlob(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '{');
  }

  private static List<String> matches(Path workingDirectory, String glob) throws IOException {
    List<String> found = List.of(glob.startsWith("/") ? "/" : "");
    for (String part : glob.split("/+")) {
      if (part.isEmpty()) {
        continue;
      }
      List<String> next = new ArrayList<>();
      for (String directory : found) {
        next.addAll(below(workingDirectory, directory, part));
      }
      found = next;
    }
    return found;
  }

  private static List<String> below(Path workingDirectory, String directory, String part)
      throws IOException {
    Path in = workingDirectory.resolve(directory);
    String before = directory.isEmpty() || directory.endsWith("/") ? directory : directory + "/";
    if (!isGlob(part)) {
      return Files.exists(in.resolve(part)) ? List.of(before + part) : List.of();
    }
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(in, part)) {
      for (Path entry : entries) {
        @Nullable Path name = entry.getFileName();
        if (name != null && (part.startsWith(".") || !name.toString().startsWith("."))) {
          names.add(before + name);
        }
      }
    }
    Collections.sort(names);
    return names;
  }
}
