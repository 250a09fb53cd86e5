package io.fileaudit.it.browser;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The programs that show the page to a test, as they are installed.
 *
 * @param browser Chromium
 * @param driver the chromedriver of the same version
 */
record Programs(Path browser, Path driver) {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final List<String> DRIVERS = List.of("chromedriver");

  /**
   * Both of them.
   *
   * @throws IllegalStateException where one is missing, with its name
   */
  static Programs found() {
    return new Programs(onPath(BROWSERS), onPath(DRIVERS));
  }

  private static Path onPath(List<String> names) {
    return names.stream()
        .map(Programs::onPath)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the page cannot be looked at: no "
                        + names.get(0)
                        + " on the PATH (Debian: chromium and chromium-driver)"));
  }

  private static Optional<Path> onPath(String name) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
