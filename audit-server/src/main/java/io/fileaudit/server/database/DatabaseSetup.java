package io.fileaudit.server.database;

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
final class DatabaseSetup {
  static final String DATABASE = "audit";

  private static final List<String> DURABILITY =
      List.of("fsync", "synchronous_commit", "full_page_writes");
  private static final int CONNECT_SECONDS = 10;
  private static final int STATEMENT_SECONDS = 60;

  private final Credentials credentials;

  DatabaseSetup(Credentials credentials) {
    this.credentials = credentials;
  }

  /**
   * @throws EmbeddedDatabaseException.UnsafeSetting where a commit could be lost
   */
  void run(int port) {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      for (String setting : DURABILITY) {
        requireOn(statement, setting);
      }
      createRole(connection, Credentials.OWNER, credentials.ownerPassword());
      createRole(connection, Credentials.SERVICE, credentials.servicePassword());
      if (isMissing(statement, "pg_database WHERE datname = '" + DATABASE + "'")) {
        statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + Credentials.OWNER);
      }
      // What PUBLIC may do, every role may: here a role may do only what it was granted.
      statement.execute("REVOKE ALL ON DATABASE " + DATABASE + ", postgres, template1 FROM PUBLIC");
      statement.execute("GRANT CONNECT ON DATABASE " + DATABASE + " TO " + Credentials.SERVICE);
    } catch (SQLException e) {
      throw new EmbeddedDatabaseException(
          "PostgreSQL runs on port " + port + " but could not be set up: " + e.getMessage(), e);
    }
  }

  private Connection connect(int port) throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {ServerPort.HOST});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName("postgres");
    source.setUser(Credentials.SUPERUSER);
    source.setPassword(credentials.superuserPassword());
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(STATEMENT_SECONDS);
    return source.getConnection();
  }

  private static void requireOn(Statement statement, String setting) throws SQLException {
    try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      String value = row.getString(1);
      if (!value.equals("on")) {
        throw new EmbeddedDatabaseException.UnsafeSetting(setting, value);
      }
    }
  }

  /** Sends the password as its SCRAM verifier, so that it stands in no log and no statistics. */
  private static void createRole(Connection connection, String role, String password)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (isMissing(statement, "pg_roles WHERE rolname = '" + role + "'")) {
        String verifier =
            PasswordUtil.encodePassword(role, password.toCharArray(), "scram-sha-256");
        statement.execute("CREATE ROLE " + role + " LOGIN PASSWORD '" + verifier + "'");
      }
    }
  }

  private static boolean isMissing(Statement statement, String what) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT 1 FROM " + what)) {
      return !rows.next();
    }
  }
}
