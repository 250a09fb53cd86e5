package io.fileaudit.server.kafka;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.record.Polled;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.receiver.KafkaReceiver;
import reactor.kafka.receiver.ReceiverOptions;
import reactor.kafka.receiver.ReceiverPartition;
import reactor.kafka.receiver.ReceiverRecord;

/**
 * One node's membership in the group, for one subscription: from joining to leaving. Partitions are
 * named by Kafka's own id of the topic, which is asked for before a poll is handed on, as a topic
 * may have been deleted and made again under its name.
 */
final class Membership {
  private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(1);

  private static final Duration CLOSING = Duration.ofSeconds(10);

  /** How long the topic's id holds: who deletes a topic and makes it again takes longer. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  private record TopicId(String id, long assignments, long atMillis) {}

  private record Given(long number, List<ReceiverRecord<byte[], byte[]>> records) {}

  private final KafkaSettings settings;
  private final KafkaAdmin admin;
  private final Duration rebalanceDelay;
  private final Set<TopicPartition> partitions = ConcurrentHashMap.newKeySet();

  /** How often partitions were assigned; what was learned before may not hold any more. */
  private final AtomicLong assignments = new AtomicLong();

  private final Sinks.Empty<Void> left = Sinks.empty();
  private volatile boolean joined;
  private final Deque<Given> unacknowledged = new ArrayDeque<>();
  private long polls;
  private boolean over;

  // Seen by the thread alone on which polls come.
  private final Map<TopicPartition, Long> lastOffsets = new HashMap<>();
  private @Nullable TopicId topicId;

  /**
   * A membership that is not begun.
   *
   * @param rebalanceDelay how long the group waits for what was given out of partitions that are to
   *     be given up
   */
  Membership(KafkaSettings settings, KafkaAdmin admin, Duration rebalanceDelay) {
    this.settings = settings;
    this.admin = admin;
    this.rebalanceDelay = rebalanceDelay;
  }

  /** The partitions that this membership has now. */
  Set<TopicPartition> partitions() {
    return Set.copyOf(partitions);
  }

  /**
   * Completes when the group was left, or at once where it was never joined; for a bounded time.
   */
  Mono<Void> left() {
    return joined ? left.asMono().timeout(CLOSING, Mono.empty()) : Mono.empty();
  }

  /** Joins; to be subscribed to once. */
  Flux<Polled> polls() {
    return Flux.using(
        () -> Schedulers.newSingle("audit-kafka", true), this::polls, Scheduler::dispose, false);
  }

  private Flux<Polled> polls(Scheduler scheduler) {
    return KafkaReceiver.create(
            new OwnOffsetsConsumer.Factory(() -> joined = true, left::tryEmitEmpty),
            options(scheduler))
        .receiveBatch(1)
        .concatMap(records -> records.collectList().flatMap(each -> polled(each, scheduler)), 0)
        // What ends the consumer comes on its own thread.
        .onErrorResume(error -> Mono.<Polled>error(error).publishOn(scheduler))
        // To make a consumer is to look hosts up and to read files of keys.
        .subscribeOn(Schedulers.boundedElastic());
  }

  private ReceiverOptions<byte[], byte[]> options(Scheduler scheduler) {
    return ReceiverOptions.<byte[], byte[]>create(ClientProperties.consumer(settings))
        .subscription(List.of(settings.topic()))
        .schedulerSupplier(() -> scheduler)
        .commitInterval(COMMIT_INTERVAL)
        .maxDeferredCommits(0)
        .maxDelayRebalance(rebalanceDelay)
        .closeTimeout(CLOSING)
        .addAssignListener(this::assigned)
        .addRevokeListener(this::revoked);
  }

  private void assigned(Collection<ReceiverPartition> assigned) {
    assignments.incrementAndGet();
    assigned.forEach(each -> partitions.add(each.topicPartition()));
  }

  private void revoked(Collection<ReceiverPartition> revoked) {
    revoked.forEach(each -> partitions.remove(each.topicPartition()));
  }

  private Mono<Polled> polled(List<ReceiverRecord<byte[], byte[]>> records, Scheduler scheduler) {
    TopicId known = topicId;
    long asOf = assignments.get();
    long now = scheduler.now(TimeUnit.MILLISECONDS);
    boolean rises = rises(records);
    if (known != null
        && rises
        && known.assignments() == asOf
        && now - known.atMillis() < FRESH.toMillis()) {
      return Mono.just(polled(records, known.id()));
    }
    return admin
        .topic(settings.topic())
        .map(found -> found.topicId().toString())
        .filter(id -> known == null || known.id().equals(id))
        .publishOn(scheduler)
        .map(
            id -> {
              topicId = new TopicId(id, asOf, now);
              return polled(records, id);
            })
        .switchIfEmpty(Mono.error(this::ended));
  }

  /** Whether each offset is above the last one of its partition; notes the last ones. */
  private boolean rises(List<ReceiverRecord<byte[], byte[]>> records) {
    boolean rises = true;
    for (ReceiverRecord<byte[], byte[]> each : records) {
      TopicPartition partition = new TopicPartition(each.topic(), each.partition());
      Long last = lastOffsets.put(partition, each.offset());
      rises &= last == null || last < each.offset();
    }
    return rises;
  }

  private Polled polled(List<ReceiverRecord<byte[], byte[]>> records, String id) {
    List<Received> received = records.stream().map(each -> received(each, id)).toList();
    long number = given(records);
    return new Polled(received, () -> acknowledge(number));
  }

  private static Received received(ReceiverRecord<byte[], byte[]> each, String id) {
    return new Received(
        "kafka:" + id + "/" + each.partition(),
        each.topic(),
        each.partition(),
        each.offset(),
        each.key(),
        each.value());
  }

  private synchronized long given(List<ReceiverRecord<byte[], byte[]>> records) {
    unacknowledged.add(new Given(++polls, records));
    return polls;
  }

  /** Each record on its own: Reactor Kafka counts them before it gives a partition up. */
  private synchronized void acknowledge(long number) {
    while (!over && !unacknowledged.isEmpty() && unacknowledged.peek().number() <= number) {
      unacknowledged.remove().records().forEach(each -> each.receiverOffset().acknowledge());
    }
  }

  /** From now on an acknowledgement would be taken for one of the new topic. */
  private synchronized TopicGoneException ended() {
    over = true;
    return new TopicGoneException(settings.topic());
  }
}
