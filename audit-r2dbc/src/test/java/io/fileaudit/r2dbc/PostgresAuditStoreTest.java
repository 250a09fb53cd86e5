package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.LineSplitter;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.CommitOutcome;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.FileQuery;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What is particular to the store on PostgreSQL; the rest is in the contract kit. */
class PostgresAuditStoreTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MigratedDatabase database = MigratedDatabase.on(TestPostgres.embedded18());
  private final PostgresAuditStore store = database.store();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void namesLongerThanAnIndexEntryAreFilesOfTheirOwn() {
    BatchKey key = open();
    String common = "\ud83d\ude80".repeat(1_000);
    commit(
        key,
        "{\"type\":\"STARTED\",\"file\":\""
            + common
            + "a\"}\n{\"type\":\"STARTED\",\"file\":\""
            + common
            + "b\"}\n");
    commit(key, "{\"type\":\"COMPLETED\",\"file\":\"" + common + "a\",\"rows\":7}\n");

    List<Manifest> files = store.files(key, FileQuery.all()).collectList().block(PATIENCE);

    assertThat(files).extracting(Manifest::file).containsExactly(common + "a", common + "b");
    assertThat(files).extracting(Manifest::rows).containsExactly(7L, null);
  }

  @Test
  void databaseThatTakesNothingIsNoneThatServes() throws SQLException {
    BatchKey key = open();
    assertThat(store.ping().then(Mono.just(true)).block(PATIENCE)).isTrue();
    TestDatabase whole = database.database();
    try (Connection owner =
            DriverManager.getConnection(whole.jdbcUrl(), whole.ownerUser(), whole.ownerPassword());
        Statement statement = owner.createStatement()) {
      statement.execute(
          "ALTER DATABASE " + whole.name() + " SET default_transaction_read_only = on");
    }

    PostgresAuditStore later = PostgresAuditStore.open(database.settings());
    try {
      for (Mono<?> call :
          List.of(
              later.ping(),
              later.commit(List.of(chunk(key, "{\"type\":\"HEARTBEAT\"}\n")), false))) {
        assertThatThrownBy(() -> call.block(PATIENCE))
            .isInstanceOfSatisfying(
                AuditException.class,
                error -> {
                  assertThat(error.type()).isEqualTo(ProblemType.UNAVAILABLE);
                  assertThat(error.detail()).startsWith("the database is read-only now");
                });
      }
    } finally {
      later.close().block(PATIENCE);
    }
  }

  @Test
  void endedBatchKeepsItsVerdictAndItsFigures() {
    BatchKey key = open();
    Ack ack =
        commit(
            key,
            "{\"type\":\"STARTED\",\"file\":\"a\\tb\\\\\\n\"}\nnonsense\n{\"type\":\"COMPLETED\",\"file\":\"a\\tb\\\\\\n\",\"rows\":3,\"id\":\"x\"}\n");
    assertThat(ack.accepted()).isEqualTo(2);
    assertThat(ack.refusals()).hasSize(1);

    DecisionPlan.Wish wish = new DecisionPlan.Wish(1, BatchStatus.COMPLETED, "done", "me", "here");
    BatchRecord ended = store.decide(new Decide(key, wish)).block(PATIENCE).batch();

    assertThat(ended.state().status()).isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(ended.state().verdict().findings().refused()).isEqualTo(1);
    assertThat(store.verdicts(key).collectList().block(PATIENCE))
        .containsExactly(ended.state().verdict());
    assertThat(store.ledger(key, 0).collectList().block(PATIENCE)).hasSize(3);
    assertThat(store.rejected(key, 0, 10).collectList().block(PATIENCE))
        .singleElement()
        .satisfies(kept -> assertThat(kept.text()).isEqualTo("nonsense"));
  }

  private BatchKey open() {
    BatchKey key = new BatchKey("default", UUID.randomUUID());
    store
        .open(
            new OpenBatch(
                key, BatchSpec.builder().build(), LimitRules.DEFAULTS, null, "me", "here"))
        .block(PATIENCE);
    return key;
  }

  private static Chunk chunk(BatchKey key, String lines) {
    LineSplitter splitter = new LineSplitter();
    return new Chunk(
        UUID.randomUUID(), key, 1, null, splitter.feed(lines.getBytes(StandardCharsets.UTF_8)));
  }

  private Ack commit(BatchKey key, String lines) {
    CommitOutcome outcome = store.commit(List.of(chunk(key, lines)), false).block(PATIENCE).get(0);
    return ((CommitOutcome.Committed) outcome).ack();
  }
}
