package io.fileaudit.it.crash;

import io.fileaudit.it.crash.proxy.HttpProxy;
import io.fileaudit.it.crash.proxy.PostgresProxy;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.Cluster;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two services on one database. The first one owns the database and starts it again where it was
 * killed; the second one reaches it through a proxy, and may be of another build.
 */
final class Site implements AutoCloseable {
  /** A node that died keeps its batches from their verdicts for so long. */
  private static final String GRACE = "PT2S";

  private static final int LINES = 60;

  private static final String NUMBERED = "NOT EXISTS (SELECT FROM audit.log WHERE number IS NULL)";
  private static final String LOG =
      "SELECT batch, run, verdict::json ->> 'status' FROM audit.log WHERE verdict IS NOT NULL ORDER BY number";

  /**
   * What services are started with.
   *
   * @param sweep the pause between two sweeps of the first one
   * @param proxied whether clients reach the second one through a proxy, too
   * @param variables further variables for both
   */
  record Setup(String sweep, boolean proxied, Map<String, String> variables) {
    /** The first one sweeps rarely, so that most verdicts go through the proxy. */
    static final Setup SHORT = new Setup("PT2S", false, Map.of());
  }

  private final Setup setup;
  private final AuditHome home;
  private final AuditHome behindProxy;
  private final PostgresProxy proxy;
  private final HttpProxy front;
  private Map<String, String> ofSecond = Map.of();
  private volatile ServiceProcess owner;
  private volatile @Nullable ServiceProcess second;

  /** Starts the first service. */
  Site(Path folder) throws IOException, InterruptedException {
    this(folder, Setup.SHORT);
  }

  /** Starts the first service with that. */
  Site(Path folder, Setup setup) throws IOException, InterruptedException {
    this.setup = setup;
    this.home = new AuditHome(Files.createDirectories(folder.resolve("owner")));
    this.behindProxy = new AuditHome(Files.createDirectories(folder.resolve("second")));
    this.owner = serveOwner();
    this.proxy = new PostgresProxy(() -> home.cluster().port());
    this.front = new HttpProxy(this::portOfSecond);
  }

  private int portOfSecond() throws IOException {
    ServiceProcess present = second;
    if (present == null) {
      throw new IOException("there is no second service");
    }
    return URI.create(present.url()).getPort();
  }

  private ServiceProcess serveOwner() throws IOException, InterruptedException {
    Map<String, String> variables = new HashMap<>(setup.variables());
    variables.put("AUDIT_NODE", "first");
    variables.put("AUDIT_RECONNECT_GRACE", GRACE);
    variables.put("AUDIT_WATCHDOG_INTERVAL", setup.sweep());
    return home.serve(variables);
  }

  /** Starts the second service anew, with these classes before those of its jar. */
  void startSecond(@Nullable Path classes) throws IOException, InterruptedException {
    killSecond();
    behindProxy.putBefore(classes);
    restartSecond();
  }

  /** Starts the second service anew, now and from now on with these variables besides. */
  void startSecondWith(Map<String, String> variables) throws IOException, InterruptedException {
    killSecond();
    ofSecond = variables;
    restartSecond();
  }

  private void restartSecond() throws IOException, InterruptedException {
    Map<String, String> variables = new HashMap<>(setup.variables());
    variables.put("AUDIT_NODE", "second");
    variables.put("AUDIT_DB", home.cluster().url("audit_service", proxy.port()));
    variables.put("AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port()));
    variables.put("AUDIT_ADMIN_KEY_FILE", home.data().resolve("admin.key").toString());
    variables.put("AUDIT_SIGNING_KEY_FILE", home.data().resolve("signing.key").toString());
    variables.put("AUDIT_RECONNECT_GRACE", GRACE);
    variables.put("AUDIT_WATCHDOG_INTERVAL", "PT0.3S");
    variables.putAll(ofSecond);
    second = behindProxy.serve(variables);
  }

  Calls calls() throws IOException {
    return new Calls(home.key());
  }

  String key() throws IOException {
    return home.key();
  }

  /** Between the second service and the database. */
  PostgresProxy proxy() {
    return proxy;
  }

  /** Between clients and the second service. */
  HttpProxy front() {
    return front;
  }

  Cluster cluster() {
    return home.cluster();
  }

  String owner() {
    return owner.url();
  }

  String second() {
    ServiceProcess present = second;
    if (present == null) {
      return owner();
    }
    return setup.proxied() ? "http://127.0.0.1:" + front.port() : present.url();
  }

  /** Where loaders go that use both services. */
  List<String> both() {
    return List.of(owner(), second());
  }

  /** Where loaders go that use the second service only. */
  List<String> secondAlone() {
    return List.of(second());
  }

  /** The services that run. */
  List<ServiceProcess> services() {
    return Stream.of(owner, second).filter(service -> service != null).toList();
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

  /** As Ctrl-C does; does not wait. */
  void askSecondToEnd() {
    ServiceProcess present = second;
    if (present != null) {
      present.askToEnd();
    }
  }

  /** Stops it where it stands, with its connections open. */
  void freezeSecond() throws IOException, InterruptedException {
    ServiceProcess present = second;
    if (present != null) {
      present.freeze();
    }
  }

  /** Lets it go on. */
  void thawSecond() throws IOException, InterruptedException {
    ServiceProcess present = second;
    if (present != null) {
      present.thaw();
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

  /** Whether some transaction waits for another one. */
  boolean isLockWaitedFor() {
    return isTrue("EXISTS (SELECT FROM pg_locks WHERE NOT granted)");
  }

  /** Whether there is such a table and something in it. */
  boolean writes(String table) {
    return isTrue("to_regclass('" + table + "') IS NOT NULL")
        && isTrue("EXISTS (SELECT FROM " + table + ")");
  }

  private boolean isTrue(String condition) {
    return query("SELECT " + condition, row -> row.getBoolean(1)).get(0);
  }

  /** All decisions in the order of the log, as readers of the feed of all note them. */
  List<String> log() {
    Await.until("the log is numbered", () -> isTrue(NUMBERED));
    return query(LOG, row -> row.getString(1) + " " + row.getInt(2) + " " + row.getString(3));
  }

  /** What was signed of the log; nothing where nothing is signed. */
  List<String> seals() {
    return isTrue("to_regclass('audit.checkpoint') IS NOT NULL")
        ? query("SELECT note FROM audit.checkpoint ORDER BY size", row -> row.getString(1))
        : List.of();
  }

  /** The texts of the log's entries in the order of their numbers. */
  List<String> logBodies() {
    return query(
        "SELECT body FROM audit.log WHERE number IS NOT NULL ORDER BY number",
        row -> row.getString(1));
  }

  private interface Reading<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String sql, Reading<T> reading) {
    try (Connection connection = home.cluster().connect("audit_owner");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(reading.read(rows));
      }
      return all;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts again what does not run and waits until both services reach the database. */
  void heal(Calls calls) throws IOException, InterruptedException {
    proxy.awaitNone();
    proxy.speak();
    front.awaitNone();
    front.speak();
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
    front.close();
    proxy.close();
    home.close();
  }
}
