package io.fileaudit.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts, stops, kills and damages real servers. */
@Timeout(60)
class EmbeddedDatabaseTest {
  @TempDir static Path shared;

  /** A data directory that was used once; every test works on a copy, which is made sooner. */
  private static Path used;

  private static Path programs;

  @TempDir Path parent;

  @BeforeAll
  static void startForTheFirstTime() {
    programs = shared.resolve("programs");
    used = shared.resolve("audit");
    EmbeddedDatabase.start(new EmbeddedDatabaseOptions(used, 0, programs)).close();
  }

  @BeforeEach
  void copyUsedDirectory() throws Exception {
    Process copy =
        new ProcessBuilder("cp", "-a", used.toString(), parent.toString()).inheritIO().start();
    assertThat(copy.waitFor()).isZero();
  }

  @AfterEach
  void noServerIsLeft() throws IOException {
    if (Files.exists(cluster())) {
      Optional<ProcessHandle> server = server();
      server.ifPresent(EmbeddedDatabaseTest::kill);
      assertThat(server).as("server left by the test").isEmpty();
    }
  }

  @Test
  void dataPortAndPasswordsOutliveARestart() throws Exception {
    int port;
    String password;
    try (EmbeddedDatabase database = start()) {
      port = database.port();
      password = database.ownerPassword();
      write(database, "kept");
    }
    long began = System.nanoTime();
    try (EmbeddedDatabase database = start()) {
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      assertThat(database.port()).isEqualTo(port);
      assertThat(database.ownerPassword()).isEqualTo(password);
      assertThat(read(database)).containsExactly("kept");
    }
  }

