package io.fileaudit.server.cli;

import io.fileaudit.server.InvalidSettings;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.database.EmbeddedDatabaseException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves until it is interrupted. */
@Command(
    name = "serve",
    description = {
      "Serves: the HTTP interface, and an embedded PostgreSQL unless a database is given.",
      "Settings come from AUDIT_* variables too; see docs/configuration.md."
    })
final class ServeCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "port of the HTTP interface (default: 8080)")
  @Nullable String port;

  @Option(names = "--data", paramLabel = "DIR", description = "data directory (default: ~/.audit)")
  @Nullable String data;

  @Option(
      names = "--db",
      paramLabel = "URL",
      description = "postgresql://user:password@host:port/database")
  @Nullable String database;

  @Option(names = "--log", paramLabel = "FORM", description = "text or json (default: text)")
  @Nullable String log;

  ServeCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    CountDownLatch end = new CountDownLatch(1);
    RunningServer server = start();
    closeAtEnd(server, end);
    tell(server);
    end.await();
    return ExitCode.COMPLETE.code();
  }

  private RunningServer start() throws IOException {
    try {
      return RunningServer.start(ServerSettings.read(settings()));
    } catch (InvalidSettings | EmbeddedDatabaseException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(environment.variables());
    put(settings, "AUDIT_PORT", port);
    put(settings, "AUDIT_DATA", data);
    put(settings, "AUDIT_DB", database);
    put(settings, "AUDIT_LOG", log);
    return settings;
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  /** Closes the server when the process is told to end, and lets the process end only then. */
  static void closeAtEnd(RunningServer server, CountDownLatch end) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  end.countDown();
                },
                "closing"));
  }

  private void tell(RunningServer server) {
    console.say("serving on http://127.0.0.1:" + server.port() + "/api/v1");
    console.say(
        "the key: ./audit key"
            + (data == null ? "" : " --data " + data)
            + "  ("
            + AdminKey.FILE
            + " in the data directory)");
  }
}
