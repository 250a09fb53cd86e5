package io.fileaudit.it.bench;

import io.fileaudit.it.kafka.KafkaTraffic;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast records that wait in Kafka become durable, beside the same events by HTTP in the same
 * run: broker, service, database and client share the machine, and the ways take turns. Records are
 * written while their batches are held, so that what is timed is from their release to the last
 * commit. Run it by {@code .ci/bench KafkaBench}; {@code -Daudit.bench.rounds} and {@code
 * -Daudit.bench.parts} change it.
 */
class KafkaBench {
  private static final int EVENTS = 400_000;
  private static final int BACKLOG = 1_000_000;
  private static final int PARTITIONS = 4;
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 5);
  private static final String PARTS = System.getProperty("audit.bench.parts", "ekfmbn");
  private static final Path RESULT = Path.of("target", "bench", "kafka.json");

  @TempDir Path folder;

  private final Measured measured = new Measured(RESULT);
  private AuditHome home;
  private AuditHome other;
  private BrokerProcess broker;
  private KafkaTraffic records;
  private ServiceProcess service;

  private interface Way {
    long nanos() throws Exception;
  }

  @Test
  void kafka() throws Exception {
    try (BrokerProcess started = new BrokerProcess(folder.resolve("broker")).start();
        AuditHome first = AuditHome.asLaunched(Files.createDirectories(folder.resolve("one")));
        AuditHome second = AuditHome.asLaunched(Files.createDirectories(folder.resolve("two")));
        KafkaTraffic loads = new KafkaTraffic(started.servers(), "")) {
      broker = started;
      home = first;
      other = second;
      records = loads;
      records.make("audit.file-events.v1", PARTITIONS);
      service = home.serve(Map.of("AUDIT_KAFKA", broker.servers()));
      HttpLoads http = new HttpLoads(URI.create(service.url()), home.key(), EVENTS);
      byte[] stream = http.stream();
      for (int i = 0; i < 2; i++) {
        http.oneStream(UUID.randomUUID(), stream);
        byKafka(1, EVENTS);
      }
      for (int round = 1; round <= ROUNDS; round++) {
        System.out.println("round " + round);
        part("e", "HTTP, one batch", EVENTS, () -> http.oneStream(UUID.randomUUID(), stream));
        part("k", "Kafka, one batch", EVENTS, () -> byKafka(1, EVENTS));
        part("f", "HTTP, 1,000 batches", EVENTS, http::manyBatches);
        part("m", "Kafka, 1,000 batches", EVENTS, () -> byKafka(HttpLoads.BATCHES, EVENTS));
        part("b", "backlog, one node", BACKLOG, () -> byKafka(HttpLoads.BATCHES, BACKLOG));
        if (PARTS.contains("n")) {
          ServiceProcess node = serveOther();
          part("n", "backlog, two nodes", BACKLOG, () -> byKafka(HttpLoads.BATCHES, BACKLOG));
          node.terminate();
        }
      }
      measured.ratio("k/e", name("k"), name("e"));
      measured.ratio("m/f", name("m"), name("f"));
      measured.ratio("n/b", name("n"), name("b"));
      measured.write();
    }
  }

  private ServiceProcess serveOther() throws Exception {
    return other.serve(
        Map.of(
            "AUDIT_KAFKA", broker.servers(),
            "AUDIT_ADMIN_KEY_FILE", home.data().resolve("admin.key").toString(),
            "AUDIT_DB", home.cluster().url("audit_service", home.cluster().port()),
            "AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port())));
  }

  private static String name(String letter) {
    return letter + ", events/s";
  }

  private void part(String letter, String what, int events, Way way) throws Exception {
    if (!PARTS.contains(letter)) {
      return;
    }
    double seconds = way.nanos() / 1e9;
    measured.round(name(letter), events / seconds, "(" + what + ")");
  }

  /** Writes the events while their batches are held, and times them from there. */
  private long byKafka(int batches, int events) throws Exception {
    List<UUID> ids = Stream.generate(UUID::randomUUID).limit(batches).toList();
    for (UUID id : ids) {
      try (RawHttp http = new RawHttp(URI.create(service.url()), home.key())) {
        http.open(id);
      }
    }
    String list = String.join(",", ids.stream().map(id -> "'" + id + "'").toList());
    try (Connection holding = home.cluster().connect("postgres");
        Statement statement = holding.createStatement()) {
      holding.setAutoCommit(false);
      statement
          .executeQuery("SELECT 1 FROM audit.batch_state WHERE batch IN (" + list + ") FOR UPDATE")
          .close();
      send(ids, events);
      statement.execute("CHECKPOINT");
      long begun = System.nanoTime();
      holding.commit();
      holding.setAutoCommit(true);
      String sum =
          "SELECT coalesce(sum(next_seq), 0) FROM audit.batch_state WHERE batch IN (" + list + ")";
      while (count(statement, sum) < events) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
      }
      return System.nanoTime() - begun;
    }
  }

  private static long count(Statement statement, String sql) throws Exception {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The lines of HTTP with the batch in front, the batches by turns. */
  private void send(List<UUID> batches, int events) {
    int ofABatch = events / batches.size();
    for (String line :
        new String(Workload.lines(0, ofABatch), StandardCharsets.US_ASCII).split("\n")) {
      for (UUID batch : batches) {
        var unused = records.send(batch, line.substring(1, line.length() - 1));
      }
    }
    records.flush();
  }
}
