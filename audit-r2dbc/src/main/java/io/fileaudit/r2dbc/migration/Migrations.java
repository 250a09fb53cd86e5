package io.fileaudit.r2dbc.migration;

import io.fileaudit.r2dbc.PostgresSettings;
import java.util.Map;
import org.flywaydb.core.Flyway;

/** Brings the schema of a database up to date. */
public final class Migrations {
  private static final String SCHEMA = "audit";

  private Migrations() {}

  /**
   * Applies what is missing, in the schema {@code audit}. Blocks on the database, so it is called
   * on an ordinary thread before the service starts. Several nodes may call it at once: one
   * applies, the others wait.
   *
   * @param owner how to reach the database as the role that owns the schema
   * @param serviceRole the role of the service, which is given what it needs and no more
   * @throws org.flywaydb.core.api.FlywayException where the database cannot be reached or a
   *     migration fails
   */
  public static void migrate(PostgresSettings owner, String serviceRole) {
    Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(owner.jdbcUrl(), owner.user(), owner.password())
        .schemas(SCHEMA)
        .createSchemas(true)
        .locations("classpath:io/fileaudit/r2dbc/migration")
        .placeholders(
            Map.of("schema", SCHEMA, "service", '"' + serviceRole.replace("\"", "\"\"") + '"'))
        .load()
        .migrate();
  }
}
