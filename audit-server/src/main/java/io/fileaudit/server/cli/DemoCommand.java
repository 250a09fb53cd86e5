package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.server.InvalidSettings;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import io.fileaudit.server.database.EmbeddedDatabaseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves, and scans this checkout as a first batch, so that there is something to look at. */
@Command(
    name = "demo",
    description = {
      "Serves like `audit serve` and takes stock of this checkout as a first batch.",
      "Goes on serving until Ctrl-C; the data is kept."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int FIRST_PORT = 8080;
  private static final int LAST_PORT = 8099;
  private static final String TABLE = "fileaudit";
  private static final String PERIOD = "demo";
  private static final Set<String> LEFT_OUT = Set.of(".git", "target", "node_modules");

  private final Console console;
  private final Environment environment;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "port of the HTTP interface (default: 8080, or the next free one)")
  private @Nullable Integer port;

  @Option(names = "--data", paramLabel = "DIR", description = "data directory (default: ~/.audit)")
  private @Nullable Path data;

  DemoCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    RunningServer server = start();
    ServeCommand.closeAtEnd(server, end);
    String url = "http://127.0.0.1:" + server.port();
    console.say("serving on " + url + "/api/v1");
    Snapshot batch = scanCheckout(url);
    tell(url, batch);
    end.await();
    return ExitCode.COMPLETE.code();
  }

  private RunningServer start() throws IOException {
    Map<String, String> settings = new HashMap<>(environment.variables());
    settings.put("AUDIT_PORT", Integer.toString(port == null ? freePort() : port));
    settings.put("AUDIT_MANAGEMENT_PORT", "0");
    settings.put("AUDIT_DATA", environment.dataDirectory(data).toString());
    try {
      return RunningServer.start(ServerSettings.read(settings));
    } catch (InvalidSettings | EmbeddedDatabaseException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static int freePort() {
    for (int candidate = FIRST_PORT; candidate <= LAST_PORT; candidate++) {
      try (ServerSocket taken = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return taken.getLocalPort();
      } catch (IOException e) {
        // Somebody else listens there; the next one may be free.
      }
    }
    return 0;
  }

  private Snapshot scanCheckout(String url) {
    Path checkout =
        environment.checkout() == null ? environment.workingDirectory() : environment.checkout();
    String key = environment.get("AUDIT_KEY");
    try (AuditClient client =
        AuditClient.builder()
            .url(url)
            .key(key == null ? ServiceOptions.readKey(environment.dataDirectory(data)) : key)
            .build()) {
      BatchSpec spec =
          BatchSpec.builder().name("this checkout").table(TABLE).period(PERIOD).build();
      ScanEvents events =
          new ScanEvents(
              FileSelection.of(checkout, List.of(".")),
              DemoCommand::isIncluded,
              CsvNames.matching(CsvNames.DEFAULT_PATTERNS),
              CsvFormat.RFC_4180,
              new ScanProgress(console, System::nanoTime),
              Clock.systemUTC());
      return new Scan(client, console).run(spec, events);
    }
  }

  /** Whether a file is part of the checkout itself: neither history nor anything built. */
  static boolean isIncluded(String name) {
    for (Path part : Path.of(name)) {
      if (LEFT_OUT.contains(part.toString())) {
        return false;
      }
    }
    return true;
  }

  private void tell(String url, Snapshot batch) {
    String at = url.equals(ServiceOptions.DEFAULT_URL) ? "" : "AUDIT_URL=" + url + " ";
    console.say("");
    console.say(
        "This checkout was scanned as batch " + batch.id() + ", which is " + batch.status() + ".");
    console.say("In another terminal:");
    console.say("  " + at + "./audit show " + TABLE + "@" + PERIOD);
    console.say("  " + at + "./audit files " + TABLE + "@" + PERIOD);
    console.say("  curl -H \"Authorization: Bearer $(./audit key)\" " + url + "/api/v1/batches");
    console.say("Ctrl-C ends it; the data is kept.");
  }
}
