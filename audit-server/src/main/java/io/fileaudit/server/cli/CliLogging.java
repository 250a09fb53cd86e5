package io.fileaudit.server.cli;

/**
 * Keeps libraries from writing to stdout where a command prints data, and from talking at all
 * unless something is wrong. Must run before anything logs.
 */
final class CliLogging {
  private static final String QUIET = "audit-command-logback.xml";

  private CliLogging() {}

  /** Sends errors to stderr and nothing anywhere else, unless the command is {@code serve}. */
  static void quiet(String[] arguments) {
    String command = arguments.length > 0 ? arguments[0] : "";
    if (command.equals("demo")) {
      setUnlessSet("logback.configurationFile", QUIET);
      setUnlessSet("logging.config", "classpath:" + QUIET);
    } else if (!command.equals("serve")) {
      setUnlessSet("slf4j.provider", ErrorLog.class.getName());
      setUnlessSet("slf4j.internal.verbosity", "WARN");
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
