package io.fileaudit.server.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line takes from its surroundings.
 *
 * @param variables environment variables
 * @param home the user's home directory
 * @param workingDirectory what relative paths start from
 * @param checkout the directory of the launcher; null where there is none
 */
record Environment(
    Map<String, String> variables, Path home, Path workingDirectory, @Nullable Path checkout) {

  /** The surroundings of this process. */
  static Environment ofProcess() {
    String checkout = System.getProperty("audit.checkout");
    return new Environment(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        Path.of(""),
        checkout == null ? null : Path.of(checkout));
  }

  /** A variable that is set to something. */
  @Nullable String get(String name) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /** The data directory: as given, else {@code AUDIT_DATA}, else {@code ~/.audit}. */
  Path dataDirectory(@Nullable Path given) {
    if (given != null) {
      return workingDirectory.resolve(given);
    }
    String named = get("AUDIT_DATA");
    return named == null ? home.resolve(".audit") : workingDirectory.resolve(named);
  }
}
