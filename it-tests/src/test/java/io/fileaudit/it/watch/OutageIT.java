package io.fileaudit.it.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Services that die, and services that share a database. */
@Timeout(300)
class OutageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int BATCHES = Integer.getInteger("audit.it.batches", 500);
  private static final int ROUNDS = Integer.getInteger("audit.it.rounds", 1);

  @TempDir Path folder;

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static Mono<Snapshot> begun(AuditCalls client, Duration idle) {
    return client
        .open(BatchSpec.builder().limit(LimitName.IDLE, Limit.endAfter(idle)).build())
        .flatMap(
            batch ->
                client
                    .send(
                        batch.id(),
                        1,
                        null,
                        Flux.just(FileEvent.of(EventType.STARTED, "a").build()))
                    .then(client.snapshot(batch.id())));
  }

  private static Mono<Snapshot> ended(AuditCalls client, UUID batch) {
    return Mono.defer(() -> client.snapshot(batch))
        .filter(snapshot -> !snapshot.status().isOpen())
        .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(100)));
  }

  @Test
  void timeWithoutAServiceIsTakenOff() throws Exception {
    Duration idle = Duration.ofSeconds(4);
    try (AuditHome home = new AuditHome(folder)) {
      ServiceProcess first = home.serve();
      UUID batch;
      Instant last;
      try (AuditCalls client = home.client()) {
        Snapshot before = now(begun(client, idle));
        batch = before.id();
        last = Objects.requireNonNull(before.lastActivityAt());
      }
      first.kill();
      now(Mono.delay(idle.plusSeconds(1)));

      home.serve(Map.of("AUDIT_RECONNECT_GRACE", "PT0S"));

      try (AuditCalls client = home.client()) {
        Snapshot alive = now(client.snapshot(batch));
        assertThat(alive.status()).as("nobody could hear it").isEqualTo(BatchStatus.RUNNING);
        Verdict verdict = Objects.requireNonNull(now(ended(client, batch)).verdict());
        Duration outages = outagesAfter(last, home);
        assertThat(outages).isGreaterThan(idle);
        Duration listened = Duration.between(last, verdict.decidedAt()).minus(outages);
        assertThat(listened).isBetween(idle, idle.plusSeconds(2));
      }
    }
  }

  private static Duration outagesAfter(Instant last, AuditHome home) throws Exception {
    Duration all = Duration.ZERO;
    try (Connection connection = home.cluster().connect("audit_service");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT from_at, to_at FROM audit.outage")) {
      while (rows.next()) {
        Instant from = rows.getObject(1, OffsetDateTime.class).toInstant();
        Instant to = rows.getObject(2, OffsetDateTime.class).toInstant();
        if (to.isAfter(last)) {
          all = all.plus(Duration.between(from.isBefore(last) ? last : from, to));
        }
      }
    }
    return all;
  }

  /** Both services find all batches due at one time, and each run gets one ending. */
  @Test
  void twoServicesOnOneDatabaseNeverWriteTwoEndings() throws Exception {
    try (AuditHome home = new AuditHome(folder.resolve("one"));
        AuditHome other = new AuditHome(folder.resolve("other"))) {
      Files.createDirectories(folder.resolve("one"));
      Files.createDirectories(folder.resolve("other"));
      ServiceProcess one = home.serve(Map.of("AUDIT_NODE", "one"));
      ServiceProcess two =
          other.serve(
              Map.of(
                  "AUDIT_NODE", "two",
                  "AUDIT_DB", home.cluster().url("audit_service", home.cluster().port()),
                  "AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port())));
      try (AuditCalls client = home.client()) {
        for (int round = 0; round < ROUNDS; round++) {
          List<UUID> batches = expiring(client);
          now(
              Flux.fromIterable(batches)
                  .flatMap(batch -> ended(client, batch), 16)
                  .then(Mono.just(1)));
          checkOneEndingEach(home, batches);
        }
      }
      assertThat(one.said()).contains("TIMED_OUT");
      assertThat(two.said()).contains("TIMED_OUT");
    }
  }

  private static List<UUID> expiring(AuditCalls client) {
    return now(
        Flux.range(0, BATCHES)
            .flatMap(i -> begun(client, Duration.ofSeconds(5)), 16)
            .map(Snapshot::id)
            .collectList());
  }

  private static void checkOneEndingEach(AuditHome home, List<UUID> batches) throws Exception {
    List<String> wrong = new ArrayList<>();
    String query =
        """
        SELECT s.batch, s.status, s.next_seq, (SELECT count(*) FROM audit.ledger l WHERE l.batch = s.batch) AS ledger,
            (SELECT count(*) FROM audit.log g WHERE g.batch = s.batch AND g.verdict IS NOT NULL) AS verdicts
          FROM audit.batch_state s
        """;
    int found = 0;
    try (Connection connection = home.cluster().connect("audit_service");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        if (batches.contains(rows.getObject(1, UUID.class))) {
          found++;
          boolean right =
              rows.getString(2).equals("TIMED_OUT")
                  && rows.getLong(3) == 2
                  && rows.getLong(4) == 2
                  && rows.getLong(5) == 1;
          if (!right) {
            wrong.add(rows.getString(1));
          }
        }
      }
    }
    assertThat(found).isEqualTo(batches.size());
    assertThat(wrong).isEmpty();
  }
}
