package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.r2dbc.load.PostgresLoadTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Serves, and loads made-up files of the company register, so that there is something to look at.
 */
@Command(
    name = "demo",
    description = {
      "Serve like `audit serve`, and load three tables of a made-up month of the Brazilian company",
      "register: one completes, one has failures, one falls silent and is timed out.",
      "Goes on serving until Ctrl-C; the data is kept."
    },
    footer = {"", "Examples:", "  audit demo", "  audit demo --data /tmp/try --scale 50"})
final class DemoCommand implements Callable<Integer> {
  private static final String ADDRESS = "127.0.0.1";
  private static final int FIRST_PORT = 8080;
  private static final int LAST_PORT = 8099;
  private static final int MANAGEMENT_PORT = 8081;

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

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = "how many times smaller than the register (default: ${DEFAULT-VALUE})")
  private int scale = 500;

  @Option(
      names = "--idle",
      paramLabel = "TIME",
      description = "after what silence a batch is ended (default: ${DEFAULT-VALUE})")
  private String idle = "PT20S";

  @Option(names = "--exit", description = "end after the third verdict")
  private boolean exit;

  DemoCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration silence = silence();
    console.say("starting, which takes a little longer for the first time ...");
    Serving serving = Serving.start(settings());
    console.say("serving on " + serving.url() + "/api/v1");
    console.say("data in    " + environment.dataDirectory(data).toAbsolutePath().normalize());
    console.say("health     " + serving.health());
    try (AuditClient client = client(serving.url())) {
      if (Waiting.on(client.calls().batches(BatchFilter.all().withPageSize(1), null))
          .items()
          .isEmpty()) {
        Demo demo =
            new Demo(
                client,
                PostgresLoadTarget.to(serving.databaseOwner()),
                console,
                environment.dataDirectory(data).resolve("demo"),
                scale,
                silence);
        serving.beforeClosing(demo::stop);
        console.say("the page  " + serving.page(console));
        demo.run();
        serving.beforeClosing(() -> {});
      } else {
        console.say("There are batches already, so nothing was loaded.");
      }
    }
    tell(serving.url(), serving.page(console));
    if (!exit) {
      console.say("Ctrl-C ends it; the data is kept.");
      serving.await();
    }
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

  private AuditClient client(String url) throws IOException {
    String keyFile = environment.get("AUDIT_ADMIN_KEY_FILE");
    String key =
        keyFile == null
            ? ServiceOptions.readKey(environment.dataDirectory(data))
            : ServiceOptions.readKeyFile(environment.workingDirectory().resolve(keyFile));
    return AuditClient.builder().url(url).key(key).build();
  }

  private Duration silence() {
    if (scale < 1) {
      throw new CommandException(ExitCode.USAGE, "--scale is " + scale + ", expected 1 or more");
    }
    try {
      return Duration.parse(idle);
    } catch (DateTimeParseException e) {
      throw new CommandException(
          ExitCode.USAGE, "--idle is \"" + idle + "\", expected a duration such as PT20S");
    }
  }

  private void tell(String url, String page) {
    String audit = (url.equals(ServiceOptions.DEFAULT_URL) ? "" : "AUDIT_URL=" + url + " ");
    audit += data == null ? "" : "AUDIT_DATA=" + data.toAbsolutePath() + " ";
    audit += "./audit ";
    console.say("");
    console.say("In another terminal:");
    console.say("  " + audit + "ls");
    console.say("  " + audit + "show estabelecimento@2024-05");
    console.say("  " + audit + "files socios@2024-05 --failed");
    console.say(
        "  curl -H \"Authorization: Bearer $(" + audit + "key)\" " + url + "/api/v1/batches");
    console.say("");
    console.say("The page: " + page);
  }
}
