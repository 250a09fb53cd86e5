package io.fileaudit.server.kafka;

import io.fileaudit.core.record.Outgoing;
import io.fileaudit.core.record.Polled;
import io.fileaudit.core.record.RecordLog;
import io.fileaudit.core.record.Standing;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Kafka as the log of records, through Reactor Kafka. Nothing is connected to before it is needed.
 * Thread-safe.
 */
public final class ReactorKafkaLog implements RecordLog {
  /** How long the brokers have to tell how far the group has come. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration REBALANCE_DELAY = Duration.ofSeconds(10);

  private final KafkaSettings settings;
  private final Duration rebalanceDelay;
  private final KafkaAdmin admin;
  private final GroupStanding standing;
  private final Sending sending;
  private final AtomicReference<@Nullable Membership> present = new AtomicReference<>();
  private volatile @Nullable Membership last;

  /** The log of those brokers. */
  public ReactorKafkaLog(KafkaSettings settings) {
    this(settings, REBALANCE_DELAY);
  }

  /** The same with another bound on how long partitions are kept for what was given out of them. */
  ReactorKafkaLog(KafkaSettings settings, Duration rebalanceDelay) {
    this.settings = settings;
    this.rebalanceDelay = rebalanceDelay;
    this.admin = new KafkaAdmin(ClientProperties.admin(settings));
    this.standing = new GroupStanding(admin, settings.group(), settings.topic());
    this.sending = new Sending(ClientProperties.producer(settings), admin);
  }

  @Override
  public Flux<Polled> receive() {
    return Flux.defer(
        () -> {
          Membership membership = new Membership(settings, admin, rebalanceDelay);
          present.set(membership);
          last = membership;
          return membership.polls().doFinally(signal -> present.compareAndSet(membership, null));
        });
  }

  @Override
  public Mono<Void> send(String topic, List<Outgoing> records) {
    return sending.send(topic, records);
  }

  @Override
  public Mono<Standing> standing() {
    return Mono.defer(() -> standing.of(partitions())).timeout(PATIENCE);
  }

  private Set<TopicPartition> partitions() {
    Membership membership = present.get();
    return membership == null ? Set.of() : membership.partitions();
  }

  /** Waits until the group was left: the others take over at once then, else after a timeout. */
  @Override
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          Membership leaving = last;
          Mono<Void> left = leaving == null ? Mono.empty() : leaving.left();
          return left.then(sending.close()).then(admin.close());
        });
  }
}
