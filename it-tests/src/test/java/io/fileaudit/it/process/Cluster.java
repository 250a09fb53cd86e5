package io.fileaudit.it.process;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** The embedded PostgreSQL of a data directory, seen from outside the service. */
public final class Cluster {
  private static final Duration ORDERLY_END = Duration.ofSeconds(10);

  private static final double TICKS_A_SECOND = 100;

  private final Path home;

  Cluster(Path data) {
    this.home = data.resolve("postgresql");
  }

  /** Connects with the password of that role from the credentials file. */
  public Connection connect(String role) throws IOException, SQLException {
    return connect(role, "");
  }

  /** The same with parameters of the driver, as in {@code reWriteBatchedInserts=true}. */
  public Connection connect(String role, String parameters) throws IOException, SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/audit?" + parameters, role, password(role));
  }

  private String password(String role) throws IOException {
    Properties passwords = new Properties();
    try (Reader reader = Files.newBufferedReader(home.resolve("credentials"))) {
      passwords.load(reader);
    }
    return passwords.getProperty(role);
  }

  /** The port that the server was last started on. */
  public int port() throws IOException {
    return Integer.parseInt(Files.readString(home.resolve("port")).strip());
  }

  /** The address of the database for a service, with the password of that role. */
  public String url(String role, int port) throws IOException {
    return "postgresql://%s:%s@127.0.0.1:%d/audit?sslmode=disable"
        .formatted(role, password(role), port);
  }

  /** Sends SIGKILL to the postmaster alone, as an out-of-memory killer may; does not wait. */
  public void killPostmaster() throws IOException {
    postmaster().orElseThrow().destroyForcibly();
  }

  /** Sends SIGKILL to the postmaster first and then to all its processes; does not wait. */
  public void killAtOnce() throws IOException {
    killPostmaster();
    processes().forEach(ProcessHandle::destroyForcibly);
  }

  /** Stops all its processes where they stand, the postmaster first. */
  public void freeze() throws IOException, InterruptedException {
    Signals.send("STOP", List.of(postmaster().orElseThrow()));
    Signals.send("STOP", processes());
  }

  /** Lets all go on that were stopped. */
  public void thaw() throws IOException, InterruptedException {
    Signals.send("CONT", processes());
  }

  /** Sends SIGKILL to one process that serves the role; does not wait. */
  public void killBackend(String role) throws IOException, SQLException {
    try (Connection connection = connect("audit_owner");
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT pid FROM pg_stat_activity WHERE usename = ? ORDER BY random() LIMIT 1")) {
      statement.setString(1, role);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("no process serves " + role);
        }
        ProcessHandle.of(row.getLong(1)).orElseThrow().destroyForcibly();
      }
    }
  }

  /** Lets every start fail from now on, by a setting that the server cannot read. */
  public void preventStart() throws IOException {
    Files.writeString(localSettings(), "shared_buffers = 'much'\n");
  }

  /** Takes that setting away where it was made. */
  public void allowStart() throws IOException {
    Files.deleteIfExists(localSettings());
  }

  private Path localSettings() {
    return home.resolve("data").resolve("local.conf");
  }

  /** Waits until no process of a server on this cluster is left. */
  public void awaitGone() {
    List<ProcessHandle> left = processes();
    if (!left.isEmpty()) {
      Ends.await(left.get(0), () -> processes().isEmpty());
    }
  }

  /** The process number of the living postmaster. */
  public long postmasterPid() throws IOException {
    return postmaster().orElseThrow().pid();
  }

  private Optional<ProcessHandle> postmaster() throws IOException {
    Path file = home.resolve("data").resolve("postmaster.pid");
    long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
    return processes().stream().filter(process -> process.pid() == pid).findFirst();
  }

  /** The living processes of servers on this cluster, which are those that work in its folder. */
  public List<ProcessHandle> processes() {
    if (!Files.isDirectory(home.resolve("data"))) {
      return List.of();
    }
    return ProcessHandle.allProcesses().filter(this::isOwn).toList();
  }

  /**
   * The processor time that the server has used so far, in seconds, with that of its processes that
   * have ended since; reads {@code /proc}.
   */
  public double cpuSeconds() throws IOException {
    long ended = 0;
    long ticks = 0;
    long postmaster = postmasterPid();
    for (ProcessHandle process : processes()) {
      Path file = Path.of("/proc/" + process.pid() + "/stat");
      // Behind the name, which may have spaces, the third field comes first: see proc(5).
      String stat = Files.readString(file);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      if (process.pid() == postmaster) {
        ended = Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
      }
    }
    return (ticks + ended) / TICKS_A_SECOND;
  }

  private boolean isOwn(ProcessHandle process) {
    if (process.info().command().filter(command -> command.endsWith("/postgres")).isEmpty()) {
      return false;
    }
    Path folder = home.resolve("data");
    Path workingDirectory = Path.of("/proc/" + process.pid() + "/cwd");
    if (!Files.isSymbolicLink(workingDirectory)) {
      return process.info().commandLine().filter(line -> line.contains("" + folder)).isPresent();
    }
    try {
      return workingDirectory.toRealPath().equals(folder.toRealPath());
    } catch (IOException e) {
      return false; // It has ended, or is another user's.
    }
  }

  /** Ends what runs on the cluster: in order where it does so soon, else by SIGKILL. */
  void stop() {
    List<ProcessHandle> left = processes();
    if (left.isEmpty()) {
      return;
    }
    ProcessHandle any = left.get(0);
    try {
      postmaster().ifPresent(ProcessHandle::destroy);
    } catch (IOException e) {
      left.forEach(ProcessHandle::destroyForcibly); // Of a server that is gone.
    }
    if (!Ends.holdsSoon(any, () -> processes().isEmpty(), ORDERLY_END)) {
      processes().forEach(ProcessHandle::destroyForcibly);
      Ends.await(any, () -> processes().isEmpty());
    }
  }
}
