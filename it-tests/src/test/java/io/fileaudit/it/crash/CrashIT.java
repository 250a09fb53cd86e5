package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * An acknowledged event survives any crash, and nothing is counted twice when all is sent again.
 * Killing by SIGKILL shows nothing of fsync, whose settings {@code ServeIT} looks at.
 */
@Timeout(120)
class CrashIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int FILES = 2_500;
  private static final int CHUNK = 50;
  private static final Map<String, String> SMALL_COMMITS =
      Map.of("AUDIT_WRITE_CHUNK_SIZE", Integer.toString(CHUNK), "AUDIT_WRITE_RETRY", "PT40S");

  /** A transaction has written to the ledger and waits for a lock on the accounts. */
  private static final String WRITTEN_AND_WAITING =
      """
      EXISTS (SELECT FROM pg_locks ledger JOIN pg_locks accounts USING (pid)
               WHERE ledger.relation = 'audit.ledger'::regclass AND ledger.mode = 'RowExclusiveLock'
                 AND accounts.relation = 'audit.manifest'::regclass AND NOT accounts.granted)
      """;

  /** When all is killed. */
  enum Moment {
    /** The first commit has written to the ledger and waits for a lock; nothing is acknowledged. */
    BEFORE_THE_FIRST_ACK,
    /** All that was sent is acknowledged, and the stream is still open. */
    AFTER_SOME_ACKS,
    /** Three batches are being sent as fast as they can be. */
    WHILE_MANY_ARE_IN_FLIGHT
  }

  /** One data directory, which outlives the crashes of all tests; starting anew costs seconds. */
  @TempDir static Path folder;

  private static AuditHome home;
  private static @Nullable ServiceProcess service;

  @BeforeAll
  static void makeHome() throws Exception {
    home = new AuditHome(folder);
  }

  @BeforeEach
  void serveAfterAFailedTest() throws Exception {
    home.cluster().allowStart();
    if (service == null || !service.isAlive()) {
      serve();
    }
  }

  private static void serve() throws Exception {
    service = home.serve(SMALL_COMMITS);
  }

  @AfterAll
  static void end() {
    home.close();
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void nothingAcknowledgedIsLostWhenServiceAndDatabaseAreKilled(Moment moment) throws Exception {
    List<Load> loads =
        switch (moment) {
          case BEFORE_THE_FIRST_ACK -> killBeforeTheFirstAck();
          case AFTER_SOME_ACKS -> killAfterSomeAcks();
          case WHILE_MANY_ARE_IN_FLIGHT -> killWhileManyAreInFlight(this::killAll);
        };

    serve();

    for (Load load : loads) {
      assertNothingIsLostAndAllCanBeSentAgain(load);
    }
  }

  @Test
  void databaseThatAKilledServiceLeftBehindGivesWayToANewOne() throws Exception {
    long leftBehind = home.cluster().postmasterPid();
    List<Load> loads = killWhileManyAreInFlight(() -> service.kill());
    assertThat(home.cluster().postmasterPid()).isEqualTo(leftBehind);

    serve();

    assertThat(home.cluster().processes())
        .isNotEmpty()
        .noneMatch(process -> process.pid() == leftBehind);
    for (Load load : loads) {
      assertNothingIsLostAndAllCanBeSentAgain(load);
    }
  }

  @Test
  void serviceBringsItsKilledDatabaseBackAndTheLoadGoesOn() throws Exception {
    long killed = home.cluster().postmasterPid();
    Load load = new Load(FILES);
    try (AuditCalls client = home.client()) {
      load.open(client);
      beginTheFirstHalf(load, client);
      home.cluster().preventStart();
      home.cluster().killPostmaster();
      load.goOn();
      Await.until(
          "the database is away",
          () -> problem(client.snapshot(load.batch())) == ProblemType.UNAVAILABLE);
      assertThat(problem(client.open(UUID.randomUUID(), BatchSpec.builder().build())))
          .isEqualTo(ProblemType.UNAVAILABLE);
      assertThat(load.over()).isNotDone();

      home.cluster().allowStart();

      assertThat(load.over()).succeedsWithin(LIMIT);
    }
    assertThat(load.acknowledged()).isEqualTo(load.events().size());
    assertThat(service.isAlive()).isTrue();
    assertThat(home.cluster().postmasterPid()).isNotEqualTo(killed);
    assertNothingIsLostAndAllCanBeSentAgain(load);
  }

  /** What the service says against it; null where it does what it is asked for. */
  private static @Nullable ProblemType problem(Mono<Snapshot> call) {
    return call.<Optional<ProblemType>>map(done -> Optional.empty())
        .onErrorResume(AuditException.class, refused -> Mono.just(Optional.of(refused.type())))
        .block(LIMIT)
        .orElse(null);
  }

  private List<Load> killBeforeTheFirstAck() throws Exception {
    Load load = new Load(FILES);
    try (AuditCalls client = home.client();
        Connection connection = home.cluster().connect("audit_owner");
        Statement statement = connection.createStatement()) {
      load.open(client);
      connection.setAutoCommit(false);
      // Accounts are written after the ledger and can be read meanwhile.
      statement.execute("LOCK TABLE audit.manifest IN EXCLUSIVE MODE");
      load.begin(client, load.events().size());
      Await.until(
          "a transaction has written and waits", () -> isTrue(statement, WRITTEN_AND_WAITING));
      killAll();
      assertBroken(load);
    }
    assertThat(load.acknowledged()).isZero();
    return List.of(load);
  }

  private List<Load> killAfterSomeAcks() throws Exception {
    Load load = new Load(FILES);
    try (AuditCalls client = home.client()) {
      load.open(client);
      beginTheFirstHalf(load, client);
      killAll();
      assertBroken(load);
    }
    assertThat(load.acks()).hasSizeGreaterThan(1);
    return List.of(load);
  }

  /** Half of it is acknowledged then, and the last file of that half is not complete. */
  private static void beginTheFirstHalf(Load load, AuditCalls client) {
    int half = load.events().size() / 2 + 1;
    load.begin(client, half);
    Await.until("half of it is acknowledged", () -> load.acknowledged() == half);
  }

  private interface Killing {
    void run() throws Exception;
  }

  private List<Load> killWhileManyAreInFlight(Killing killing) throws Exception {
    List<Load> loads = Stream.generate(() -> new Load(FILES)).limit(3).toList();
    try (AuditCalls client = home.client()) {
      loads.forEach(load -> load.open(client));
      loads.forEach(load -> load.begin(client, load.events().size()));
      Await.until(
          "all are under way", () -> loads.stream().allMatch(load -> load.acks().size() > 1));
      killing.run();
      for (Load load : loads) {
        assertBroken(load);
        assertThat(load.given() - load.acknowledged()).as("in flight").isGreaterThan(CHUNK);
      }
    }
    return loads;
  }

  private void killAll() throws Exception {
    service.killAtOnce();
    home.cluster().killAtOnce();
    service.kill();
    home.cluster().awaitGone();
  }

  private static void assertBroken(Load load) {
    assertThat(load.over())
        .failsWithin(LIMIT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(UnreachableException.class);
  }

  private void assertNothingIsLostAndAllCanBeSentAgain(Load load) throws Exception {
    try (AuditCalls client = home.client()) {
      Ledger found = Ledger.read(client, load.batch());
      assertHoldsWhatWasAcknowledged(found, load);
      assertConsistent(found, load, client);

      Ack again = load.sendAll(client);

      assertThat(again.refusals()).isEmpty();
      assertThat(again.duplicates()).isEqualTo(found.size());
      assertThat(again.accepted()).isEqualTo(load.events().size() - found.size());
      Ledger whole = Ledger.read(client, load.batch());
      assertThat(whole.size()).isEqualTo(load.events().size());
      assertThat(whole.texts().subList(0, found.size())).isEqualTo(found.texts());
      assertConsistent(whole, load, client);
      Snapshot ended = client.status(load.batch(), 1, BatchStatus.COMPLETED, null).block(LIMIT);
      assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(ended.totals().files().completed()).isEqualTo(load.files());
    }
  }

  private static void assertHoldsWhatWasAcknowledged(Ledger ledger, Load load) {
    List<Long> positions = ledger.positions();
    long line = 0;
    for (Ack ack : load.acks()) {
      assertThat(ack.accepted()).isEqualTo(ack.lastLine() - line);
      assertThat(ack.lastSeq()).isLessThan(ledger.size());
      for (long seq = ack.firstSeq(); seq <= ack.lastSeq(); seq++) {
        assertThat(positions.get((int) seq)).as("position at %s", seq).isEqualTo(++line);
      }
    }
    assertThat(line).isEqualTo(load.acknowledged());
  }

  /** No gap, nothing twice, nothing that was not sent, and figures that are those of the rows. */
  private static void assertConsistent(Ledger ledger, Load load, AuditCalls client) {
    assertThat(ledger.numbers()).isEqualTo(Ledger.countFromZero(ledger.size()));
    assertThat(ledger.positions()).doesNotHaveDuplicates();
    List<Long> positions = ledger.positions();
    List<JsonNode> events = ledger.events();
    for (int row = 0; row < ledger.size(); row++) {
      int sent = positions.get(row).intValue() - 1;
      assertThat(events.get(row)).isEqualTo(Ledger.stored(load.events().get(sent)));
    }
    Snapshot snapshot = client.snapshot(load.batch()).block(LIMIT);
    assertThat(snapshot.totals()).isEqualTo(ledger.recount(load.files()));
  }

  private static boolean isTrue(Statement statement, String condition) {
    try (ResultSet row = statement.executeQuery("SELECT " + condition)) {
      row.next();
      return row.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
