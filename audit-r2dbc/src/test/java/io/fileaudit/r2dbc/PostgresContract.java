package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.AuditStoreContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract kit on a PostgreSQL server; the tests share a database and keep to namespaces of
 * their own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PostgresContract extends AuditStoreContract {
  private MigratedDatabase database;

  abstract TestPostgres server();

  @BeforeAll
  void open() {
    database = MigratedDatabase.on(server());
    open(database);
  }

  /** Opens what else a test needs on that database. */
  void open(MigratedDatabase opened) {}

  @AfterAll
  void close() {
    if (database != null) {
      database.close();
    }
  }

  @Override
  public AuditStore store() {
    return database.store();
  }

  @Override
  protected int seeds() {
    return 15;
  }
}
