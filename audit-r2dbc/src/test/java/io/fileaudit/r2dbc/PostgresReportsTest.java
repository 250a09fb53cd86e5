package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.ReportsContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** Reports over PostgreSQL are what the contract says. */
class PostgresReportsTest {

  @Nested
  class On15 extends ReportsContract {
    private static MigratedDatabase database;

    @BeforeAll
    static void open() {
      database = MigratedDatabase.on(TestPostgres.external15());
    }

    @AfterAll
    static void close() {
      database.close();
    }

    @Override
    public AuditStore store() {
      return database.store();
    }

    @Override
    protected ReportStore reports() {
      return database.store().reports();
    }
  }

  @Nested
  class On18 extends ReportsContract {
    private static MigratedDatabase database;

    @BeforeAll
    static void open() {
      database = MigratedDatabase.on(TestPostgres.embedded18());
    }

    @AfterAll
    static void close() {
      database.close();
    }

    @Override
    public AuditStore store() {
      return database.store();
    }

    @Override
    protected ReportStore reports() {
      return database.store().reports();
    }
  }
}
