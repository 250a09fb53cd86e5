package io.fileaudit.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Feeds of two services on one database, read by watchers that are cut off again and again. */
@Timeout(180)
class FeedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CUTS = 50;
  private static final int BATCHES = 4;

  @TempDir Path folder;
  private AuditHome home;
  private AuditHome other;
  private final List<String> nodes = new CopyOnWriteArrayList<>();

  @BeforeEach
  void begin() throws Exception {
    home = new AuditHome(Files.createDirectories(folder.resolve("one")));
    other = new AuditHome(Files.createDirectories(folder.resolve("other")));
    nodes.add(home.serve(Map.of("AUDIT_NODE", "one")).url());
  }

  @AfterEach
  void end() {
    other.close();
    home.close();
  }

  private ServiceProcess serveOther() throws Exception {
    return other.serve(
        Map.of(
            "AUDIT_NODE", "two",
            "AUDIT_ADMIN_KEY_FILE", home.data().resolve("admin.key").toString(),
            "AUDIT_DB", home.cluster().url("audit_service", home.cluster().port()),
            "AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port())));
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private AuditCalls client(int node) throws Exception {
    return AuditClient.builder().url(nodes.get(node)).key(home.key()).calls();
  }

  @Test
  void whoIsCutOffAtRandomSeesEveryVerdictAndRowOnce() throws Exception {
    ServiceProcess second = serveOther();
    nodes.add(second.url());
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<UUID> batches = new ArrayList<>();
    List<CutReader> readers = new ArrayList<>();
    try (AuditCalls here = client(0)) {
      for (int i = 0; i < BATCHES; i++) {
        batches.add(now(here.open(BatchSpec.builder().build())).id());
      }
      CutReader all = reader(readers, "/api/v1/feed", random);
      CutReader one = reader(readers, "/api/v1/batches/" + batches.get(0) + "/feed", random);
      CutReader rows = reader(readers, "/api/v1/batches/" + batches.get(0) + "/ledger", random);
      // A feed begins when it is opened: what is to be seen comes after that.
      await(() -> !all.events("tick").isEmpty() && !one.events("snapshot").isEmpty());

      live(batches, readers, random);
      nodes.remove(1);
      second.killAtOnce();
      live(batches, readers, random);
      nodes.add(serveOther().url());
      live(batches, readers, random);

      readers.forEach(CutReader::leave);
      List<String> logged = logged();
      await(() -> all.events("verdict").size() >= logged.size());
      assertThat(verdicts(all)).isEqualTo(logged);
      List<Verdict> decided = now(here.verdicts(batches.get(0)));
      assertThat(decided).hasSizeGreaterThan(3);
      await(() -> one.events("verdict").size() >= decided.size());
      assertThat(verdicts(one))
          .isEqualTo(decided.stream().map(verdict -> name(batches.get(0), verdict)).toList());
      List<String> ledger = now(here.ledger(batches.get(0), 0).collectList());
      await(() -> rows.events("row").size() >= ledger.size());
      assertThat(rows.events("row"))
          .extracting(CutReader.Event::id)
          .isEqualTo(LongStream.range(0, ledger.size()).boxed().toList());
      assertThat(rows.events("row").stream().map(row -> row.data()).toList())
          .isEqualTo(ledger.stream().map(body -> AuditJson.lenient().readTree(body)).toList());
      for (CutReader reader : readers) {
        assertThat(reader.events("gap")).isEmpty();
        assertThat(reader.connections()).isGreaterThan(CUTS);
      }
    } finally {
      readers.forEach(CutReader::close);
    }
  }

  private CutReader reader(List<CutReader> readers, String path, Random random) throws Exception {
    CutReader reader = new CutReader(() -> nodes, home.key(), path, random.nextLong());
    readers.add(reader);
    return reader;
  }

  /** Lets batches live by way of all nodes until every reader was cut a third of its times. */
  private void live(List<UUID> batches, List<CutReader> readers, Random random) throws Exception {
    int[] before = readers.stream().mapToInt(CutReader::connections).toArray();
    List<AuditCalls> clients = new ArrayList<>();
    try {
      for (int i = 0; i < nodes.size(); i++) {
        clients.add(client(i));
      }
      boolean done = false;
      for (int step = 0; !done; step++) {
        AuditCalls client = clients.get(random.nextInt(clients.size()));
        live(client, batches.get(random.nextInt(batches.size())), step, random);
        done = true;
        for (int i = 0; i < before.length; i++) {
          done &= readers.get(i).connections() - before[i] > CUTS / 3;
        }
      }
    } finally {
      clients.forEach(AuditCalls::close);
    }
  }

  private static void live(AuditCalls client, UUID batch, int step, Random random) {
    Snapshot snapshot = now(client.snapshot(batch));
    boolean open = snapshot.status().isOpen();
    if (open && random.nextInt(4) > 0) {
      FileEvent event = FileEvent.of(EventType.STARTED, "f" + step).build();
      now(client.send(batch, snapshot.run(), null, Flux.just(event)).last());
    } else {
      BatchStatus wanted = open ? BatchStatus.FAILED : BatchStatus.RUNNING;
      now(client.status(batch, snapshot.run(), wanted, null));
    }
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    now(
        Mono.fromCallable(condition)
            .subscribeOn(Schedulers.boundedElastic())
            .filter(met -> met)
            .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50))));
  }

  private static List<String> verdicts(CutReader reader) {
    return reader.events("verdict").stream()
        .map(
            event ->
                event.data().get("batch").asString()
                    + " "
                    + event.data().at("/verdict/run").asInt()
                    + " "
                    + event.data().at("/verdict/status").asString())
        .toList();
  }

  private static String name(UUID batch, Verdict verdict) {
    return batch + " " + verdict.run() + " " + verdict.status();
  }

  /** The decisions in the order of the log, once all are numbered. */
  private List<String> logged() throws Exception {
    List<String> logged = new ArrayList<>();
    try (Connection connection = home.cluster().connect("audit_service");
        Statement statement = connection.createStatement()) {
      await(() -> isNumbered(statement));
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT batch, run, verdict::json ->> 'status' FROM audit.log WHERE verdict IS NOT NULL ORDER BY number")) {
        while (rows.next()) {
          logged.add(rows.getString(1) + " " + rows.getInt(2) + " " + rows.getString(3));
        }
      }
    }
    return logged;
  }

  private static boolean isNumbered(Statement statement) throws Exception {
    try (ResultSet row =
        statement.executeQuery("SELECT NOT EXISTS (SELECT FROM audit.log WHERE number IS NULL)")) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
