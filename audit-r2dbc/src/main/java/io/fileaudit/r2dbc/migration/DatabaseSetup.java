package io.fileaudit.r2dbc.migration;

import io.fileaudit.r2dbc.PostgresSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PasswordUtil;

/**
 * Makes the roles and the database on a started server, where they are missing, and refuses a
 * server that would lose commits. Every step may be repeated, so a service killed between two of
 * them leaves nothing half-made.
 */
public final class DatabaseSetup {
  private static final List<String> DURABILITY =
      List.of("fsync", "synchronous_commit", "full_page_writes");
  private static final int CONNECT_SECONDS = 10;
  private static final int STATEMENT_SECONDS = 60;

  /**
   * A role that logs in.
   *
   * @param name its name
   * @param password its password
   */
  public record Role(String name, String password) {}

  /** Says that a server could lose what it has acknowledged. */
  public static final class UnsafeServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String setting;
    private final String value;

    UnsafeServerException(String setting, String value) {
      super(setting + " is " + value + ", expected on");
      this.setting = setting;
      this.value = value;
    }

    public String setting() {
      return setting;
    }

    public String value() {
      return value;
    }
  }

  /** Says that a server could not be reached or refused to be set up. */
  public static final class SetupFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SetupFailedException(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private DatabaseSetup() {}

  /**
   * Blocks on the server, so it is called on an ordinary thread.
   *
   * @param administrator how to reach the server as a role that may make roles and databases
   * @param database the database to make
   * @param owner the role that will own it
   * @param service the role of the service, which may connect and nothing else
   * @throws UnsafeServerException where a commit could be lost
   * @throws SetupFailedException where the server cannot be reached or refuses
   */
  public static void run(
      PostgresSettings administrator, String database, Role owner, Role service) {
    try (Connection connection = connect(administrator);
        Statement statement = connection.createStatement()) {
      for (String setting : DURABILITY) {
        requireOn(statement, setting);
      }
      createRole(connection, owner);
      createRole(connection, service);
      if (isMissing(statement, "pg_database WHERE datname = '" + database + "'")) {
        statement.execute("CREATE DATABASE " + database + " OWNER " + owner.name());
      }
      // What PUBLIC may do, every role may: here a role may do only what it was granted.
      statement.execute("REVOKE ALL ON DATABASE " + database + ", postgres, template1 FROM PUBLIC");
      statement.execute("GRANT CONNECT ON DATABASE " + database + " TO " + service.name());
    } catch (SQLException e) {
      throw new SetupFailedException(e);
    }
  }

  private static Connection connect(PostgresSettings administrator) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {administrator.host()});
    source.setPortNumbers(new int[] {administrator.port()});
    source.setDatabaseName(administrator.database());
    source.setUser(administrator.user());
    source.setPassword(administrator.password());
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(STATEMENT_SECONDS);
    return source.getConnection();
  }

  private static void requireOn(Statement statement, String setting) throws SQLException {
    try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      String value = row.getString(1);
      if (!value.equals("on")) {
        throw new UnsafeServerException(setting, value);
      }
    }
  }

  /** Sends the password as its SCRAM verifier, so that it stands in no log and no statistics. */
  private static void createRole(Connection connection, Role role) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (isMissing(statement, "pg_roles WHERE rolname = '" + role.name() + "'")) {
        String verifier =
            PasswordUtil.encodePassword(
                role.name(), role.password().toCharArray(), "scram-sha-256");
        statement.execute("CREATE ROLE " + role.name() + " LOGIN PASSWORD '" + verifier + "'");
      }
    }
  }

  private static boolean isMissing(Statement statement, String what) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT 1 FROM " + what)) {
      return !rows.next();
    }
  }
}
