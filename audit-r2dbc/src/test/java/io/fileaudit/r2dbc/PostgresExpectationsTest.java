package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.ExpectationsContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Mono;

/** Expectations in PostgreSQL are what the contract says, by the server's clock. */
class PostgresExpectationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Nested
  class On15 extends ExpectationsContract {
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
    protected ExpectationStore expectations() {
      return database.store().expectations();
    }

    @Override
    protected void pass(Duration time) {
      Mono.delay(time.plusMillis(20)).block(PATIENCE);
    }
  }

  @Nested
  class On18 extends ExpectationsContract {
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
    protected ExpectationStore expectations() {
      return database.store().expectations();
    }

    @Override
    protected void pass(Duration time) {
      Mono.delay(time.plusMillis(20)).block(PATIENCE);
    }
  }
}
