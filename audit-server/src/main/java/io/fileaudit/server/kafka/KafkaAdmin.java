package io.fileaudit.server.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Questions to the brokers beside the streams of records, each answered within a bounded time. Lazy
 * in all; answers come on threads that may not block. Thread-safe.
 */
final class KafkaAdmin {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Map<String, Object> properties;
  private @Nullable Admin admin;
  private boolean closed;

  KafkaAdmin(Map<String, Object> properties) {
    this.properties = properties;
  }

  /** The topic; empty where there is none. */
  Mono<TopicDescription> topic(String name) {
    return ask(admin -> only(admin.describeTopics(List.of(name)).topicNameValues()))
        .onErrorResume(UnknownTopicOrPartitionException.class, error -> Mono.empty());
  }

  private static <T> T only(Map<String, T> values) {
    return values.values().iterator().next();
  }

  /** Makes a topic as the brokers make one by default, where there is none; says whether it did. */
  Mono<Boolean> ensure(String topic) {
    return topic(topic).map(found -> false).switchIfEmpty(Mono.defer(() -> make(topic)));
  }

  private Mono<Boolean> make(String topic) {
    NewTopic fresh = new NewTopic(topic, Optional.empty(), Optional.empty());
    return ask(admin -> admin.createTopics(List.of(fresh)).topicId(topic))
        .map(id -> true)
        .onErrorReturn(TopicExistsException.class, true);
  }

  /** By partition, the offset of the first record that the group has not acknowledged. */
  Mono<Map<TopicPartition, Long>> committed(String group) {
    return ask(admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(group))
        .map(KafkaAdmin::offsets)
        .onErrorReturn(GroupIdNotFoundException.class, Map.of());
  }

  private static Map<TopicPartition, Long> offsets(
      Map<TopicPartition, @Nullable OffsetAndMetadata> found) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    found.forEach(
        (partition, offset) -> {
          if (offset != null) {
            offsets.put(partition, offset.offset());
          }
        });
    return offsets;
  }

  /** By partition, the offset that is meant; transactions under way count as not there. */
  Mono<Map<TopicPartition, Long>> offsets(Collection<TopicPartition> partitions, OffsetSpec which) {
    if (partitions.isEmpty()) {
      return Mono.just(Map.of());
    }
    Map<TopicPartition, OffsetSpec> wanted =
        partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> which));
    return ask(admin ->
            admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all())
        .map(
            found ->
                found.entrySet().stream()
                    .collect(
                        Collectors.toMap(Map.Entry::getKey, each -> each.getValue().offset())));
  }

  private <T> Mono<T> ask(Function<Admin, KafkaFuture<T>> question) {
    // To make the client is to look hosts up and to read files of keys.
    return Mono.fromCallable(this::admin)
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(
            client ->
                Mono.fromFuture(
                    () -> Answer.to(question.apply(client)), /* suppressCancel= */ true))
        .publishOn(Schedulers.parallel())
        .timeout(PATIENCE)
        .flatMap(Answer::mono);
  }

  /** An error as a value: one that comes when nobody waits any more is nothing to tell of. */
  private record Answer<T>(@Nullable T value, @Nullable Throwable error) {
    static <T> CompletableFuture<Answer<T>> to(KafkaFuture<T> future) {
      return future.toCompletionStage().<Answer<T>>handle(Answer::new).toCompletableFuture();
    }

    private static Throwable cause(Throwable error) {
      Throwable cause = error.getCause();
      return error instanceof CompletionException && cause != null ? cause : error;
    }

    Mono<T> mono() {
      return error == null ? Mono.justOrEmpty(value) : Mono.error(cause(error));
    }
  }

  private synchronized Admin admin() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (admin == null) {
      admin = Admin.create(properties);
    }
    return admin;
  }

  /** Closes the client; never fails. */
  Mono<Void> close() {
    return Mono.<Void>fromRunnable(this::closeNow)
        .subscribeOn(Schedulers.boundedElastic())
        .onErrorComplete();
  }

  private synchronized void closeNow() {
    closed = true;
    if (admin != null) {
      admin.close(PATIENCE);
      admin = null;
    }
  }
}
