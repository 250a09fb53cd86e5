package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What is outdated goes whole and in steps; the rest stays, and so does a trace. */
class PostgresRetentionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofDays(1);
  private static final List<String> PARTS =
      List.of("batch", "batch_state", "ledger", "manifest", "chunk", "producer", "rejected");

  private static MigratedDatabase database;
  private final RetentionStore retention = database.store().retention();
  private final String namespace = "n-" + UUID.randomUUID().toString().substring(0, 8);

  @BeforeAll
  static void open() {
    database = MigratedDatabase.on(TestPostgres.embedded18());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static <T> T answer(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private BatchKey batch(@Nullable UUID parent, int files) {
    BatchKey key = new BatchKey(namespace, UUID.randomUUID());
    open(key, BatchSpec.builder().parent(parent).build());
    commit(
        key,
        files,
        i ->
            i == 1
                ? "bad"
                : "{\"type\":\"COMPLETED\",\"file\":\"f" + i + "\",\"position\":" + (i + 1) + "}");
    return key;
  }

  private static void open(BatchKey key, BatchSpec spec) {
    answer(
        database
            .store()
            .open(
                new OpenBatch(
                    key,
                    spec,
                    LimitRules.resolve(spec.limits(), LimitRules.DEFAULTS),
                    null,
                    "tester",
                    "node")));
  }

  private static void commit(BatchKey key, int count, IntFunction<String> event) {
    EventReader reader = new EventReader();
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = event.apply(i).getBytes(StandardCharsets.UTF_8);
      lines.add(reader.read(i + 1L, bytes, 0, bytes.length));
    }
    Chunk chunk = new Chunk(UUID.randomUUID(), key, 1, "loader", lines);
    answer(database.store().commit(List.of(chunk), false));
  }

  private static void end(BatchKey key) {
    answer(
        database
            .store()
            .decide(
                new Decide(
                    key, new DecisionPlan.Wish(1, BatchStatus.FAILED, null, "tester", "node"))));
  }

  private List<BatchKey> outdated(
      @Nullable Duration standard, Map<String, Duration> own, Set<String> forever) {
    return Objects.requireNonNull(
            retention
                .outdated(new RetentionStore.Ages(standard, own, forever), 1_000)
                .collectList()
                .block(PATIENCE))
        .stream()
        .filter(key -> key.namespace().equals(namespace))
        .toList();
  }

  private static Connection connection() throws SQLException {
    return DriverManager.getConnection(
        database.settings().jdbcUrl(), database.settings().user(), database.settings().password());
  }

  private static long rows(String table, BatchKey key) throws SQLException {
    String column = table.equals("batch") ? "id" : "batch";
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT count(*) FROM audit.%s WHERE namespace = '%s' AND %s = '%s'"
                    .formatted(table, key.namespace(), column, key.id()))) {
      result.next();
      return result.getLong(1);
    }
  }

  @Test
  void endedBatchGoesInBoundedStepsAndLeavesATrace() throws SQLException {
    BatchKey key = batch(null, 25);
    end(key);
    assertThat(outdated(SHORT, Map.of(), Set.of())).containsExactly(key);
    long all = 0;
    for (String part : PARTS) {
      assertThat(rows(part, key)).as(part).isPositive();
      all += rows(part, key);
    }

    assertThat(answer(retention.purge(key, 10))).isFalse();

    assertThat(database.store().find(key).block(PATIENCE)).as("nobody sees half of it").isNull();
    assertThat(answer(retention.isPurged(key))).isTrue();
    assertThat(outdated(null, Map.of(), Set.of()))
        .as("what was begun goes on")
        .containsExactly(key);
    int steps = 1;
    while (!answer(retention.purge(key, 10))) {
      steps++;
    }
    assertThat(steps).isGreaterThanOrEqualTo((int) (all - 12) / 10);
    for (String part : PARTS) {
      assertThat(rows(part, key)).as(part).isZero();
    }
    assertThat(rows("log", key)).as("opened, ended, purged").isEqualTo(3);
    assertThat(outdated(SHORT, Map.of(), Set.of())).isEmpty();
    assertThat(retention.purge(key, 10).block(PATIENCE)).as("nothing is left to do").isNull();
  }

  @Test
  void twoNodesTakeStepsOfOneBatchOneAfterTheOther() throws SQLException {
    BatchKey key = batch(null, 1);
    commit(key, 50, i -> "{\"type\":\"PROGRESS\",\"file\":\"f0\",\"rows\":" + i + "}");
    end(key);
    assertThat(answer(retention.purge(key, 5))).isFalse();

    CompletableFuture<Boolean> second;
    try (Connection first = connection();
        Statement statement = first.createStatement()) {
      first.setAutoCommit(false);
      assertThat(step(statement, key, 10)).isEqualTo("f");
      second = retention.purge(key, 10).toFuture();
      awaitOneThatWaits(statement);
      first.commit();
    }

    assertThat(second)
        .as("of some 40 rows that are left")
        .succeedsWithin(PATIENCE)
        .isEqualTo(false);
    assertThat(rows("ledger", key)).isPositive();
    while (!answer(retention.purge(key, 10))) {
      assertThat(rows("ledger", key)).isNotNegative();
    }
    for (String part : PARTS) {
      assertThat(rows(part, key)).as(part).isZero();
    }
  }

  private static String step(Statement statement, BatchKey key, int rows) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT audit.purge_batch('%s', '%s', '', %d)"
                .formatted(key.namespace(), key.id(), rows))) {
      row.next();
      return row.getString(1);
    }
  }

  private static void awaitOneThatWaits(Statement statement) {
    Mono.fromCallable(
            () -> {
              try (ResultSet row =
                  statement.executeQuery(
                      "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid())")) {
                row.next();
                return row.getBoolean(1);
              }
            })
        .subscribeOn(Schedulers.boundedElastic())
        .filter(Boolean::booleanValue)
        .repeatWhenEmpty(looks -> looks.delayElements(Duration.ofMillis(10)))
        .block(PATIENCE);
  }

  @Test
  void batchThatWasPurgedIsNotOpenedAgain() throws SQLException {
    BatchKey key = batch(null, 3);
    end(key);
    assertThat(answer(retention.purge(key, 2))).as("a part of it").isFalse();

    assertThatThrownBy(() -> open(key, BatchSpec.builder().build()))
        .isInstanceOfSatisfying(
            AuditException.class, error -> assertThat(error.type()).isEqualTo(ProblemType.PURGED));
    while (!answer(retention.purge(key, 2))) {
      assertThat(rows("batch", key)).isZero();
    }
    assertThatThrownBy(() -> open(key, BatchSpec.builder().build()))
        .isInstanceOf(AuditException.class);
    assertThat(rows("batch", key)).isZero();
  }

  @Test
  void openBatchStays() throws SQLException {
    BatchKey key = batch(null, 3);

    assertThat(outdated(SHORT, Map.of(), Set.of())).isEmpty();
    assertThat(retention.purge(key, 10).block(PATIENCE)).isNull();
    assertThat(rows("ledger", key)).isPositive();
    assertThat(answer(retention.isPurged(key))).isFalse();
  }

  @Test
  void agesAreThoseOfTheNamespace() {
    BatchKey key = batch(null, 3);
    end(key);

    assertThat(outdated(LONG, Map.of(), Set.of())).isEmpty();
    assertThat(outdated(null, Map.of(namespace, SHORT), Set.of())).containsExactly(key);
    assertThat(outdated(LONG, Map.of(namespace, SHORT), Set.of())).containsExactly(key);
    assertThat(outdated(SHORT, Map.of(namespace, LONG), Set.of())).isEmpty();
    assertThat(outdated(SHORT, Map.of(), Set.of(namespace))).isEmpty();
    assertThat(outdated(null, Map.of("other", SHORT), Set.of())).isEmpty();
  }

  @Test
  void subBatchesGoWithTheirRootAndBeforeIt() {
    BatchKey root = batch(null, 3);
    BatchKey child = batch(root.id(), 3);
    end(child);
    assertThat(outdated(SHORT, Map.of(), Set.of())).as("its root is open").isEmpty();
    end(root);

    assertThat(outdated(SHORT, Map.of(), Set.of())).containsExactly(child, root);
    assertThat(retention.purge(root, 100).block(PATIENCE)).as("not before its child").isNull();
    assertThat(answer(retention.purge(child, 100))).isTrue();
    assertThat(answer(retention.purge(root, 100))).isTrue();
  }

  @Test
  void serviceTakesNothingAwayByItself() throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "DELETE FROM audit.ledger",
              "DELETE FROM audit.batch",
              "DELETE FROM audit.purged",
              "INSERT INTO audit.purged VALUES ('a', gen_random_uuid(), now(), false)")) {
        assertThatThrownBy(() -> statement.execute(change))
            .isInstanceOfSatisfying(
                SQLException.class, error -> assertThat(error.getSQLState()).isEqualTo("42501"));
      }
    }
  }
}
