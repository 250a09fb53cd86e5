package io.fileaudit.it.crash;

import io.fileaudit.it.crash.proxy.PostgresProxy;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two services on one database. The first one owns the database and starts it again where it was
 * killed; the second one reaches it through a proxy, and may be of another build.
 */
final class Site implements AutoCloseable {
  /** A node that died keeps its batches from their verdicts for so long. */
  private static final String GRACE = "PT2S";

  private static final int LINES = 60;

  private final AuditHome home;
  private final AuditHome behindProxy;
  private final PostgresProxy proxy;
  private volatile ServiceProcess owner;
  private volatile @Nullable ServiceProcess second;

  /** Starts the first service. */
  Site(Path folder) throws IOException, InterruptedException {
    this.home = new AuditHome(Files.createDirectories(folder.resolve("owner")));
    this.behindProxy = new AuditHome(Files.createDirectories(folder.resolve("second")));
    this.owner = serveOwner();
    this.proxy = new PostgresProxy(() -> home.cluster().port());
  }

  /** It sweeps rarely, so that most verdicts go through the proxy. */
  private ServiceProcess serveOwner() throws IOException, InterruptedException {
    return home.serve(Map.of("AUDIT_RECONNECT_GRACE", GRACE, "AUDIT_WATCHDOG_INTERVAL", "PT2S"));
  }

  /** Starts the second service anew, with these classes before those of its jar. */
  void startSecond(@Nullable Path classes) throws IOException, InterruptedException {
    killSecond();
    behindProxy.putBefore(classes);
    restartSecond();
  }

  private void restartSecond() throws IOException, InterruptedException {
    second =
        behindProxy.serve(
            Map.of(
                "AUDIT_DB", home.cluster().url("audit_service", proxy.port()),
                "AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port()),
                "AUDIT_ADMIN_KEY_FILE", home.data().resolve("admin.key").toString(),
                "AUDIT_RECONNECT_GRACE", GRACE,
                "AUDIT_WATCHDOG_INTERVAL", "PT0.3S"));
  }

  Calls calls() throws IOException {
    return new Calls(home.key());
  }

  PostgresProxy proxy() {
    return proxy;
  }

  String owner() {
    return owner.url();
  }

  String second() {
    ServiceProcess present = second;
    return present == null ? owner() : present.url();
  }

  /** Where loaders go that use both services. */
  List<String> both() {
    return List.of(owner(), second());
  }

  /** Where loaders go that use the second service only. */
  List<String> secondAlone() {
    return List.of(second());
  }

  void killOwner() {
    owner.kill();
  }

  void killSecond() {
    ServiceProcess present = second;
    if (present != null) {
      present.kill();
    }
  }

  /** As an out-of-memory killer may: the postmaster alone, whose processes then end as well. */
  void killPostmaster() throws IOException {
    List<ProcessHandle> all = database();
    home.cluster().killPostmaster();
    Await.until("the database is gone", () -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** The processes of the database, to be killed at one moment. */
  List<ProcessHandle> database() {
    return home.cluster().processes();
  }

  /** Starts again what does not run and waits until both services reach the database. */
  void heal(Calls calls) throws IOException, InterruptedException {
    proxy.awaitNone();
    proxy.speak();
    if (!owner.isAlive()) {
      owner = serveOwner();
    }
    Await.until("the first service answers", () -> calls.answers(owner()));
    ServiceProcess present = second;
    if (present != null && !present.isAlive()) {
      restartSecond();
    }
    Await.until("the second service answers", () -> calls.answers(second()));
  }

  /** The last that each service printed, for messages of tests. */
  String said() {
    ServiceProcess present = second;
    return "first: " + lastOf(owner) + "\nsecond: " + (present == null ? "" : lastOf(present));
  }

  private static String lastOf(ServiceProcess service) {
    List<String> lines =
        service
            .said()
            .lines()
            .filter(line -> !line.startsWith("\tat ") && !line.contains("io.fileaudit.verdicts"))
            .toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }

  @Override
  public void close() throws IOException {
    behindProxy.close();
    proxy.close();
    home.close();
  }
}
