package io.fileaudit.server.kafka;

import io.fileaudit.core.record.Outgoing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.sender.KafkaSender;
import reactor.kafka.sender.SenderOptions;
import reactor.kafka.sender.SenderRecord;

/**
 * Writes records to topics, which it makes where they are missing. One producer is shared by all;
 * it is made when it is first needed, and anew after an error that may be its own. Thread-safe.
 */
final class Sending {
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Map<String, Object> properties;
  private final KafkaAdmin admin;
  private final Set<String> present = ConcurrentHashMap.newKeySet();
  private @Nullable KafkaSender<byte[], byte[]> sender;
  private boolean closed;

  Sending(Map<String, Object> properties, KafkaAdmin admin) {
    this.properties = properties;
    this.admin = admin;
  }

  /** Writes records in this order for each key, completing when all are durable. Lazy. */
  Mono<Void> send(String topic, List<Outgoing> records) {
    if (records.isEmpty()) {
      return Mono.empty();
    }
    List<SenderRecord<byte[], byte[], Void>> sent =
        records.stream().map(each -> record(topic, each)).toList();
    Mono<Void> write = Mono.defer(() -> write(sent));
    return ensured(topic)
        .then(
            write.onErrorResume(
                Sending::mayBeMissing,
                error -> admin.ensure(topic).flatMap(made -> made ? write : Mono.error(error))));
  }

  private static SenderRecord<byte[], byte[], Void> record(String topic, Outgoing each) {
    List<Header> headers =
        each.headers().entrySet().stream()
            .<Header>map(
                header ->
                    new RecordHeader(
                        header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8)))
            .toList();
    return SenderRecord.create(
        new ProducerRecord<>(topic, null, null, each.key(), each.value(), headers), null);
  }

  /** The producer would wait long for a topic that nobody makes. */
  private Mono<Boolean> ensured(String topic) {
    return Mono.defer(
        () ->
            present.contains(topic)
                ? Mono.just(false)
                : admin.ensure(topic).doOnNext(made -> present.add(topic)));
  }

  /** Of a topic that was deleted the producer says only that it took too long. */
  private static boolean mayBeMissing(Throwable error) {
    return error instanceof TimeoutException || error instanceof UnknownTopicOrPartitionException;
  }

  private Mono<Void> write(List<SenderRecord<byte[], byte[], Void>> records) {
    KafkaSender<byte[], byte[]> sender = sender();
    return sender
        .send(Flux.fromIterable(records))
        .then()
        .doOnError(error -> !(error instanceof RetriableException), error -> drop(sender));
  }

  private synchronized KafkaSender<byte[], byte[]> sender() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (sender == null) {
      sender =
          KafkaSender.create(
              SenderOptions.<byte[], byte[]>create(properties)
                  .stopOnError(true)
                  .closeTimeout(CLOSING)
                  // There the producer is made too: it looks hosts up and reads files of keys.
                  .scheduler(Schedulers.boundedElastic()));
    }
    return sender;
  }

  private void drop(KafkaSender<byte[], byte[]> failed) {
    synchronized (this) {
      if (sender != failed) {
        return;
      }
      sender = null;
    }
    close(failed).subscribe();
  }

  private static Mono<Void> close(KafkaSender<byte[], byte[]> sender) {
    return Mono.<Void>fromRunnable(sender::close)
        .subscribeOn(Schedulers.boundedElastic())
        .onErrorComplete();
  }

  /** Closes the producer; never fails. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          KafkaSender<byte[], byte[]> last = taken();
          return last == null ? Mono.empty() : close(last);
        });
  }

  private synchronized @Nullable KafkaSender<byte[], byte[]> taken() {
    closed = true;
    KafkaSender<byte[], byte[]> last = sender;
    sender = null;
    return last;
  }
}
