package io.fileaudit.r2dbc.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** The servers that the other tests build on. */
@Timeout(120)
class TestPostgresTest {
  private static final AtomicInteger migrations = new AtomicInteger();

  private static final Consumer<TestDatabase> MIGRATOR = TestPostgresTest::migrate;

  enum Server {
    EMBEDDED_18(18) {
      @Override
      TestPostgres start() {
        return TestPostgres.embedded18();
      }
    },
    EXTERNAL_15(15) {
      @Override
      TestPostgres start() {
        return TestPostgres.external15();
      }
    };

    private final int major;

    Server(int major) {
      this.major = major;
    }

    abstract TestPostgres start();
  }

  @ParameterizedTest
  @EnumSource
  void serverIsOfItsVersionAndStartedOnce(Server server) {
    assertThat(server.start().version()).startsWith(server.major + ".");
    assertThat(server.start()).isSameAs(server.start());
  }

  @ParameterizedTest
  @EnumSource
  void migratorRunsOnceAndEveryDatabaseHasWhatItMade(Server server) throws SQLException {
    TestPostgres postgres = server.start();
    try (TestDatabase first = postgres.freshDatabase(MIGRATOR)) {
      int before = migrations.get();
      asOwner(first, "INSERT INTO made VALUES (2)");
      try (TestDatabase second = postgres.freshDatabase(MIGRATOR)) {
        assertThat(second.name()).isNotEqualTo(first.name());
        assertThat(asService(first, "SELECT count(*) FROM made")).isEqualTo("2");
        assertThat(asService(second, "SELECT count(*) FROM made")).isEqualTo("1");
        assertThat(asService(second, "SHOW statement_timeout")).isEqualTo("17s");
        assertThat(asService(second, "SELECT has_database_privilege(current_database(), 'temp')"))
            .isEqualTo("t");
      }
      assertThat(migrations.get()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void unmigratedDatabaseGivesTheServiceRoleNothing(Server server) throws SQLException {
    try (TestDatabase database = server.start().freshDatabase()) {
      assertThat(asService(database, "SELECT current_user")).isEqualTo("audit_service");
      assertThat(asService(database, "SHOW server_encoding")).isEqualTo("UTF8");
      assertThatThrownBy(() -> asService(database, "CREATE TEMP TABLE t ()"))
          .hasMessageContaining("permission denied");
      assertThatThrownBy(() -> query(database, database.serviceUser(), "wrong", "SELECT 1"))
          .hasMessageContaining("password authentication failed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingDropsTheDatabaseUnderOpenConnections(Server server) throws SQLException {
    TestDatabase database = server.start().freshDatabase();
    try (Connection open =
        DriverManager.getConnection(
            database.jdbcUrl(), database.ownerUser(), database.ownerPassword())) {
      assertThat(open.isValid(5)).isTrue();
      database.close();
      assertThat(open.isValid(5)).isFalse();
    }
    assertThatThrownBy(() -> asService(database, "SELECT 1")).hasMessageContaining("not exist");
  }

  @ParameterizedTest
  @EnumSource
  void killedJvmLeavesNoServer(Server server) throws Exception {
    server.start(); // Else the child's failure would not be told from a missing installation.
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                StartAndWait.class.getName(),
                server.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = jvm.inputReader()) {
      String line = output.readLine();
      while (line != null && !line.startsWith("port ")) {
        line = output.readLine();
      }
      assertThat(line).as("the child's server").isNotNull();
      int port = Integer.parseInt(line.substring("port ".length()));
      assertThat(isListening(port)).isTrue();
      jvm.destroyForcibly();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (isListening(port) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(isListening(port)).isFalse();
    } finally {
      jvm.destroyForcibly();
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** A JVM with a server, to be killed. */
  static final class StartAndWait {
    private StartAndWait() {}

    public static void main(String[] arguments) throws IOException {
      System.out.println("port " + Server.valueOf(arguments[0]).start().port());
      while (System.in.read() >= 0) {
        // Until it is killed, or the test's process is.
      }
    }
  }

  @Test
  void missingVersionIsSkippedByName() {
    assertThat(ServerProcess.findInstalled(3)).isEmpty();
    assertThat(TestPostgres.missing(3, false))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("PostgreSQL 3 is not installed");
    assertThat(TestPostgres.missing(3, true)).isInstanceOf(IllegalStateException.class);
  }

  private static void migrate(TestDatabase database) {
    migrations.incrementAndGet();
    asOwner(
        database,
        "CREATE TABLE made (value int)",
        "INSERT INTO made VALUES (1)",
        "GRANT SELECT ON made TO audit_service",
        "GRANT TEMPORARY ON DATABASE " + database.name() + " TO audit_service",
        "ALTER DATABASE " + database.name() + " SET statement_timeout = '17s'");
  }

  private static void asOwner(TestDatabase database, String... statements) {
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.ownerUser(), database.ownerPassword());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String asService(TestDatabase database, String sql) throws SQLException {
    return query(database, database.serviceUser(), database.servicePassword(), sql);
  }

  private static String query(TestDatabase database, String user, String password, String sql)
      throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), user, password);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
