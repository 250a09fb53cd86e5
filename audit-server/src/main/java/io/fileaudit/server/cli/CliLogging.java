package io.fileaudit.server.cli;

/**
 * Keeps libraries from writing to stdout where a command prints data, and from talking at all
 * unless something is wrong. Must run before anything logs.
 */
final class CliLogging {
  private static final String QUIET = "audit-command-logback.xml";

  private CliLogging() {}

  /** Sends warnings to stderr and nothing anywhere else, unless the command is {@code serve}. */
  static void quiet(String[] arguments) {
    boolean serving = arguments.length > 0 && arguments[0].equals("serve");
    if (!serving) {
      setUnlessSet("logback.configurationFile", QUIET);
      setUnlessSet("logging.config", "classpath:" + QUIET);
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
