package io.fileaudit.r2dbc.test;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server for tests: started once per JVM when first asked for, stopped when the JVM
 * ends, however it ends. It runs without fsync, so it is no place to test durability. Thread-safe.
 *
 * <p>A store's test asks for {@code freshDatabase(MIGRATOR)}: the migrator runs once per server,
 * and each test then gets a copy of what it made.
 */
public final class TestPostgres {
  static final String HOST = "127.0.0.1";
  static final String ADMIN = "postgres";
  static final String OWNER = "audit_owner";
  static final String OWNER_PASSWORD = "the owner of tests";
  static final String SERVICE = "audit_service";
  static final String SERVICE_PASSWORD = "the service of tests";

  private static final String VARIABLE = "AUDIT_TEST_POSTGRES15";

  private static @Nullable TestPostgres embedded18;
  private static @Nullable TestPostgres external15;

  private final int port;
  private final Connection admin;
  private final String version;
  private final Map<Consumer<TestDatabase>, String> templates = new HashMap<>();
  private int databases;

  private TestPostgres(int port) {
    this.port = port;
    try {
      String url = "jdbc:postgresql://" + HOST + ":" + port + "/postgres";
      admin = DriverManager.getConnection(url, ADMIN, "");
      try (Statement statement = admin.createStatement();
          ResultSet row = statement.executeQuery("SHOW server_version")) {
        row.next();
        version = row.getString(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the PostgreSQL just started cannot be used", e);
    }
    execute("CREATE ROLE " + OWNER + " LOGIN PASSWORD '" + OWNER_PASSWORD + "'");
    execute("CREATE ROLE " + SERVICE + " LOGIN PASSWORD '" + SERVICE_PASSWORD + "'");
  }

  /** The PostgreSQL 18 among the test dependencies: there is one wherever the tests run. */
  public static synchronized TestPostgres embedded18() {
    TestPostgres server = embedded18;
    if (server == null) {
      server = new TestPostgres(ServerProcess.startEmbedded());
      embedded18 = server;
    }
    return server;
  }

  /**
   * The PostgreSQL 15 installed on this machine, on the PATH or where Debian puts it. Call it in a
   * test or before one, not where a static field is set, so that a skip is reported as such.
   *
   * @throws PostgresMissing where there is none: the test counts as skipped. With {@code
   *     AUDIT_TEST_POSTGRES15=required} in the environment it fails instead
   */
  public static synchronized TestPostgres external15() {
    TestPostgres server = external15;
    if (server == null) {
      Path programs =
          ServerProcess.findInstalled(15)
              .orElseThrow(() -> missing(15, "required".equals(System.getenv(VARIABLE))));
      server = new TestPostgres(ServerProcess.startInstalled(programs));
      external15 = server;
    }
    return server;
  }

  static RuntimeException missing(int major, boolean required) {
    String message =
        ("PostgreSQL %1$d is not installed: no initdb of that version on the PATH or in %2$s"
                + " (on Debian: apt-get install postgresql-%1$d)")
            .formatted(major, ServerProcess.debianPrograms(major));
    return required
        ? new IllegalStateException(message + ", and " + VARIABLE + " says it is required")
        : new PostgresMissing(message);
  }

  public int port() {
    return port;
  }

  /** As the server names it: "18.3", "15.12 (Debian 15.12-0+deb12u2)". */
  public String version() {
    return version;
  }

  /** An empty database with the service's roles. */
  public TestDatabase freshDatabase() {
    return freshDatabase(TestPostgres::leaveEmpty);
  }

  private static void leaveEmpty(TestDatabase database) {}

  /**
   * A database as the migrator leaves it. The migrator is run at the first call only, on the
   * template that is copied from then on; hold it in a constant, as it is recognised by identity.
   */
  public synchronized TestDatabase freshDatabase(Consumer<TestDatabase> migrator) {
    String template = templates.get(migrator);
    if (template == null) {
      template = makeTemplate(migrator);
      templates.put(migrator, template);
    }
    String name = "test_" + ++databases;
    // Copying the files beats writing them through the log: 18 ms against 37 ms, on busy cores.
    execute(
        "CREATE DATABASE %s OWNER %s TEMPLATE %s STRATEGY file_copy"
            .formatted(name, OWNER, template));
    copyDatabaseRights(template, name);
    return new TestDatabase(this, name);
  }

  private String makeTemplate(Consumer<TestDatabase> migrator) {
    String name = "template_" + (templates.size() + 1);
    execute("CREATE DATABASE " + name + " OWNER " + OWNER);
    execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
    execute("GRANT CONNECT ON DATABASE " + name + " TO " + SERVICE);
    migrator.accept(new TestDatabase(this, name));
    // A connection that the migrator left open would make every copy fail.
    execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
            .formatted(name));
    return name;
  }

  /** What was granted on a database or set for it is not part of what CREATE DATABASE copies. */
  private void copyDatabaseRights(String from, String to) {
    execute(
        """
        UPDATE pg_database SET datacl = t.datacl FROM pg_database t
        WHERE pg_database.datname = '%2$s' AND t.datname = '%1$s';
        INSERT INTO pg_db_role_setting
        SELECT d.oid, s.setrole, s.setconfig
        FROM pg_db_role_setting s JOIN pg_database t ON t.oid = s.setdatabase, pg_database d
        WHERE t.datname = '%1$s' AND d.datname = '%2$s'
        """
            .formatted(from, to));
  }

  synchronized void drop(String name) {
    execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  private void execute(String sql) {
    try (Statement statement = admin.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("refused by PostgreSQL " + version + ": " + sql, e);
    }
  }

  @Override
  public String toString() {
    return "PostgreSQL " + version;
  }
}
