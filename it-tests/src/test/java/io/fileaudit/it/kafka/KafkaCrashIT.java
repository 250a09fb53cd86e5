package io.fileaudit.it.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.BrokerProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Whole lives of batches by Kafka while nodes and broker are killed: ledgers, totals and the topic
 * of changes of status are as if nothing had happened. {@code -Daudit.kafka.batches=500} makes it
 * 200,000 records.
 */
@Timeout(900)
class KafkaCrashIT {
  private static final int BATCHES = Integer.getInteger("audit.kafka.batches", 50);
  private static final int FILES = Integer.getInteger("audit.kafka.files", 132);
  private static final int KILLS = Integer.getInteger("audit.kafka.kills", 3);
  private static final int PARTITIONS = 6;
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final AtomicInteger kills = new AtomicInteger();

  @TempDir Path folder;
  private KafkaSite site;
  private KafkaTraffic traffic;

  @AfterEach
  void end() {
    if (traffic != null) {
      traffic.close();
    }
    site.close();
  }

  @Test
  void killsLeaveNoTrace() throws Exception {
    long seed = Long.getLong("audit.kafka.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    site = new KafkaSite(folder, new BrokerProcess(folder.resolve("broker")).start());
    traffic = site.traffic();
    traffic.make(KafkaSite.EVENTS, PARTITIONS);
    site.serve(0);
    site.serve(1);
    List<UUID> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(new UUID(random.nextLong(), random.nextLong()));
    }

    AtomicBoolean loaded = new AtomicBoolean();
    AtomicReference<Throwable> broken = new AtomicReference<>();
    Random loading = new Random(seed + 1);
    Thread loader =
        new Thread(
            () -> {
              try {
                load(batches, loading);
                loaded.set(true);
              } catch (Exception e) {
                broken.set(e);
              }
            });
    loader.setDaemon(true);
    loader.start();
    long before = 0;
    while (kills.get() < KILLS) {
      assertThat(broken.get()).isNull();
      long enough = before + 200;
      KafkaSite.await("more is taken in", () -> rows() > enough);
      switch (kills.get() % 3) {
        case 0 -> {
          site.service(1).kill();
          site.serve(1);
        }
        case 1 -> {
          site.broker().kill();
          site.broker().start();
        }
        default -> {
          site.service(0).kill();
          site.serve(0);
        }
      }
      // Only now may the loader go on to the part of the load that the next kill waits for.
      before = rows();
      kills.incrementAndGet();
    }
    KafkaSite.await("all was sent", loaded::get);
    assertThat(broken.get()).isNull();
    KafkaSite.await(
        "every batch has ended",
        () ->
            count("SELECT count(*) FROM audit.batch_state WHERE ended_at IS NOT NULL") == BATCHES);
    assertLedgers();
    KafkaSite.await(
        "nothing waits to be sent", () -> count("SELECT count(*) FROM audit.outbox") == 0);
    assertStatusTopic(batches);
  }

  /** Interleaved lives, with one in ten events sent again as a loader does that lost its answer. */
  private void load(List<UUID> batches, Random random) throws Exception {
    for (UUID batch : batches) {
      traffic.send(
          batch, "\"type\":\"OPENED\",\"table\":\"t\",\"expected\":{\"count\":" + FILES + "}");
    }
    for (int file = 0; file < FILES; file++) {
      // Some of the load is left for after each kill.
      while (kills.get() < KILLS && file > (kills.get() + 1) * FILES / (KILLS + 1)) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
      }
      for (UUID batch : batches) {
        for (String type : List.of("STARTED", "PROGRESS", "COMPLETED")) {
          String event =
              "\"type\":\"%s\",\"file\":\"f%d\",\"rows\":%d,\"id\":\"%s-%d\""
                  .formatted(type, file, file, type, file);
          traffic.send(batch, event);
          if (random.nextInt(10) == 0) {
            traffic.send(batch, event);
          }
        }
      }
      traffic.flush();
    }
    for (UUID batch : batches) {
      traffic.send(batch, "\"type\":\"ENDED\",\"status\":\"COMPLETED\"");
    }
    traffic.flush();
  }

  private void assertLedgers() throws Exception {
    long events = 3L * FILES + 2;
    assertThat(
            count(
                "SELECT count(*) FROM (SELECT namespace, batch, count(*) AS n, min(seq) AS least, max(seq) AS most"
                    + " FROM audit.ledger GROUP BY 1, 2) l WHERE n = "
                    + events
                    + " AND least = 0 AND most = n - 1"))
        .as("batches with each event once, numbered without gaps")
        .isEqualTo(BATCHES);
    assertThat(count("SELECT count(*) FROM audit.batch_state WHERE status = 'COMPLETED'"))
        .isEqualTo(BATCHES);
    assertThat(count("SELECT count(*) FROM audit.manifest WHERE state = 'COMPLETED'"))
        .isEqualTo((long) BATCHES * FILES);
    assertThat(count("SELECT coalesce(sum(rows), 0) FROM audit.manifest"))
        .isEqualTo((long) BATCHES * FILES * (FILES - 1) / 2);
    assertThat(count("SELECT count(*) FROM audit.rejected")).isZero();
  }

  /** Of each batch all three changes, in the order of versions, repeats left out. */
  private void assertStatusTopic(List<UUID> batches) {
    Map<String, List<String>> changes = new HashMap<>();
    Map<String, Long> last = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : traffic.all(KafkaSite.STATUS)) {
      JsonNode event = AuditJson.lenient().readTree(record.value());
      String batch = event.get("subject").asString();
      long version = event.get("data").get("version").asLong();
      if (version > last.getOrDefault(batch, 0L)) {
        last.put(batch, version);
        changes
            .computeIfAbsent(batch, key -> new ArrayList<>())
            .add(event.get("data").get("status").asString());
      }
    }
    assertThat(changes.keySet())
        .containsExactlyInAnyOrderElementsOf(batches.stream().map(UUID::toString).toList());
    assertThat(changes.values())
        .allSatisfy(of -> assertThat(of).containsExactly("PENDING", "RUNNING", "COMPLETED"));
  }

  private long rows() throws Exception {
    return count("SELECT count(*) FROM audit.ledger");
  }

  private long count(String sql) throws Exception {
    try (Connection connection = site.home().cluster().connect("audit_owner");
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      found.next();
      return found.getLong(1);
    }
  }
}
