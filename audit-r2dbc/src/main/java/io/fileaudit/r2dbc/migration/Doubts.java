package io.fileaudit.r2dbc.migration;

import io.fileaudit.r2dbc.PostgresSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** What about a given database does not bear the promises that are made on it. */
public final class Doubts {
  private static final List<String> DURABILITY = List.of("fsync", "full_page_writes");

  private Doubts() {}

  /**
   * Looks as the role of the service, after the migrations. Blocks on the database, so it is called
   * on an ordinary thread before the service starts.
   *
   * @return one sentence for each doubt; empty where there is none
   * @throws IllegalStateException where the database cannot be asked
   */
  public static List<String> about(PostgresSettings service) {
    Properties login = new Properties();
    login.setProperty("user", service.user());
    login.setProperty("password", service.password());
    try (Connection connection = DriverManager.getConnection(service.jdbcUrl(), login);
        Statement statement = connection.createStatement()) {
      List<String> doubts = new ArrayList<>();
      for (String setting : DURABILITY) {
        if (!ask(statement, "SHOW " + setting).equals("on")) {
          doubts.add(
              setting
                  + " is off in the database: what is acknowledged may be lost when its machine"
                  + " fails");
        }
      }
      String mayChange =
          "SELECT has_table_privilege('audit.ledger', 'UPDATE, DELETE, TRUNCATE')::text";
      if (ask(statement, mayChange).equals("true")) {
        doubts.add(
            "the role "
                + service.user()
                + " may change and delete the ledger: let another role own the schema"
                + " (AUDIT_DB_OWNER)");
      }
      return doubts;
    } catch (SQLException e) {
      throw new IllegalStateException(
          "the role " + service.user() + " cannot use the database: " + e.getMessage(), e);
    }
  }

  private static String ask(Statement statement, String question) throws SQLException {
    try (ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getString(1);
    }
  }
}
