package io.fileaudit.it.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.BrokerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One node and a real broker: what goes in, what comes out, and what happens when one is away. */
@Timeout(300)
class KafkaIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private KafkaSite site;
  private KafkaTraffic traffic;

  private void begin(KafkaSite begun) throws Exception {
    site = begun;
    traffic = site.traffic();
    site.serve(0);
  }

  private void begin() throws Exception {
    begin(new KafkaSite(folder, new BrokerProcess(folder.resolve("broker")).start()));
    traffic.make(KafkaSite.EVENTS, 3);
  }

  @AfterEach
  void end() {
    if (traffic != null) {
      traffic.close();
    }
    site.close();
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static String completed(String file) {
    return "\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":7";
  }

  private static void awaitCompleted(AuditCalls client, UUID batch, long files) {
    KafkaSite.await(
        files + " files are completed",
        () -> now(client.snapshot(batch)).totals().files().completed() == files);
  }

  private List<String> statuses(UUID batch) {
    return traffic.all(KafkaSite.STATUS).stream()
        .filter(record -> batch.toString().equals(KafkaTraffic.text(record.key())))
        .map(
            record ->
                KafkaTraffic.text(record.value()).replaceAll(".*\"type\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  private void awaitLifeTold(UUID batch, String end) {
    List<String> life = List.of("io.fileaudit.batch.pending", "io.fileaudit.batch.running", end);
    KafkaSite.await("its changes were told", () -> statuses(batch).equals(life));
  }

  @Test
  void poisonGoesToTheDeadLettersAndThePartitionGoesOn() throws Exception {
    begin();
    try (AuditCalls client = site.client(0)) {
      UUID batch = now(client.open(BatchSpec.builder().build())).id();
      UUID nobodys = UUID.randomUUID();
      traffic.send(batch, completed("a"));
      traffic.sendRaw(batch.toString(), null);
      traffic.sendRaw(batch.toString(), "oops");
      traffic.sendRaw(null, "{\"type\":\"STARTED\",\"file\":\"a\"}");
      traffic.send(nobodys, completed("x"));
      traffic.send(batch, completed("b"));
      traffic.send(batch, "\"type\":\"ENDED\",\"status\":\"COMPLETED\"");
      traffic.flush();

      KafkaSite.await("it has ended", () -> !now(client.snapshot(batch)).status().isOpen());
      KafkaSite.await("all are buried", () -> traffic.all(KafkaSite.DEAD_LETTERS).size() == 4);

      Snapshot snapshot = now(client.snapshot(batch));
      assertThat(snapshot.status()).isEqualTo(BatchStatus.INCOMPLETE);
      assertThat(snapshot.totals().files().completed()).isEqualTo(2);
      assertThat(snapshot.totals().refused()).isEqualTo(1);
      List<ConsumerRecord<byte[], byte[]>> dead = traffic.all(KafkaSite.DEAD_LETTERS);
      assertThat(dead)
          .extracting(record -> KafkaTraffic.text(record.value()))
          .containsExactlyInAnyOrder(
              null,
              "oops",
              "{\"type\":\"STARTED\",\"file\":\"a\"}",
              "{\"batch\":\"" + nobodys + "\"," + completed("x") + "}");
      assertThat(dead)
          .extracting(
              record -> KafkaTraffic.text(record.headers().lastHeader("audit-type").value()))
          .containsExactlyInAnyOrder(
              "invalid-event", "malformed-json", "invalid-event", "not-found");
      awaitLifeTold(batch, "io.fileaudit.batch.incomplete");
    }
  }

  @Test
  void httpGoesOnWithoutKafkaAndWhatWasToBeToldFollows() throws Exception {
    begin();
    KafkaSite.await("it is in", () -> site.health(0, "ingest").statusCode() == 200);
    try (AuditCalls client = site.client(0)) {
      UUID before = now(client.open(BatchSpec.builder().build())).id();
      traffic.send(before, completed("a"));
      awaitCompleted(client, before, 1);
      site.broker().kill();
      KafkaSite.await("it is known", () -> site.health(0, "ingest").statusCode() == 503);

      UUID batch = now(client.open(BatchSpec.builder().build())).id();
      FileEvent event = FileEvent.of(EventType.COMPLETED, "b").build();
      now(client.send(batch, 1, null, Flux.just(event)).last());
      now(client.status(batch, 1, BatchStatus.COMPLETED, null));

      assertThat(site.health(0, "readiness").statusCode()).isEqualTo(200);
      assertThat(site.health(0, "liveness").statusCode()).isEqualTo(200);
      assertThat(site.health(0, "ingest").body()).contains("\"kafkaHealth\":{\"status\":\"DOWN\"");
      site.broker().start();
      KafkaSite.await("it is in again", () -> site.health(0, "ingest").statusCode() == 200);
      traffic.send(before, completed("c"));
      awaitCompleted(client, before, 2);
      awaitLifeTold(batch, "io.fileaudit.batch.completed");
    }
  }

  @Test
  void topicThatIsMadeLateIsReadFrom() throws Exception {
    begin(new KafkaSite(folder, new BrokerProcess(folder.resolve("broker")).start()));
    try (AuditCalls client = site.client(0)) {
      UUID batch = now(client.open(BatchSpec.builder().build())).id();
      KafkaSite.await("it looks", () -> site.health(0, "ingest").statusCode() == 200);

      traffic.make(KafkaSite.EVENTS, 2);
      traffic.send(batch, completed("a"));

      awaitCompleted(client, batch, 1);
    }
  }

  @Test
  void recordsWaitForTheDatabase() throws Exception {
    begin();
    try (AuditCalls client = site.client(0)) {
      UUID batch = now(client.open(BatchSpec.builder().build())).id();
      traffic.send(batch, completed("f0"));
      awaitCompleted(client, batch, 1);
      site.home().cluster().killAtOnce();
      for (int i = 1; i < 500; i++) {
        traffic.send(batch, completed("f" + i));
      }
      traffic.flush();

      awaitCompleted(client, batch, 500);
      assertThat(now(client.snapshot(batch)).totals().events()).isEqualTo(500);
      assertThat(now(client.snapshot(batch)).totals().refused()).isZero();
    }
  }

  @Test
  void speaksTlsAndGivesItsNameWhereTheBrokerAsksForIt() throws Exception {
    begin(KafkaSite.secured(folder, new BrokerProcess(folder.resolve("broker")).secured().start()));
    traffic.make(KafkaSite.EVENTS, 1);
    try (AuditCalls client = site.client(0)) {
      UUID batch = now(client.open(BatchSpec.builder().build())).id();

      traffic.send(batch, completed("a"));
      traffic.send(batch, "\"type\":\"ENDED\",\"status\":\"COMPLETED\"");

      awaitCompleted(client, batch, 1);
      KafkaSite.await(
          "its end was told", () -> statuses(batch).contains("io.fileaudit.batch.completed"));
    }
  }
}
