package io.fileaudit.it.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.crash.Ledger;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Thirty-two writers over a thousand batches, some of which are ended, resumed, kept alive and
 * judged meanwhile: nobody waits for another in a circle, and every account is right.
 */
@Timeout(360)
class ManyBatchesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(240);
  private static final int BATCHES = 1_000;
  private static final int WRITERS = 32;
  private static final int REQUESTS = 80;

  /** Batches like one that was opened and not used. */
  private static final String OPEN_MORE =
      """
      WITH opened AS (
        INSERT INTO audit.batch (namespace, id, labels, spec, limits, words, opened_at)
        SELECT namespace, gen_random_uuid(), labels, spec, limits, words, opened_at
          FROM audit.batch, generate_series(1, %d) WHERE id = '%s'
        RETURNING namespace, id)
      INSERT INTO audit.batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, tally, check_at, opened_at)
      SELECT o.namespace, o.id, s.status, s.run, s.next_seq, s.version, s.run_opened_at, s.tally, s.check_at, s.opened_at
        FROM opened o, audit.batch_state s WHERE s.batch = '%s'
      RETURNING batch
      """;

  @TempDir Path folder;

  private final long seed = System.nanoTime();

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  @Test
  void writersOfManyBatchesNeverLockEachOtherAndEveryEventCountsOnce() throws Exception {
    System.out.println("seed " + seed);
    try (AuditHome home = new AuditHome(folder)) {
      ServiceProcess service = home.serve(Map.of("AUDIT_WATCHDOG_INTERVAL", "PT0.1S"));
      try (AuditCalls client = home.client()) {
        Crowd crowd = now(Crowd.open(client, plainBatches(home, client), seed));
        assertThat(crowd.targets()).hasSize(BATCHES);

        now(crowd.run(WRITERS, REQUESTS).thenReturn(true));

        assertThat(crowd.wrong().stream().limit(3)).as("seed %d", seed).isEmpty();
        assertThat(service.said()).contains("TIMED_OUT");
        assertThat(crowd.refused()).as("requests to ended batches").isGreaterThan(20);
        assertThat(crowd.changes()).as("changes of a status").isGreaterThan(50);
        assertThat(crowd.heartbeats()).isGreaterThan(20);
        assertThat(figure(home, "SELECT sum(deadlocks) FROM pg_stat_database")).isZero();
        assertThat(logs(home)).noneMatch(line -> line.contains("deadlock"));
        assertThat(figure(home, "SELECT count(*) - count(DISTINCT xmin::text) FROM audit.chunk"))
            .as("chunks that shared a commit with another batch's")
            .isGreaterThan(500);
        assertEveryAccountIsRight(home, client, crowd);
      }
    }
  }

  /**
   * The batches of which nothing is particular: opened at once, as the service would one by one.
   */
  private static List<UUID> plainBatches(AuditHome home, AuditCalls client) throws Exception {
    UUID first = now(client.open(BatchSpec.builder().build())).id();
    List<UUID> ids = new ArrayList<>(List.of(first));
    int more = BATCHES - Crowd.FAMILIES - Crowd.SOON_IDLE - 1;
    try (Connection connection = home.cluster().connect("audit_owner");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(OPEN_MORE.formatted(more, first, first))) {
      while (row.next()) {
        ids.add(row.getObject(1, UUID.class));
      }
    }
    return ids;
  }

  private static long figure(AuditHome home, String query) throws IOException, SQLException {
    try (Connection connection = home.cluster().connect("audit_owner");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static List<String> logs(AuditHome home) throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.walk(home.data())) {
      logs = files.filter(file -> file.toString().endsWith(".log")).toList();
    }
    List<String> lines = new ArrayList<>();
    for (Path log : logs) {
      lines.addAll(Files.readAllLines(log));
    }
    assertThat(lines).as("the server's log").isNotEmpty();
    return lines;
  }

  private static void assertEveryAccountIsRight(AuditHome home, AuditCalls client, Crowd crowd)
      throws Exception {
    Map<UUID, List<JsonNode>> ledgers = ledgers(home);
    List<Crowd.Target> targets = crowd.targets();
    Map<UUID, Totals> shown = now(page(client, null).collectMap(Snapshot::id, Snapshot::totals));
    List<Totals> own = new ArrayList<>();
    long acknowledged = 0;
    for (Crowd.Target target : targets) {
      List<JsonNode> rows = ledgers.getOrDefault(target.id, List.of());
      List<JsonNode> events = rows.stream().map(row -> row.get("event")).toList();
      assertThat(new HashSet<>(events)).as("once each").hasSize(events.size());
      assertThat(stored(target).equals(new HashSet<>(events)))
          .as("acknowledged and in the ledger of %s", target.id)
          .isTrue();
      acknowledged += events.size();
      own.add(recount(rows));
    }
    System.out.printf(
        "%d events acknowledged, %d requests refused, %d changes, %d heartbeats%n",
        acknowledged, crowd.refused(), crowd.changes(), crowd.heartbeats());
    assertThat(acknowledged).isGreaterThan(WRITERS * REQUESTS);
    for (int i = 0; i < targets.size(); i++) {
      Totals expected = i < Crowd.PARENTS ? withSubBatches(own, i) : own.get(i);
      Totals found = Ledger.withoutRefusals(shown.get(targets.get(i).id));
      assertThat(found).as("batch %d", i).isEqualTo(expected);
    }
  }

  private static Flux<Snapshot> page(AuditCalls client, @Nullable String cursor) {
    return client
        .batches(BatchFilter.all().withPageSize(500), cursor)
        .flatMapMany(
            page ->
                Flux.fromIterable(page.items())
                    .concatWith(page.next() == null ? Flux.empty() : page(client, page.next())));
  }

  private static Set<JsonNode> stored(Crowd.Target target) {
    Set<JsonNode> events = new HashSet<>();
    for (FileEvent event : target.acknowledged) {
      events.add(Ledger.stored(event));
    }
    return events;
  }

  /** The rows of all ledgers that are events, in their order. */
  private static Map<UUID, List<JsonNode>> ledgers(AuditHome home) throws Exception {
    Map<UUID, List<JsonNode>> ledgers = new HashMap<>();
    Map<UUID, Long> next = new HashMap<>();
    try (Connection connection = home.cluster().connect("audit_service");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT batch, seq, body FROM audit.ledger ORDER BY batch, seq")) {
      while (rows.next()) {
        UUID batch = rows.getObject(1, UUID.class);
        assertThat(rows.getLong(2)).as("no gap").isEqualTo(next.merge(batch, 1L, Long::sum) - 1);
        JsonNode row = AuditJson.lenient().readTree(rows.getString(3));
        if (!row.has("verdict")) {
          ledgers.computeIfAbsent(batch, first -> new ArrayList<>()).add(row);
        }
      }
    }
    return ledgers;
  }

  /**
   * The figures by the rows alone: of the shared file the most that its last run said, and each
   * other file once.
   */
  private static Totals recount(List<JsonNode> rows) {
    long completed = 0;
    long loaded = 0;
    int run = 0;
    long inFlight = 0;
    for (JsonNode row : rows) {
      long said = row.at("/event/rows").asLong();
      if (!row.at("/event/file").asString().equals("shared")) {
        completed++;
        loaded += said;
      } else if (row.get("run").asInt() > run) {
        run = row.get("run").asInt();
        inFlight = said;
      } else {
        inFlight = Math.max(inFlight, said);
      }
    }
    FileCounts files = new FileCounts(0, 0, 0, run == 0 ? 0 : 1, completed, 0, 0);
    return new Totals(files, loaded, inFlight, 0, 0, rows.size(), 0);
  }

  private static Totals withSubBatches(List<Totals> own, int parent) {
    return IntStream.rangeClosed(1, Crowd.SUB_BATCHES_OF_EACH)
        .mapToObj(sub -> own.get(parent + sub * Crowd.PARENTS))
        .reduce(own.get(parent), ManyBatchesIT::plus);
  }

  private static Totals plus(Totals one, Totals other) {
    FileCounts files =
        new FileCounts(
            0,
            0,
            0,
            one.files().running() + other.files().running(),
            one.files().completed() + other.files().completed(),
            0,
            0);
    return new Totals(
        files,
        one.rows() + other.rows(),
        one.rowsInFlight() + other.rowsInFlight(),
        0,
        0,
        one.events() + other.events(),
        0);
  }
}
