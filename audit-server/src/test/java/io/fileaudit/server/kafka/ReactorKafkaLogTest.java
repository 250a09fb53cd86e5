package io.fileaudit.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.record.MemberProbe;
import io.fileaudit.core.record.Outgoing;
import io.fileaudit.core.record.Polled;
import io.fileaudit.core.record.RecordLog;
import io.fileaudit.core.record.RecordLogContract;
import io.fileaudit.core.record.Standing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import reactor.test.StepVerifier;

/** Kafka keeps the contract of logs, and what only Kafka can do is handled. */
class ReactorKafkaLogTest extends RecordLogContract {
  private static final Duration SESSION = Duration.ofSeconds(2);
  private static final Map<String, String> QUICK =
      Map.of(
          ConsumerConfig.METADATA_MAX_AGE_CONFIG, "500",
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "6000",
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "200",
          ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Long.toString(SESSION.toMillis()));

  private static EmbeddedKafkaKraftBroker broker;
  private static Admin admin;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void startBroker() {
    // Brokers tell of all that they do.
    LoggingSystem.get(ReactorKafkaLogTest.class.getClassLoader())
        .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.ERROR);
    broker = new EmbeddedKafkaKraftBroker(1, 3);
    broker.brokerProperties(
        Map.of(
            "auto.create.topics.enable", "false",
            "group.initial.rebalance.delay.ms", "0",
            "group.min.session.timeout.ms", "1000",
            "offsets.topic.num.partitions", "1",
            "transaction.state.log.num.partitions", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.replication.factor", "1"));
    broker.afterPropertiesSet();
    admin = Admin.create(bootstrap());
    producer =
        new KafkaProducer<>(bootstrap(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stopBroker() {
    producer.close();
    admin.close();
    broker.destroy();
  }

  private static Map<String, Object> bootstrap() {
    return Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.getBrokersAsString());
  }

  @Override
  protected RecordLog node(String topic, String group) {
    return new ReactorKafkaLog(settings(broker.getBrokersAsString(), topic, group));
  }

  private static KafkaSettings settings(String servers, String topic, String group) {
    return new KafkaSettings(servers, group, topic, MOST_OF_ONE_POLL, QUICK);
  }

  @Override
  protected void make(String topic, int partitions) {
    // A name that was just deleted may be taken for a moment.
    await(() -> isMade(topic, partitions));
  }

  private static boolean isMade(String topic, int partitions) {
    NewTopic fresh = new NewTopic(topic, partitions, (short) 1);
    return catchThrowable(() -> done(admin.createTopics(List.of(fresh)).all())) == null;
  }

  @Override
  protected void delete(String topic) {
    done(admin.deleteTopics(List.of(topic)).all());
  }

  private static <T> T done(KafkaFuture<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  @Override
  protected void put(String topic, int partition, List<Outgoing> records) {
    records.forEach(
        each -> producer.send(new ProducerRecord<>(topic, partition, each.key(), each.value())));
    producer.flush();
  }

  @Test
  void recordsOfATransactionThatWasUndoneAreLeftOutAndDoNotCountAsLeftBehind() {
    make(topic, 1);
    try (KafkaProducer<byte[], byte[]> transactional = transactional()) {
      transactional.initTransactions();
      write(transactional, "kept");
      transactional.commitTransaction();
      write(transactional, "undone");
      transactional.abortTransaction();
    }
    RecordLog node = node();
    MemberProbe member = join(node);

    assertThat(member.records(1)).extracting(RecordLogContract::value).containsExactly("kept");
    await(() -> answer(node.standing()).equals(new Standing(1, 0, 0)));
    try (KafkaProducer<byte[], byte[]> transactional = transactional()) {
      transactional.initTransactions();
      write(transactional, "undone too");
      transactional.abortTransaction();
    }
    put(topic, 0, numbered("after", 1));
    assertThat(member.records(1)).extracting(RecordLogContract::value).containsExactly("after0");
  }

  private static KafkaProducer<byte[], byte[]> transactional() {
    Map<String, Object> properties = new HashMap<>(bootstrap());
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, UUID.randomUUID().toString());
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void write(KafkaProducer<byte[], byte[]> transactional, String value) {
    transactional.beginTransaction();
    transactional.send(
        new ProducerRecord<>(topic, 0, null, value.getBytes(StandardCharsets.UTF_8)));
    transactional.flush();
  }

  @Test
  void headersAreWrittenAsUtf8() {
    make(topic, 1);

    node()
        .send(topic, List.of(new Outgoing(null, null, Map.of("ce_type", "geändert"))))
        .block(PATIENCE);

    ConsumerRecord<byte[], byte[]> record = first(topic);
    assertThat(record.headers().lastHeader("ce_type").value())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("geändert");
    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
  }

  private static ConsumerRecord<byte[], byte[]> first(String topic) {
    Map<String, Object> properties = new HashMap<>(bootstrap());
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      return consumer.poll(PATIENCE).iterator().next();
    }
  }

  @Test
  void topicThatIsMissingIsMadeByWriting() {
    RecordLog node = node();
    node.send(topic, List.of(text("k", "first"))).block(PATIENCE);
    assertThat(value(join(node()).records(1).get(0))).isEqualTo("first");

    delete(topic);
    node.send(topic, List.of(text("k", "again"))).block(PATIENCE);

    RecordLog other = node("other-" + group);
    assertThat(value(join(other).records(1).get(0))).isEqualTo("again");
  }

  @Test
  void closingWaitsUntilTheGroupIsLeft() {
    make(topic, 1);
    RecordLog node = node();
    MemberProbe member = join(node);
    member.request(1);
    awaitMembers(1);

    member.dispose();
    node.close().block(PATIENCE);

    assertThat(members()).isEmpty();
  }

  @Test
  void receivingNeverMakesATopic() {
    RecordLog node = node();
    MemberProbe member = join(node);
    member.request(1);
    make(topic + "-other", 1);
    awaitMembers(1);

    assertThat(done(admin.listTopics().names())).doesNotContain(topic);
  }

  @Test
  void memberThatAsksForNothingStaysOne() {
    make(topic, 1);
    put(topic, 0, numbered("r", 3 * MOST_OF_ONE_POLL));
    RecordLog node = node();
    MemberProbe member = join(node);
    awaitMembers(1);
    String id = members().iterator().next().consumerId();
    long begin = System.nanoTime();

    await(() -> System.nanoTime() - begin > 2 * SESSION.toNanos());

    assertThat(members()).extracting(MemberDescription::consumerId).containsExactly(id);
    assertThat(member.records(3 * MOST_OF_ONE_POLL)).hasSize(3 * MOST_OF_ONE_POLL);
    member.dispose();
    awaitMembers(0);
  }

  private Collection<MemberDescription> members() {
    try {
      return description().members();
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(GroupIdNotFoundException.class);
      return List.of();
    }
  }

  private ConsumerGroupDescription description() {
    return done(admin.describeConsumerGroups(List.of(group)).describedGroups().get(group));
  }

  private void awaitMembers(int count) {
    await(() -> members().size() == count);
  }

  @Test
  void partitionIsGivenUpOnceWhatWasGivenOutIsAcknowledged() {
    make(topic, 2);
    put(topic, 0, numbered("a", 2));
    put(topic, 1, numbered("b", 2));
    // Longer than anything here waits: only what is acknowledged ends it.
    RecordLog stays =
        new ReactorKafkaLog(
            settings(broker.getBrokersAsString(), topic, group), PATIENCE.multipliedBy(2));
    MemberProbe staying = join(stays);
    List<Polled> given = polls(staying, 4);
    RecordLog comes = node();
    MemberProbe coming = join(comes);
    await(() -> description().groupState() == GroupState.PREPARING_REBALANCE);

    given.forEach(polled -> polled.acknowledgement().run());

    awaitPartitions(comes, 1);
    awaitPartitions(stays, 1);
    put(topic, 0, numbered("new", 1));
    put(topic, 1, numbered("new", 1));
    assertThat(value(coming.records(1).get(0))).isEqualTo("new0");
    assertThat(value(staying.records(1).get(0))).isEqualTo("new0");
  }

  private static List<Polled> polls(MemberProbe member, int records) {
    List<Polled> polls = new ArrayList<>();
    while (polls.stream().mapToInt(each -> each.records().size()).sum() < records) {
      polls.add(member.next());
    }
    return polls;
  }

  @Test
  void acknowledgementThatComesLateDoesNotMoveTheGroupBack() {
    make(topic, 2);
    put(topic, 0, numbered("a", 1));
    put(topic, 1, numbered("b", 1));
    RecordLog slow = node();
    MemberProbe holding = join(slow);
    List<Polled> held = polls(holding, 2);
    RecordLog next = node();
    MemberProbe taking = join(next);
    awaitPartitions(next, 1);
    int moved = taking.records(1).get(0).partition();
    put(topic, moved, numbered("more", 3));
    taking.records(3);
    await(() -> committed().getOrDefault(moved, 0L) == 4);

    held.forEach(polled -> polled.acknowledgement().run());
    await(() -> committed().getOrDefault(1 - moved, 0L) == 1);

    assertThat(committed()).containsEntry(moved, 4L);
    awaitPartitions(slow, 1);
  }

  private Map<Integer, Long> committed() {
    Map<Integer, Long> committed = new HashMap<>();
    done(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
    return committed;
  }

  @Test
  void membershipEndsWhereItsTopicIsMadeAgain() {
    make(topic, 1);
    put(topic, 0, numbered("old", 3));
    MemberProbe before = join(node());
    String old = before.records(3).get(0).producer();
    await(() -> committed().containsValue(3L));

    delete(topic);
    make(topic, 1);
    put(topic, 0, numbered("new", 5));
    before.request(Long.MAX_VALUE);
    await(() -> before.failure() != null);

    assertThat(before.failure()).hasMessageContaining(topic);
    assertThat(before.waiting()).isZero();
    List<Received> records = join(node()).records(5);
    assertThat(records).extracting(Received::producer).doesNotContain(old);
    assertThat(records).extracting(Received::offset).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void whatCannotBeReachedIsAnErrorWithinABoundedTime() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    ReactorKafkaLog log = new ReactorKafkaLog(settings("127.0.0.1:" + free, topic, group));

    StepVerifier.create(log.standing()).expectError().verify(PATIENCE);
    StepVerifier.create(log.send(topic, numbered("r", 1))).expectError().verify(PATIENCE);
    StepVerifier.create(log.close()).expectComplete().verify(PATIENCE);
  }

  @Test
  void recordThatIsTooLargeIsAnErrorAndTheNextIsWritten() {
    make(topic, 1);
    RecordLog node = node();
    Outgoing large = new Outgoing(null, new byte[2 * 1024 * 1024], Map.of());

    StepVerifier.create(node.send(topic, List.of(large)))
        .expectError(RecordTooLargeException.class)
        .verify(PATIENCE);
    node.send(topic, numbered("r", 1)).block(PATIENCE);

    assertThat(join(node()).records(1)).hasSize(1);
  }
}
