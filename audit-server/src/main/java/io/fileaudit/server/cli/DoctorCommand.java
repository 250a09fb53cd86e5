package io.fileaudit.server.cli;

import io.fileaudit.api.access.Identity;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Looks at everything on the way to the service, and says of each step whether it works. */
@Command(
    name = "doctor",
    description = {
      "Look at the way to the service: address, proxies, connection, TLS, key, rights, clocks.",
      "Each line is ok, warn or fail; a warning does not change the exit code."
    },
    footer = {
      "",
      "Examples:",
      "  audit doctor",
      "  AUDIT_URL=https://audit.example AUDIT_KEY=… audit doctor -o json"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int CONNECT_MILLIS = 5_000;
  private static final Duration NOTICED = Duration.ofSeconds(2);
  private static final Duration REFUSED = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofDays(14);
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
  private static final List<String> PROXIES =
      List.of("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy");
  private static final List<Column<Diagnosis>> COLUMNS =
      List.of(
          Column.text("result", found -> found.result().word()),
          Column.text("check", Diagnosis::check),
          Column.text("said", Diagnosis::said));

  private final Console console;
  private final Environment environment;
  private final Clock clock;
  private final List<Diagnosis> found = new ArrayList<>();

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final OutputOption output = new OutputOption();

  DoctorCommand(Console console, Environment environment) {
    this(console, environment, Clock.systemUTC());
  }

  DoctorCommand(Console console, Environment environment, Clock clock) {
    this.console = console;
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Integer call() {
    String address = service.address(environment);
    found.add(Diagnosis.ok("address", address));
    proxies();
    key();
    try (AuditCalls client = service.client(environment)) {
      if (isConnected(URI.create(address))) {
        client(client);
      }
    } catch (CommandException e) {
      found.add(Diagnosis.fail("client", e));
    }
    ListPrinter<Diagnosis> list = new ListPrinter<>(console, output.format(), COLUMNS, COLUMNS);
    found.forEach(list::print);
    list.finish();
    return found.stream()
        .map(Diagnosis::exitCode)
        .filter(code -> code != ExitCode.COMPLETE)
        .findFirst()
        .orElse(ExitCode.COMPLETE)
        .code();
  }

  private void proxies() {
    List<String> set = PROXIES.stream().filter(name -> environment.get(name) != null).toList();
    found.add(
        set.isEmpty()
            ? Diagnosis.ok("proxies", "none in the environment")
            : Diagnosis.warn(
                "proxies",
                String.join(", ", set) + " is set and not used: audit goes to the address itself"));
  }

  private void key() {
    if (environment.get("AUDIT_KEY") != null) {
      found.add(Diagnosis.ok("key", "of AUDIT_KEY"));
      return;
    }
    Path file = service.keyFile(environment);
    try {
      Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(file);
      found.add(
          allowed.stream().anyMatch(OTHERS::contains)
              ? Diagnosis.warn("key", "of " + file + ", which others may read")
              : Diagnosis.ok("key", "of " + file));
    } catch (IOException | UnsupportedOperationException e) {
      if (Files.exists(file)) {
        found.add(Diagnosis.ok("key", "of " + file));
      } // Else what makes the client says what is missing.
    }
  }

  private boolean isConnected(URI address) {
    boolean encrypted = "https".equalsIgnoreCase(address.getScheme());
    int port = address.getPort() >= 0 ? address.getPort() : encrypted ? 443 : 80;
    InetSocketAddress target = new InetSocketAddress(address.getHost(), port);
    if (target.isUnresolved()) {
      found.add(
          Diagnosis.fail(
              "connection",
              "the name " + address.getHost() + " is not known",
              ExitCode.UNREACHABLE));
      return false;
    }
    long begun = System.nanoTime();
    try (Socket socket = new Socket()) {
      socket.connect(target, CONNECT_MILLIS);
      long millis = (System.nanoTime() - begun) / 1_000_000;
      found.add(
          Diagnosis.ok(
              "connection",
              target.getAddress().getHostAddress() + " port " + port + " in " + millis + " ms"));
    } catch (IOException e) {
      found.add(
          Diagnosis.fail(
              "connection",
              target.getAddress().getHostAddress() + " port " + port + ": " + e.getMessage(),
              ExitCode.UNREACHABLE));
      return false;
    }
    if (encrypted) {
      found.add(ShownCertificate.look(target, address.getHost(), clock.instant(), SOON));
    } else {
      found.add(
          ServiceOptions.isOwnMachine(address.toString())
              ? Diagnosis.ok("tls", "none, and none is needed on this machine")
              : Diagnosis.warn("tls", "none: AUDIT_ALLOW_INSECURE sends the key in clear"));
    }
    return true;
  }

  private void client(AuditCalls client) {
    Identity identity;
    try {
      identity = Waiting.on(client.identity());
    } catch (RuntimeException e) {
      found.add(Diagnosis.fail("identity", e));
      return;
    }
    found.add(
        Diagnosis.ok(
            "identity",
            identity.name()
                + ", namespace "
                + identity.namespace()
                + " of "
                + String.join(", ", identity.namespaces())));
    found.add(
        identity.scopes().isEmpty()
            ? Diagnosis.warn("scopes", "none")
            : Diagnosis.ok("scopes", String.join(", ", identity.scopes())));
    Instant expires = identity.expiresAt();
    if (expires != null) {
      String until = "until " + expires;
      found.add(
          expires.isBefore(clock.instant().plus(SOON))
              ? Diagnosis.warn("expiry", until)
              : Diagnosis.ok("expiry", until));
    }
    if (identity.scopes().contains("read")) {
      clocks(client);
    }
  }

  /** Loaders say when something happened; a clock that is ahead by more than an hour is refused. */
  private void clocks(AuditCalls client) {
    try {
      Instant before = clock.instant();
      List<Snapshot> newest =
          Waiting.on(client.batches(BatchFilter.all().withPageSize(1), null)).items();
      Instant after = clock.instant();
      if (newest.isEmpty()) {
        found.add(Diagnosis.warn("clock", "not compared: there is no batch yet that tells one"));
        return;
      }
      Instant here = before.plus(Duration.between(before, after).dividedBy(2));
      found.add(clock(Duration.between(newest.get(0).now(), here)));
    } catch (RuntimeException e) {
      found.add(Diagnosis.fail("clock", e));
    }
  }

  /** By how much this machine's clock is ahead of the service's. */
  static Diagnosis clock(Duration ahead) {
    String said =
        "this machine's is "
            + Figures.seconds(Math.abs(ahead.toMillis() / 1e3))
            + (ahead.isNegative() ? " behind" : " ahead of")
            + " the service's";
    if (ahead.compareTo(REFUSED) > 0) {
      return Diagnosis.fail("clock", said + ": events with its times are refused", ExitCode.USAGE);
    }
    return ahead.abs().compareTo(NOTICED) > 0
        ? Diagnosis.warn("clock", said)
        : Diagnosis.ok("clock", said);
  }
}
