package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.FeedStoreContract;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** PostgreSQL tells feeds what the contract says, and a change of one node is known to others. */
class PostgresFeedsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Nested
  class On15 extends FeedStoreContract {
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
    protected FeedStore feeds() {
      return database.store().feeds();
    }
  }

  @Nested
  class On18 extends FeedStoreContract {
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
    protected FeedStore feeds() {
      return database.store().feeds();
    }
  }

  @Test
  void changesOfAnotherNodeAreHeardAlsoAfterTheConnectionWasLost() throws Exception {
    try (MigratedDatabase database = MigratedDatabase.on(TestPostgres.embedded18())) {
      PostgresAuditStore here = database.store();
      PostgresAuditStore there = PostgresAuditStore.open(database.settings());
      ConcurrentLinkedQueue<BatchKey> heard = new ConcurrentLinkedQueue<>();
      Disposable listening = here.feeds().changes().subscribe(heard::add);
      try {
        heardOf(heard, there);
        endListeners(database.settings());
        heardOf(heard, there);
      } finally {
        listening.dispose();
        there.close().block(PATIENCE);
      }
      assertThat(listeners(database.settings(), "count(*)")).as("given back").isZero();
    }
  }

  /** Opens batches on the other node until one is heard of: a hint may be lost. */
  private static void heardOf(ConcurrentLinkedQueue<BatchKey> heard, PostgresAuditStore there) {
    heard.clear();
    Mono.defer(
            () -> {
              BatchKey key = new BatchKey("default", UUID.randomUUID());
              return there.open(
                  new OpenBatch(
                      key, BatchSpec.builder().build(), LimitRules.DEFAULTS, null, "me", "there"));
            })
        .delayElement(Duration.ofMillis(200))
        .filter(opened -> heard.contains(opened.batch().key()))
        .repeatWhenEmpty(again -> again)
        .block(PATIENCE);
  }

  private static void endListeners(PostgresSettings settings) throws Exception {
    assertThat(listeners(settings, "count(pg_terminate_backend(pid))")).isEqualTo(1);
  }

  private static long listeners(PostgresSettings settings, String what) throws Exception {
    try (Connection connection =
            DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT "
                    + what
                    + " FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND query LIKE 'LISTEN%'")) {
      found.next();
      return found.getLong(1);
    }
  }
}
