package io.fileaudit.server.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The properties of each of Kafka's clients. What the service relies on is set here and cannot be
 * set otherwise; the rest is what the settings say, and else what suits the service.
 */
final class ClientProperties {
  /** What the service relies on, or means something else here than in a program of its own. */
  private static final Set<String> OWN =
      Set.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
          CommonClientConfigs.CLIENT_ID_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG);

  /** Says where secrets are read from; followed by names that the user chooses. */
  private static final String CONFIG_PROVIDERS = "config.providers";

  private static final int MEBIBYTE = 1024 * 1024;
  private static final int REQUEST_MILLIS = 5_000;
  private static final int DELIVERY_MILLIS = 15_000;
  private static final int BLOCK_MILLIS = 10_000;
  private static final int ANSWER_MILLIS = 10_000;
  private static final int LINGER_MILLIS = 5;

  private ClientProperties() {}

  /** Whether the service sets that property by itself. */
  static boolean isOwn(String name) {
    return OWN.contains(name);
  }

  /** Whether none of the clients knows that property. */
  static boolean isUnknown(String name) {
    return !name.startsWith(CONFIG_PROVIDERS)
        && !ConsumerConfig.configNames().contains(name)
        && !ProducerConfig.configNames().contains(name)
        && !AdminClientConfig.configNames().contains(name);
  }

  static Map<String, Object> consumer(KafkaSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    // A topic that is made late is found this soon.
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * MEBIBYTE);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * MEBIBYTE);
    add(properties, settings, ConsumerConfig.configNames());
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.mostOfOnePoll());
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // Reactor Kafka waits for what was given out only where all partitions are given up at once.
    properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CLASSIC.name());
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    return properties;
  }

  static Map<String, Object> producer(KafkaSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    add(properties, settings, ProducerConfig.configNames());
    // The producer refuses one that is shorter than a request with its linger.
    int shortest =
        number(properties, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
            + number(properties, ProducerConfig.LINGER_MS_CONFIG);
    properties.putIfAbsent(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.max(DELIVERY_MILLIS, shortest));
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return properties;
  }

  static Map<String, Object> admin(KafkaSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    add(properties, settings, AdminClientConfig.configNames());
    // The client refuses one that is shorter than a request.
    properties.putIfAbsent(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        Math.max(ANSWER_MILLIS, number(properties, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG)));
    return properties;
  }

  private static void add(
      Map<String, Object> properties, KafkaSettings settings, Set<String> known) {
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    // Figures of this client belong to this service, not to who runs the brokers.
    properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    settings
        .properties()
        .forEach(
            (name, value) -> {
              if (!isOwn(name) && (known.contains(name) || name.startsWith(CONFIG_PROVIDERS))) {
                properties.put(name, value);
              }
            });
  }

  private static int number(Map<String, Object> properties, String name) {
    return Integer.parseInt(String.valueOf(properties.get(name)).trim());
  }
}
