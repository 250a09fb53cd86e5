package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.LineageContract;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** Reports on batches in PostgreSQL do as the contract says. */
class PostgresLineageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The contract on one server. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class OnPostgres extends LineageContract {
    private MigratedDatabase database;
    private PostgresAuditStore store;

    abstract TestPostgres server();

    @BeforeAll
    void open() {
      database = MigratedDatabase.on(server());
      store = PostgresAuditStore.open(database.settings().withOutbox(true));
    }

    @AfterAll
    void close() {
      if (database != null) {
        store.close().block(PATIENCE);
        database.close();
      }
    }

    @Override
    public AuditStore store() {
      return store;
    }

    @Override
    protected LineageStore lineage() {
      return store.lineage();
    }

    @Override
    protected EvidenceStore evidence() {
      return store.evidence();
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
