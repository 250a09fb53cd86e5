package io.fileaudit.r2dbc.test;

import io.fileaudit.r2dbc.PostgresAuditStore;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.migration.Migrations;
import java.time.Duration;
import java.util.function.Consumer;

/** A test database with the service's schema, and the store on it as the service's role. */
public final class MigratedDatabase implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final Consumer<TestDatabase> MIGRATOR = MigratedDatabase::migrate;

  private final TestDatabase database;
  private final PostgresAuditStore store;

  private MigratedDatabase(TestDatabase database) {
    this.database = database;
    this.store = PostgresAuditStore.open(settings());
  }

  /** A fresh copy of the schema on that server. */
  public static MigratedDatabase on(TestPostgres server) {
    return new MigratedDatabase(server.freshDatabase(MIGRATOR));
  }

  private static void migrate(TestDatabase database) {
    Migrations.migrate(
        PostgresSettings.of(
            database.host(),
            database.port(),
            database.name(),
            database.ownerUser(),
            database.ownerPassword()),
        database.serviceUser());
  }

  /** How the service reaches it. */
  public PostgresSettings settings() {
    return PostgresSettings.of(
        database.host(),
        database.port(),
        database.name(),
        database.serviceUser(),
        database.servicePassword());
  }

  public TestDatabase database() {
    return database;
  }

  public PostgresAuditStore store() {
    return store;
  }

  @Override
  public void close() {
    store.close().block(CLOSING);
    database.close();
  }
}
