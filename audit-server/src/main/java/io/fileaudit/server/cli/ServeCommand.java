package io.fileaudit.server.cli;

import io.fileaudit.server.ServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves until it is interrupted. */
@Command(
    name = "serve",
    description = {
      "Serve: the HTTP interface, and an embedded PostgreSQL unless a database is given.",
      "Settings come from AUDIT_* variables too; see docs/configuration.md."
    },
    footer = {
      "",
      "Examples:",
      "  audit serve --data /var/lib/audit",
      "  AUDIT_DB=postgresql://audit:secret@db.example:5432/audit audit serve --log json"
    })
final class ServeCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "port of the HTTP interface (AUDIT_PORT; else 8080)")
  private @Nullable String port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory (AUDIT_DATA; else ~/.audit)")
  private @Nullable Path data;

  @Option(
      names = "--db",
      paramLabel = "URL",
      description = {
        "postgresql://user:password@host:port/database (AUDIT_DB; else embedded);",
        "the variable keeps the password from those who can see arguments"
      })
  private @Nullable String database;

  @Option(
      names = "--kafka",
      paramLabel = "HOSTS",
      description = "Kafka brokers, host:port,… (AUDIT_KAFKA; else no Kafka)")
  private @Nullable String kafka;

  @Option(names = "--log", paramLabel = "FORM", description = "text or json (AUDIT_LOG; else text)")
  private @Nullable String logForm;

  @Option(
      names = "--print-config",
      description = "print every setting with where it comes from, secrets masked, and end")
  private boolean printConfig;

  ServeCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (printConfig) {
      print();
      return ExitCode.COMPLETE.code();
    }
    Serving serving = Serving.start(settings());
    Consumer<String> log =
        serving.hasJsonLog() ? LoggerFactory.getLogger(ServeCommand.class)::info : console::say;
    log.accept("serving on " + serving.url() + "/api/v1");
    log.accept("data in    " + environment.dataDirectory(data).toAbsolutePath().normalize());
    log.accept("health     " + serving.health());
    log.accept("the key:   audit key" + (data == null ? "" : " --data " + data));
    log.accept("the page:  " + serving.page(console));
    serving.await();
    return ExitCode.COMPLETE.code();
  }

  /**
   * Reads the settings and nothing else: no database, no port, no file but those that they name.
   */
  private void print() {
    ServerSettings read = Serving.read(settings());
    Map<String, String> options = options();
    read.effective()
        .forEach(
            (name, value) ->
                console.data(
                    name
                        + "="
                        + value
                        + "  # "
                        + origin(name, read.sources().getOrDefault(name, ""), options)));
  }

  private String origin(String name, String source, Map<String, String> options) {
    String option = options.get(name);
    if (option != null) {
      return "option " + option;
    }
    boolean isGiven = !source.isEmpty() && environment.get(source) != null;
    return isGiven ? "environment" + (source.equals(name) ? "" : " (" + source + ")") : "default";
  }

  /** The option by which a setting was given, for those that were. */
  private Map<String, String> options() {
    Map<String, String> given = new HashMap<>();
    put(given, "AUDIT_PORT", port == null ? null : "--port");
    put(given, "AUDIT_DATA", data == null ? null : "--data");
    put(given, "AUDIT_DB", database == null ? null : "--db");
    put(given, "AUDIT_KAFKA", kafka == null ? null : "--kafka");
    put(given, "AUDIT_LOG", logForm == null ? null : "--log");
    return given;
  }

  /** The variables with what the options say put over them. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(environment.variables());
    put(settings, "AUDIT_PORT", port);
    put(settings, "AUDIT_DATA", environment.dataDirectory(data).toString());
    put(settings, "AUDIT_DB", database);
    put(settings, "AUDIT_KAFKA", kafka);
    put(settings, "AUDIT_LOG", logForm);
    return settings;
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }
}
