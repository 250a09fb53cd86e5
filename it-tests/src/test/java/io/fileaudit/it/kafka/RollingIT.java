package io.fileaudit.it.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.it.process.BrokerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Two nodes are renewed one after the other under load by HTTP and by Kafka. */
@Timeout(300)
class RollingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Between two sendings of twenty records: a load that nodes can keep up with. */
  private static final Duration PACE = Duration.ofMillis(40);

  @TempDir Path folder;
  private KafkaSite site;
  private KafkaTraffic traffic;
  private final AtomicBoolean over = new AtomicBoolean();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

  @AfterEach
  void end() {
    over.set(true);
    traffic.close();
    site.close();
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  @Test
  void nothingIsLostAndNothingRefusedThatShouldPass() throws Exception {
    site = new KafkaSite(folder, new BrokerProcess(folder.resolve("broker")).start());
    traffic = site.traffic();
    traffic.make(KafkaSite.EVENTS, 4);
    site.serve(0);
    site.serve(1);
    UUID byHttp;
    UUID byKafka;
    try (AuditCalls client = site.client(0)) {
      byHttp = now(client.open(BatchSpec.builder().build())).id();
      byKafka = now(client.open(BatchSpec.builder().build())).id();
    }
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicInteger produced = new AtomicInteger();
    Thread loader = new Thread(() -> loadByHttp(byHttp, acknowledged));
    Thread producer = new Thread(() -> loadByKafka(byKafka, produced));
    loader.start();
    producer.start();

    for (int round = 0; round < 2; round++) {
      int before = acknowledged.get();
      KafkaSite.await("the load goes on", () -> acknowledged.get() > before + 100);
      site.service(round).terminate();
      site.serve(round);
      KafkaSite.await("it is ready", () -> site.health(0, "readiness").statusCode() == 200);
    }
    over.set(true);
    loader.join(PATIENCE.toMillis());
    producer.join(PATIENCE.toMillis());
    traffic.flush();

    assertThat(wrong).isEmpty();
    try (AuditCalls client = site.client(1)) {
      assertThat(now(client.snapshot(byHttp)).totals().events()).isEqualTo(acknowledged.get());
      KafkaSite.await(
          "all records are in",
          () -> now(client.snapshot(byKafka)).totals().events() == produced.get());
      List<String> ledger = now(client.ledger(byKafka, 0).collectList());
      assertThat(ledger).hasSize(produced.get()).doesNotHaveDuplicates();
      assertThat(now(client.snapshot(byKafka)).totals().refused()).isZero();
      assertThat(now(client.snapshot(byHttp)).totals().refused()).isZero();
    }
  }

  /** One event after the other to whichever node answers; the same again where it is not known. */
  private void loadByHttp(UUID batch, AtomicInteger acknowledged) {
    HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    int node = 0;
    boolean unknown = false;
    while (unknown || !over.get()) {
      String event =
          "{\"type\":\"STARTED\",\"file\":\"f%1$d\",\"position\":%1$d}\n"
              .formatted(acknowledged.get());
      try {
        HttpResponse<String> answer =
            http.send(request(batch, node, event), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          acknowledged.incrementAndGet();
          unknown = false;
        } else if (answer.statusCode() == 503) {
          node = 1 - node;
        } else {
          wrong.add(answer.statusCode() + " " + answer.body());
          return;
        }
      } catch (IOException e) {
        node = 1 - node;
        unknown = true;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private HttpRequest request(UUID batch, int node, String event) throws IOException {
    return HttpRequest.newBuilder(
            URI.create(site.service(node).url() + "/api/v1/batches/" + batch + "/events"))
        .header("Authorization", "Bearer " + site.home().key())
        .header("Content-Type", "application/x-ndjson")
        .header("Audit-Producer", "loader")
        .timeout(Duration.ofSeconds(15))
        .POST(HttpRequest.BodyPublishers.ofString(event))
        .build();
  }

  private void loadByKafka(UUID batch, AtomicInteger produced) {
    try {
      while (!over.get()) {
        for (int i = 0; i < 20; i++) {
          traffic.send(
              batch, "\"type\":\"STARTED\",\"file\":\"f" + produced.getAndIncrement() + "\"");
        }
        traffic.flush();
        LockSupport.parkNanos(PACE.toNanos());
      }
    } catch (RuntimeException e) {
      wrong.add(e.toString());
    }
  }
}
