package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WebhookContract;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Mono;

/** Webhooks in PostgreSQL do as the contract says, by the server's clock. */
class PostgresWebhooksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The contract on one server; a claim takes what there is, so each test has a database. */
  abstract static class OnPostgres extends WebhookContract {
    private MigratedDatabase database;

    abstract TestPostgres server();

    @AfterEach
    void close() {
      database.close();
    }

    @Override
    public AuditStore store() {
      if (database == null) {
        database = MigratedDatabase.on(server());
      }
      return database.store();
    }

    @Override
    protected WebhookStore webhooks() {
      return database.store().webhooks();
    }

    @Override
    protected ExpectationStore expectations() {
      return database.store().expectations();
    }

    @Override
    protected WatchStore watch() {
      return database.store();
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