  @Test
  void commitsAreDurableAndOnlyThisMachineIsServed() throws Exception {
    try (EmbeddedDatabase database = start()) {
      assertThat(shown(database, "fsync")).isEqualTo("on");
      assertThat(shown(database, "synchronous_commit")).isEqualTo("on");
      assertThat(shown(database, "full_page_writes")).isEqualTo("on");
      assertThat(shown(database, "data_checksums")).isEqualTo("on");
      assertThat(shown(database, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(Files.readAllLines(cluster().resolve("postmaster.pid")).get(4))
          .as("its Unix socket's directory")
          .isEmpty();
      assertThat(shown(database, "server_encoding")).isEqualTo("UTF8");
      assertThat(database.host()).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void passwordsAreNeededAndStayPrivate() throws Exception {
    try (EmbeddedDatabase database = start()) {
      for (String user : List.of("postgres", "audit_owner", "audit_service")) {
        assertThatThrownBy(() -> connect(database, "audit", user, "wrong").close())
            .isInstanceOf(SQLException.class)
            .extracting(e -> ((SQLException) e).getSQLState())
            .isEqualTo("28P01");
      }
      Path credentials = home().resolve("credentials");
      assertThat(Files.readString(credentials)).contains(database.servicePassword());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(credentials)))
          .isEqualTo("rw-------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home())))
          .isEqualTo("rwx------");
      assertThat(database.ownerPassword()).hasSize(43).isNotEqualTo(database.servicePassword());
      assertThat(database.toString())
          .doesNotContain(database.ownerPassword(), database.servicePassword());
    }
  }

  @Test
  void serviceRoleMayConnectAndNoMore() throws Exception {
    try (EmbeddedDatabase database = start()) {
      write(database, "secret");
      try (Connection connection = service(database);
          Statement statement = connection.createStatement()) {
        for (String refused :
            List.of(
                "SELECT * FROM kept",
                "CREATE TABLE mine (a int)",
                "CREATE TEMP TABLE mine (a int)",
                "CREATE ROLE mine")) {
          assertThatThrownBy(() -> statement.execute(refused))
              .as(refused)
              .isInstanceOf(SQLException.class)
              .extracting(e -> ((SQLException) e).getSQLState())
              .isEqualTo("42501");
        }
      }
      assertThatThrownBy(
              () ->
                  connect(database, "postgres", database.serviceUser(), database.servicePassword())
                      .close())
          .hasMessageContaining("permission denied for database");
    }
  }

  @Test
  void secondServiceOnTheDirectoryIsRefusedByPid() throws Exception {
    try (EmbeddedDatabase first = start()) {
      EmbeddedDatabaseException.InUse refused =
          catchThrowableOfType(EmbeddedDatabaseException.InUse.class, this::start);
      assertThat(refused.pid()).hasValue(ProcessHandle.current().pid());
      assertThat(refused).hasMessageContaining(home().toRealPath().toString());

      // A refused attempt in the same process must not have given the lock away.
      try (OtherService other = OtherService.on(options(0))) {
        assertThat(other.answer()).isEqualTo("InUse");
      }
      assertThat(shown(first, "fsync")).isEqualTo("on");
    }
  }

  @Test
  void killedServiceIsSucceededAndItsServerReplaced() throws Exception {
    long oldServer;
    try (OtherService other = OtherService.on(options(0))) {
      assertThat(other.answer()).startsWith("started");
      EmbeddedDatabaseException.InUse refused =
          catchThrowableOfType(EmbeddedDatabaseException.InUse.class, this::start);
      assertThat(refused.pid()).hasValue(other.pid());
      assertThat(refused).hasMessageContaining("process " + other.pid());

      oldServer = server().orElseThrow().pid();
      other.kill();
    }
    assertThat(server().map(ProcessHandle::pid)).as("left running").hasValue(oldServer);
    try (EmbeddedDatabase database = start()) {
      assertThat(server().orElseThrow().pid()).isNotEqualTo(oldServer);
      assertThat(isRunning(oldServer)).isFalse();
      write(database, "new service");
      assertThat(read(database)).containsExactly("new service");
    }
  }

  @Test
  void killedServerLosesNothingCommitted() throws Exception {
    try (EmbeddedDatabase database = start()) {
      write(database, "committed");
      kill(server().orElseThrow());
      database.close();
      try (EmbeddedDatabase again = start()) {
        assertThat(read(again)).containsExactly("committed");
      }
    }
  }

  @Test
  void killedServerIsStartedAgainOnItsPort() throws Exception {
    try (EmbeddedDatabase database = start()) {
      write(database, "committed");
      ProcessHandle killed = server().orElseThrow();
      kill(killed);
      awaitServerOtherThan(killed.pid(), database);
      assertThat(read(database)).containsExactly("committed");
      assertThat(shown(database, "fsync")).isEqualTo("on");
    }
    assertThat(server()).as("after closing").isEmpty();
  }

  @Test
  void serverThatCannotBeStartedAgainIsTriedUntilItCan() throws Exception {
    Path local = cluster().resolve("local.conf");
    try (EmbeddedDatabase database = start()) {
      write(database, "committed");
      Files.writeString(local, "shared_buffers = 'much'\n");
      ProcessHandle killed = server().orElseThrow();
      kill(killed);
      awaitLogged("shared_buffers");
      Files.delete(local);
      awaitServerOtherThan(killed.pid(), database);
      assertThat(read(database)).containsExactly("committed");
    }
  }

  @Test
  void closingWhileTheServerIsDownStartsNone() throws Exception {
    try (EmbeddedDatabase database = start()) {
      kill(server().orElseThrow());
      database.close();
      assertThat(server()).isEmpty();
    }
    start().close();
  }

  @Test
  void strangerNamedInPostmasterPidIsLeftAlone() throws Exception {
    List<String> lines;
    try (EmbeddedDatabase database = start()) {
      write(database, "kept");
      lines = new ArrayList<>(Files.readAllLines(cluster().resolve("postmaster.pid")));
    }
    Process stranger = new ProcessBuilder("sleep", "60").start();
    try {
      lines.set(0, Long.toString(stranger.pid()));
      Files.write(cluster().resolve("postmaster.pid"), lines);
      try (EmbeddedDatabase database = start()) {
        assertThat(read(database)).containsExactly("kept");
      }
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly().waitFor();
    }
  }

  @Test
  void postmasterPidOfAVanishedServerDoesNotHinder() throws Exception {
    Files.writeString(cluster().resolve("postmaster.pid"), "");
    start().close();
    Files.writeString(cluster().resolve("postmaster.pid"), Integer.MAX_VALUE + "\n");
    try (EmbeddedDatabase database = start()) {
      assertThat(shown(database, "fsync")).isEqualTo("on");
    }
  }

  @Test
  void dataOfAnotherVersionIsRefusedNamingBoth() throws Exception {
    Files.writeString(cluster().resolve("PG_VERSION"), "17\n");
    EmbeddedDatabaseException.VersionMismatch refused =
        catchThrowableOfType(EmbeddedDatabaseException.VersionMismatch.class, this::start);
    assertThat(refused.found()).isEqualTo("17");
    assertThat(refused.needed()).isEqualTo("18");
    assertThat(refused).hasMessageContainingAll("PostgreSQL 17", "PostgreSQL 18");
  }

  @Test
  void settingsThatLoseCommitsAreRefusedAndNothingIsLeftRunning() throws Exception {
    Path outranking = cluster().resolve("postgresql.auto.conf");
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      Files.writeString(outranking, setting + " = off\n");
      EmbeddedDatabaseException.UnsafeSetting refused =
          catchThrowableOfType(EmbeddedDatabaseException.UnsafeSetting.class, this::start);
      assertThat(refused.setting()).isEqualTo(setting);
      assertThat(refused.value()).isEqualTo("off");
      assertThat(server()).isEmpty();
    }
    Files.writeString(outranking, "");
    start().close();
  }

  @Test
  void localSettingsTuneButDoNotWeaken() throws Exception {
    Files.writeString(
        cluster().resolve("local.conf"),
        "work_mem = 11MB\nfsync = off\nlisten_addresses = '*'\n",
        StandardOpenOption.CREATE_NEW);
    try (EmbeddedDatabase database = start()) {
      assertThat(shown(database, "work_mem")).isEqualTo("11MB");
      assertThat(shown(database, "fsync")).isEqualTo("on");
      assertThat(shown(database, "listen_addresses")).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void rememberedPortGivesWayToAStrangerButAnAskedOneDoesNot() throws Exception {
    int first;
    try (EmbeddedDatabase database = start()) {
      first = database.port();
    }
    int second;
    try (ServerSocket stranger = taking(first)) {
      try (EmbeddedDatabase database = start()) {
        second = database.port();
        assertThat(second).isNotEqualTo(first);
      }
      EmbeddedDatabaseException.PortTaken refused =
          catchThrowableOfType(
              EmbeddedDatabaseException.PortTaken.class,
              () -> EmbeddedDatabase.start(options(stranger.getLocalPort())));
      assertThat(refused.port()).isEqualTo(first);
    }
    try (EmbeddedDatabase database = EmbeddedDatabase.start(options(first))) {
      assertThat(database.port()).isEqualTo(first);
    }
    try (EmbeddedDatabase database = start()) {
      assertThat(database.port()).as("the port asked for is remembered").isEqualTo(first);
    }
  }

  @Test
  void firstStartMakesEverythingWhateverThePathIsCalled() throws Exception {
    EmbeddedDatabaseOptions odd =
        new EmbeddedDatabaseOptions(parent.resolve("it's a place"), 0, programs);
    try (EmbeddedDatabase database = EmbeddedDatabase.start(odd)) {
      assertThat(shown(database, "fsync")).isEqualTo("on");
    }
    assertThatThrownBy(() -> new EmbeddedDatabaseOptions(parent.resolve("a$b"), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a$b");
  }

  @Test
  void lostPasswordsAreNamedRatherThanReplaced() throws Exception {
    Files.delete(home().resolve("credentials"));
    assertThatThrownBy(this::start)
        .isInstanceOf(EmbeddedDatabaseException.class)
        .hasMessageContaining("credentials");
    assertThat(home().resolve("credentials")).doesNotExist();
  }

  @Test
  void failedStartSaysWhatTheServerSaid() throws Exception {
    Files.writeString(cluster().resolve("local.conf"), "shared_buffers = 'much'\n");
    assertThatThrownBy(this::start)
        .isInstanceOf(EmbeddedDatabaseException.class)
        .hasMessageContaining("shared_buffers");
  }

  private EmbeddedDatabase start() {
    return EmbeddedDatabase.start(options(0));
  }

  private EmbeddedDatabaseOptions options(int port) {
    return new EmbeddedDatabaseOptions(parent.resolve("audit"), port, programs);
  }

  private Path home() {
    return parent.resolve("audit").resolve("postgresql");
  }

  private Path cluster() {
    return home().resolve("data");
  }

  private Optional<ProcessHandle> server() throws IOException {
    return new PostmasterFile(cluster()).server();
  }

  /** A process that has ended but was not collected by its parent has no command any more. */
  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).flatMap(process -> process.info().command()).isPresent();
  }

  private static void kill(ProcessHandle server) {
    long pid = server.pid();
    server.destroyForcibly();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (isRunning(pid) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(isRunning(pid)).isFalse();
  }

  /** Until another server has started whole: its file, made anew, says so in its last line. */
  private void awaitServerOtherThan(long pid, EmbeddedDatabase database) throws IOException {
    await(
        () -> {
          List<String> lines = linesIfThere(cluster().resolve("postmaster.pid"));
          boolean other = !lines.isEmpty() && !lines.get(0).strip().equals(Long.toString(pid));
          return other && server().isPresent() && takesConnections(database);
        });
  }

  private static boolean takesConnections(EmbeddedDatabase database) {
    try (Connection connection = owner(database)) {
      return connection.isValid(10);
    } catch (SQLException e) {
      return false;
    }
  }

  private static List<String> linesIfThere(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private void awaitLogged(String text) throws IOException {
    Path log = home().resolve("log").resolve("start.log");
    await(() -> Files.exists(log) && Files.readString(log).contains(text));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("it does not come to hold").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static ServerSocket taking(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  private static void write(EmbeddedDatabase database, String value) throws SQLException {
    try (Connection connection = owner(database);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept (value text)");
      statement.execute("INSERT INTO kept VALUES ('" + value + "')");
    }
  }

  private static List<String> read(EmbeddedDatabase database) throws SQLException {
    try (Connection connection = owner(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT value FROM kept")) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  private static String shown(EmbeddedDatabase database, String setting) throws SQLException {
    try (Connection connection = service(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      return row.getString(1);
    }
  }

  private static Connection owner(EmbeddedDatabase database) throws SQLException {
    return connect(database, database.database(), database.ownerUser(), database.ownerPassword());
  }

  private static Connection service(EmbeddedDatabase database) throws SQLException {
    return connect(
        database, database.database(), database.serviceUser(), database.servicePassword());
  }

  private static Connection connect(
      EmbeddedDatabase database, String name, String user, String password) throws SQLException {
    String url = "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + name;
    return DriverManager.getConnection(url, user, password);
  }
}
