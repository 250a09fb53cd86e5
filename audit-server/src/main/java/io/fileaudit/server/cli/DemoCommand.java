package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves, and scans this checkout as a first batch, so that there is something to look at. */
@Command(
    name = "demo",
    description = {
      "Serve like `audit serve`, and take stock of this checkout where there is no batch yet.",
      "Goes on serving until Ctrl-C; the data is kept."
    },
    footer = {"", "Example:", "  audit demo --data /tmp/try"})
final class DemoCommand implements Callable<Integer> {
  private static final String ADDRESS = "127.0.0.1";
  private static final int FIRST_PORT = 8080;
  private static final int LAST_PORT = 8099;
  private static final int MANAGEMENT_PORT = 8081;
  private static final String TABLE = "fileaudit";
  private static final String PERIOD = "demo";
  private static final Set<String> LEFT_OUT = Set.of(".git", "target", "node_modules");

  private final Console console;
  private final Environment environment;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "port of the HTTP interface (AUDIT_PORT; else 8080, or the next free one)")
  private @Nullable String port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory (AUDIT_DATA; else ~/.audit)")
  private @Nullable Path data;

  DemoCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    console.say("starting, which takes a little longer for the first time ...");
    Serving serving = Serving.start(settings());
    console.say("serving on " + serving.url() + "/api/v1");
    console.say("data in    " + environment.dataDirectory(data).toAbsolutePath().normalize());
    console.say("health     " + serving.health());
    try (AuditCalls client = client(serving.url())) {
      if (Waiting.on(client.batches(BatchFilter.all().withPageSize(1), null)).items().isEmpty()) {
        scanCheckout(serving, client);
      } else {
        console.say("There are batches already, so nothing was scanned.");
      }
    }
    tell(serving.url(), serving.page(console));
    serving.await();
    return ExitCode.COMPLETE.code();
  }

  private Map<String, String> settings() throws IOException {
    Map<String, String> settings = new HashMap<>(environment.variables());
    String wanted = port == null ? environment.get("AUDIT_PORT") : port;
    settings.put("AUDIT_PORT", wanted == null ? Integer.toString(freePort()) : wanted);
    settings.putIfAbsent("AUDIT_MANAGEMENT_PORT", "0");
    settings.put("AUDIT_DATA", environment.dataDirectory(data).toString());
    return settings;
  }

  private static int freePort() throws IOException {
    for (int candidate = FIRST_PORT; candidate <= LAST_PORT; candidate++) {
      // Where others look for the health of a service, no interface should answer.
      if (candidate != MANAGEMENT_PORT && Serving.isFree(ADDRESS, candidate)) {
        return candidate;
      }
    }
    return 0;
  }

  private AuditCalls client(String url) throws IOException {
    String keyFile = environment.get("AUDIT_ADMIN_KEY_FILE");
    String key =
        keyFile == null
            ? ServiceOptions.readKey(environment.dataDirectory(data))
            : ServiceOptions.readKeyFile(environment.workingDirectory().resolve(keyFile));
    return AuditClient.builder().url(url).key(key).calls();
  }

  private void scanCheckout(Serving serving, AuditCalls client) {
    Path checkout =
        environment.checkout() == null ? environment.workingDirectory() : environment.checkout();
    BatchSpec spec = BatchSpec.builder().name("this checkout").table(TABLE).period(PERIOD).build();
    ScanEvents events =
        new ScanEvents(
            FileSelection.of(checkout, List.of(".")),
            DemoCommand::isIncluded,
            CsvNames.matching(CsvNames.DEFAULT_PATTERNS),
            CsvFormat.RFC_4180,
            new ScanProgress(console, System::nanoTime),
            Clock.systemUTC());
    Scan scan = new Scan(client, console);
    serving.beforeClosing(scan::stop);
    Snapshot batch = scan.run(spec, events);
    serving.beforeClosing(() -> {});
    console.say(
        "scanned this checkout: "
            + batch.status()
            + ", "
            + Figures.count(batch.totals().files().completed(), "file", "files")
            + ", "
            + Figures.size(batch.totals().bytes()));
  }

  /** Whether a file is part of the checkout itself: neither history nor anything built. */
  static boolean isIncluded(String name) {
    for (String part : name.split("/", -1)) {
      if (LEFT_OUT.contains(part)) {
        return false;
      }
    }
    return true;
  }

  private void tell(String url, String page) {
    String audit = (url.equals(ServiceOptions.DEFAULT_URL) ? "" : "AUDIT_URL=" + url + " ");
    audit += data == null ? "" : "AUDIT_DATA=" + data.toAbsolutePath() + " ";
    audit += "./audit ";
    console.say("");
    console.say("In another terminal:");
    console.say("  " + audit + "ls");
    console.say("  " + audit + "show " + TABLE + "@" + PERIOD);
    console.say("  " + audit + "files " + TABLE + "@" + PERIOD);
    console.say(
        "  curl -H \"Authorization: Bearer $(" + audit + "key)\" " + url + "/api/v1/batches");
    console.say("");
    console.say("The page: " + page);
    console.say("Ctrl-C ends it; the data is kept.");
  }
}
