package io.fileaudit.r2dbc;

import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.CredentialStoreContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import reactor.core.publisher.Mono;

/** Credentials in PostgreSQL: what the contract says, by the server's clock. */
class PostgresCredentialStoreTest {

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class OnPostgres extends CredentialStoreContract {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private MigratedDatabase database;

    abstract TestPostgres server();

    @BeforeAll
    void open() {
      database = MigratedDatabase.on(server());
    }

    @AfterAll
    void close() {
      database.close();
    }

    @Override
    protected CredentialStore credentials() {
      return database.store().credentials();
    }

    @Override
    protected void pass(Duration time) {
      Mono.delay(time.plusMillis(20)).block(PATIENCE);
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
