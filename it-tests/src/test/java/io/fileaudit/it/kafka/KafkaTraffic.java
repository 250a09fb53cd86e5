package io.fileaudit.it.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What loaders and readers do with Kafka's own clients. Blocks. */
public final class KafkaTraffic implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Map<String, Object> properties;
  private final KafkaProducer<byte[], byte[]> producer;

  /** Clients of those brokers, with properties as Kafka's own tools take them. */
  public KafkaTraffic(String servers, String clientProperties) throws Exception {
    Properties given = new Properties();
    given.load(new java.io.StringReader(clientProperties));
    properties = new HashMap<>();
    given.stringPropertyNames().forEach(name -> properties.put(name, given.getProperty(name)));
    properties.put("bootstrap.servers", servers);
    Map<String, Object> producing = new HashMap<>(properties);
    producing.put("acks", "all");
    producing.put("linger.ms", 5);
    producing.put("delivery.timeout.ms", 180_000);
    producing.put("max.block.ms", 180_000);
    producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Makes a topic. */
  public void make(String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  /** Sends an event of a batch, which is its key. */
  public Future<RecordMetadata> send(UUID batch, String fields) {
    return sendRaw(batch.toString(), "{\"batch\":\"" + batch + "\"," + fields + "}");
  }

  /** Sends any value under any key. */
  public Future<RecordMetadata> sendRaw(String key, String value) {
    return producer.send(
        new ProducerRecord<>(
            KafkaSite.EVENTS,
            key == null ? null : key.getBytes(StandardCharsets.UTF_8),
            value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
  }

  /** Waits until everything that was sent is durable. */
  public void flush() {
    producer.flush();
  }

  /** Everything that a topic has at the moment, each partition in its order. */
  public List<ConsumerRecord<byte[], byte[]>> all(String topic) {
    Map<String, Object> consuming = new HashMap<>(properties);
    consuming.put("isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, LIMIT).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LIMIT);
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (!partitions.stream()
          .allMatch(partition -> consumer.position(partition) >= ends.get(partition))) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(topic + " cannot be read to its end");
        }
        consumer.poll(Duration.ofMillis(200)).forEach(all::add);
      }
    }
    return all;
  }

  /** The text that those bytes are; null for none. */
  public static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
