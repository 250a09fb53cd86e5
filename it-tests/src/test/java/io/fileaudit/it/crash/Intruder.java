package io.fileaudit.it.crash;

import io.fileaudit.it.kafka.KafkaSite;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A further member of the services' group, which takes partitions away from them, reads what comes,
 * keeps nothing and stores no offset. Two rebalances come of it: one when it joins, one when it is
 * closed.
 */
final class Intruder implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration JOIN = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean over;
  private volatile boolean joined;

  Intruder(String servers) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                servers,
                "group.id",
                "audit",
                "group.protocol",
                "classic",
                "enable.auto.commit",
                false,
                "session.timeout.ms",
                6_000,
                "heartbeat.interval.ms",
                1_000,
                "auto.offset.reset",
                "earliest",
                "partition.assignment.strategy",
                RangeAssignor.class.getName()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    thread = new Thread(this::poll, "intruder");
    thread.setDaemon(true);
    thread.start();
  }

  private void poll() {
    try (consumer) {
      consumer.subscribe(List.of(KafkaSite.EVENTS));
      while (!over) {
        consumer.poll(POLL);
        joined |= !consumer.assignment().isEmpty();
      }
    }
  }

  /** Waits until partitions are its own. */
  Intruder awaitJoined() {
    Await.until("partitions are given to another", JOIN, () -> joined);
    return this;
  }

  @Override
  public void close() {
    over = true;
    Await.until("the intruder is gone", () -> !thread.isAlive());
  }
}
