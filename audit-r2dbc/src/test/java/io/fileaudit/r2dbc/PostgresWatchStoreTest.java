package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WatchStoreContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import reactor.core.publisher.Mono;

/**
 * The store on PostgreSQL judges as the contract says, by the server's clock, which the test waits
 * for.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresWatchStoreTest extends WatchStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private MigratedDatabase database;

  @BeforeAll
  void open() {
    database = MigratedDatabase.on(TestPostgres.embedded18());
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Override
  protected AuditStore store() {
    return database.store();
  }

  @Override
  protected WatchStore watch() {
    return database.store();
  }

  /**
   * The server's clock and this machine's are one; limits are judged in a later statement anyway.
   */
  @Override
  protected void pass(Duration time) {
    Mono.delay(time.plusMillis(20)).block(PATIENCE);
  }
}
