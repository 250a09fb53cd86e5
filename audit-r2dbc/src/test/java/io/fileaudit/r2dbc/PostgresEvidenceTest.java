package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.EvidenceContract;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The evidence of PostgreSQL is as the contract says. */
class PostgresEvidenceTest {
  /** The contract on one server. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class OnPostgres extends EvidenceContract {
    private MigratedDatabase database;

    abstract TestPostgres server();

    @BeforeAll
    void open() {
      database = MigratedDatabase.on(server());
    }

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
    protected EvidenceStore evidence() {
      return database.store().evidence();
    }
  }

  @Nested
  class On15 extends OnPostgres {
    @Override
    TestPostgres server() {
      return TestPostgres.external15();
    }
  }

  @Nested
  class On18 extends OnPostgres {
    @Override
    TestPostgres server() {
      return TestPostgres.embedded18();
    }
  }
}
