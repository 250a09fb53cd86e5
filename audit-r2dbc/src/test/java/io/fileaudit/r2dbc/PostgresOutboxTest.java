package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OutboxContract;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.OutboxStore.Backlog;
import io.fileaudit.core.store.StatusChange;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The outbox of PostgreSQL does as the contract says, and loses nothing to transactions. */
class PostgresOutboxTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The contract on one server. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class OnPostgres extends OutboxContract {
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
    protected OutboxStore outbox() {
      return store.outbox();
    }

    @Override
    protected WatchStore watch() {
      return store;
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

  /** What is of PostgreSQL alone. */
  @Nested
  class WithTransactions {
    private MigratedDatabase database;
    private PostgresAuditStore store;

    @BeforeEach
    void open() {
      database = MigratedDatabase.on(TestPostgres.embedded18());
      store = PostgresAuditStore.open(database.settings().withOutbox(true));
    }

    @AfterEach
    void close() {
      store.close().block(PATIENCE);
      database.close();
    }

    private static BatchKey open(AuditStore in) {
      BatchKey key = new BatchKey("default", UUID.randomUUID());
      BatchSpec spec = BatchSpec.builder().table("t").label("team", "rfb").build();
      in.open(new OpenBatch(key, spec, LimitRules.DEFAULTS, null, "me", "here")).block(PATIENCE);
      return key;
    }

    private static void fail(AuditStore in, BatchKey key) {
      DecisionPlan.Wish wish = new DecisionPlan.Wish(1, BatchStatus.FAILED, null, "tester", "here");
      in.decide(new Decide(key, wish)).block(PATIENCE);
    }

    private List<StatusChange> sent() {
      List<StatusChange> to = new ArrayList<>();
      store
          .outbox()
          .send(100, changes -> Mono.fromRunnable(() -> to.addAll(changes)))
          .block(PATIENCE);
      return to;
    }

    private Backlog backlog() {
      return Objects.requireNonNull(store.outbox().backlog().block(PATIENCE));
    }

    private Connection connect() throws SQLException {
      PostgresSettings settings = database.settings();
      return DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
    }

    @Test
    void storeOfANodeThatSendsNothingKeepsNothing() {
      fail(database.store(), open(database.store()));

      assertThat(backlog()).isEqualTo(Backlog.NONE);
    }

    @Test
    void changesOfABatchThatWasPurgedAreSentAllTheSame() {
      BatchKey key = open(store);
      fail(store, key);
      store
          .retention()
          .purge(key, 1_000)
          .filter(Boolean::booleanValue)
          .repeatWhenEmpty(again -> again)
          .block(PATIENCE);

      List<StatusChange> sent = sent();

      assertThat(sent)
          .extracting(StatusChange::status)
          .containsExactly(BatchStatus.PENDING, BatchStatus.FAILED);
      assertThat(sent).allMatch(change -> change.key().equals(key));
      assertThat(sent).allMatch(change -> change.spec().equals(BatchSpec.builder().build()));
      assertThat(sent).allMatch(change -> change.labels().equals(Map.of()));
      assertThat(sent.get(1).verdict()).isNotNull();
    }

    @Test
    void whatIsNotCommittedIsNotSeenAndWhatIsCommittedLateIsFound() throws SQLException {
      BatchKey late = open(store);
      BatchKey undone = open(store);
      BatchKey other = open(store);
      sent();
      try (Connection one = connect();
          Connection two = connect()) {
        begin(one, late);
        begin(two, undone);
        fail(store, other);

        assertThat(sent()).extracting(StatusChange::key).containsExactly(other);
        one.commit();
        two.rollback();
      }

      assertThat(sent()).extracting(StatusChange::key).containsExactly(late);
      assertThat(backlog()).isEqualTo(Backlog.NONE);
    }

    private static void begin(Connection connection, BatchKey key) throws SQLException {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LOCAL audit.outbox = 'on'");
        statement.execute(
            "UPDATE audit.batch_state SET status = 'RUNNING', version = version + 1 WHERE batch = '"
                + key.id()
                + "'");
      }
    }

    @Test
    void nodeThatLosesItsSessionLeavesTheChangesToOthers() {
      open(store);

      AuditException lost =
          catchThrowableOfType(
              AuditException.class,
              () ->
                  store
                      .outbox()
                      .send(
                          100,
                          changes ->
                              Mono.<Void>fromRunnable(this::endSessionOfSender)
                                  .subscribeOn(Schedulers.boundedElastic()))
                      .block(PATIENCE));

      assertThat(lost.type()).isEqualTo(ProblemType.UNAVAILABLE);
      assertThat(sent()).as("again").hasSize(1);
    }

    private void endSessionOfSender() {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND state = 'idle in transaction'");
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Test
    void slowSendingIsNoSlowStatement() {
      PostgresSettings settings = database.settings().withOutbox(true);
      Duration bound = Duration.ofMillis(500);
      PostgresAuditStore hasty =
          PostgresAuditStore.open(
              new PostgresSettings(
                  settings.host(),
                  settings.port(),
                  settings.database(),
                  settings.user(),
                  settings.password(),
                  settings.sslMode(),
                  settings.sslRootCert(),
                  settings.poolSize(),
                  bound,
                  settings.outbox()));
      open(hasty);

      Integer sent =
          hasty
              .outbox()
              .send(100, changes -> Mono.delay(bound.multipliedBy(3)).then())
              .block(PATIENCE);

      assertThat(sent).isEqualTo(1);
      assertThat(backlog()).isEqualTo(Backlog.NONE);
      hasty.close().block(PATIENCE);
    }
  }
}
