package io.fileaudit.server.cli;

import java.util.Set;

/**
 * Keeps libraries from writing to stdout where a command prints data. Must run before anything
 * logs.
 */
final class CliLogging {
  private static final Set<String> SERVING = Set.of("serve", "demo");

  private CliLogging() {}

  /** Sends warnings to stderr and nothing else anywhere, unless the command is one that serves. */
  static void quiet(String[] arguments) {
    boolean serving = arguments.length > 0 && SERVING.contains(arguments[0]);
    if (!serving && System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "audit-command-logback.xml");
    }
  }
}
