package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.event.Ack;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.CommitWriter;
import io.fileaudit.core.ingest.LineSplitter;
import io.fileaudit.core.ingest.WriteMeters;
import io.fileaudit.core.ingest.WriteSettings;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Batches that another transaction holds for long: their own senders wait, and nobody else does.
 */
@Timeout(60)
class HeldBatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int ROUNDS = 10;

  private final MigratedDatabase database = MigratedDatabase.on(TestPostgres.embedded18());

  @AfterEach
  void close() {
    database.close();
  }

  /** More batches are held than commits may be under way at one time. */
  @ParameterizedTest
  @CsvSource({"3,1", "3,6", "1,1", "1,6"})
  void batchesThatAreHeldKeepNoOtherFromBeingWritten(int concurrency, int heldBatches)
      throws Exception {
    CommitWriter writer =
        new CommitWriter(
            database.store(),
            new WriteSettings(4_000, concurrency, PATIENCE),
            new WriteMeters(new SimpleMeterRegistry()));
    List<BatchKey> held = Stream.generate(this::open).limit(heldBatches).toList();
    List<BatchKey> free = Stream.generate(this::open).limit(20).toList();
    List<BatchKey> mixed = new ArrayList<>(free);
    held.forEach(key -> mixed.add(mixed.size() / 2, key));
    List<Mono<Ack>> waiting = new ArrayList<>();
    try (Connection holder = hold(held)) {
      for (int round = 0; round < ROUNDS; round++) {
        List<Mono<Ack>> written = new ArrayList<>();
        for (BatchKey key : mixed) {
          Mono<Ack> answer = writer.commit(chunk(key, round)).cache();
          answer.subscribe(ack -> {}, error -> {});
          (held.contains(key) ? waiting : written).add(answer);
        }
        List<Ack> acks = Objects.requireNonNull(Flux.merge(written).collectList().block(PATIENCE));
        assertThat(acks).hasSize(free.size()).allMatch(ack -> ack.accepted() == 1);
      }
      for (BatchKey key : held) {
        assertThat(database.store().ledger(key, 0).collectList().block(PATIENCE)).isEmpty();
      }
      holder.rollback();
    }

    List<Ack> acks = Objects.requireNonNull(Flux.merge(waiting).collectList().block(PATIENCE));

    assertThat(acks).hasSize(ROUNDS * held.size()).allMatch(ack -> ack.accepted() == 1);
    for (BatchKey key : mixed) {
      assertThat(database.store().ledger(key, 0).collectList().block(PATIENCE))
          .as("in the order in which they came, each once")
          .extracting(body -> body.replaceAll(".*\"file\":\"([^\"]*)\".*", "$1"))
          .containsExactlyElementsOf(
              Stream.iterate(0, round -> round + 1)
                  .limit(ROUNDS)
                  .map(round -> "f" + round)
                  .toList());
    }
  }

  private Connection hold(List<BatchKey> keys) throws SQLException {
    PostgresSettings settings = database.settings();
    Connection holder =
        DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      for (BatchKey key : keys) {
        statement.execute(
            "SELECT 1 FROM audit.batch_state WHERE batch = '" + key.id() + "' FOR UPDATE");
      }
    }
    return holder;
  }

  private BatchKey open() {
    BatchKey key = new BatchKey("default", UUID.randomUUID());
    database
        .store()
        .open(
            new OpenBatch(
                key, BatchSpec.builder().build(), LimitRules.DEFAULTS, null, "me", "here"))
        .block(PATIENCE);
    return key;
  }

  private static Chunk chunk(BatchKey key, int round) {
    byte[] line =
        ("{\"type\":\"COMPLETED\",\"file\":\"f" + round + "\",\"rows\":1}\n")
            .getBytes(StandardCharsets.UTF_8);
    return new Chunk(UUID.randomUUID(), key, 1, null, new LineSplitter().feed(line));
  }
}
