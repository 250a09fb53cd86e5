package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WatchStoreContract;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

  private BatchKey running(PostgresAuditStore store, Duration idle) {
    BatchKey key = new BatchKey("default", UUID.randomUUID());
    Limits limits = LimitRules.DEFAULTS.with(LimitName.IDLE, Limit.endAfter(idle));
    byte[] line = "{\"type\":\"STARTED\",\"file\":\"a\"}".getBytes(StandardCharsets.UTF_8);
    Line event = new EventReader().read(1, line, 0, line.length);
    store
        .open(new OpenBatch(key, BatchSpec.builder().build(), limits, null, "me", "here"))
        .then(
            store.commit(
                List.of(new Chunk(UUID.randomUUID(), key, 1, null, List.of(event))), false))
        .block(PATIENCE);
    return key;
  }

  @Test
  void loadersOfASilentNodeHaveTimeToFindAnother() {
    Duration grace = Duration.ofSeconds(6);
    PostgresAuditStore silent = PostgresAuditStore.open(database.settings(), "silent", grace);
    PostgresAuditStore other = PostgresAuditStore.open(database.settings(), "other", grace);
    BatchKey key = running(silent, Duration.ofMillis(3_200));
    silent.signOfLife("silent", Duration.ofHours(1)).block(PATIENCE);
    Instant lastSign = Objects.requireNonNull(other.find(key).block(PATIENCE)).now();
    pass(Duration.ofMillis(3_300));

    other.signOfLife("other", Duration.ofDays(1)).block(PATIENCE);
    Decided waits = Objects.requireNonNull(other.expire(key, "other").block(PATIENCE));
    Decided ends =
        Objects.requireNonNull(
            other
                .signOfLife("other", Duration.ofDays(1))
                .then(Mono.defer(() -> other.expire(key, "other")))
                .filter(Decided::changed)
                .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(100)))
                .block(PATIENCE));

    assertThat(waits.changed()).as("its node is silent since a moment").isFalse();
    assertThat(Objects.requireNonNull(ends.batch().state().verdict()).decidedAt())
        .isAfter(lastSign.plus(grace).minusSeconds(1));
    silent.close().then(other.close()).block(PATIENCE);
  }

  @Test
  void batchThatSomebodyHoldsKeepsNoOtherFromItsVerdict() throws Exception {
    PostgresAuditStore store = database.store();
    BatchKey held = running(store, Duration.ofMillis(300));
    BatchKey free = running(store, Duration.ofMillis(300));
    pass(Duration.ofMillis(300));
    PostgresSettings settings = database.settings();
    try (Connection holder =
            DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute(
          "SELECT 1 FROM audit.batch_state WHERE batch = '" + held.id() + "' FOR UPDATE");

      WatchStore.Heard heard =
          Objects.requireNonNull(
              store
                  .heartbeat(List.of(new Heartbeat(held, 1), new Heartbeat(free, 7)))
                  .block(PATIENCE));
      assertThat(heard.batches()).containsOnlyKeys(held, free);
      assertThat(heard.noted()).as("the one is held, the other of another run").isEmpty();
      store.signOfLife("kit", Duration.ofDays(1)).block(PATIENCE);
      WatchStore.Judged judged =
          Objects.requireNonNull(store.expireAll(List.of(held, free), "n").block(PATIENCE));

      assertThat(judged.left()).containsExactly(held);
      assertThat(judged.decided()).singleElement().matches(Decided::changed);
      AuditException held503 =
          catchThrowableOfType(
              AuditException.class, () -> store.expire(held, "n").block(Duration.ofSeconds(10)));
      assertThat(held503.type()).isEqualTo(ProblemType.UNAVAILABLE);
      holder.rollback();
    }
    assertThat(store.expire(held, "n").map(Decided::changed).block(PATIENCE)).isTrue();
  }
}
