package io.fileaudit.server.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import reactor.kafka.receiver.ReceiverOptions;
import reactor.kafka.receiver.internals.ConsumerFactory;

/**
 * A consumer that stores no offset of a partition which it no longer has: an acknowledgement that
 * comes late would move the group back behind what the partition's next reader has stored. Where a
 * partition ends with what is never given out, as the records of a transaction that was undone, it
 * stores that it is past them; else the group would seem to be behind for ever.
 */
final class OwnOffsetsConsumer extends KafkaConsumer<byte[], byte[]> {
  /** Makes these consumers for Reactor Kafka. */
  static final class Factory extends ConsumerFactory {
    private final Runnable made;
    private final Runnable closed;

    /**
     * Makes consumers.
     *
     * @param made is run when one was made, from any thread
     * @param closed is run when one has left its group and is closed
     */
    Factory(Runnable made, Runnable closed) {
      this.made = made;
      this.closed = closed;
    }

    /** The types are those of the options, which this package alone makes. */
    @Override
    @SuppressWarnings("unchecked")
    public <K, V> Consumer<K, V> createConsumer(ReceiverOptions<K, V> options) {
      Consumer<K, V> consumer =
          (Consumer<K, V>) new OwnOffsetsConsumer(options.consumerProperties(), closed);
      made.run();
      return consumer;
    }
  }

  /** By partition, the offset behind the last record that was given out. */
  private final Map<TopicPartition, Long> given = new HashMap<>();

  /** By partition, the offset that was last stored. */
  private final Map<TopicPartition, Long> stored = new HashMap<>();

  private final Runnable closed;
  private boolean storing;

  private OwnOffsetsConsumer(Map<String, Object> properties, Runnable closed) {
    super(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.closed = closed;
  }

  @Override
  public void close(Duration timeout) {
    try {
      super.close(timeout);
    } finally {
      closed.run();
    }
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    ConsumerRecords<byte[], byte[]> polled = super.poll(timeout);
    for (TopicPartition partition : polled.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
      given.put(partition, records.get(records.size() - 1).offset() + 1);
    }
    if (polled.isEmpty() && !storing) {
      storePassed();
    }
    return polled;
  }

  /** Stores where reading stands in partitions of which all that was given out is stored. */
  private void storePassed() {
    given.keySet().retainAll(assignment());
    stored.keySet().retainAll(assignment());
    Map<TopicPartition, OffsetAndMetadata> passed = new HashMap<>();
    for (TopicPartition partition : assignment()) {
      long storedTo = stored.getOrDefault(partition, -1L);
      long position = reached(partition);
      if (given.getOrDefault(partition, storedTo) <= storedTo && position > storedTo) {
        passed.put(partition, new OffsetAndMetadata(position));
      }
    }
    if (!passed.isEmpty()) {
      storing = true;
      super.commitAsync(passed, this::storedPassed);
    }
  }

  private long reached(TopicPartition partition) {
    try {
      return position(partition, Duration.ZERO);
    } catch (TimeoutException e) {
      return -1; // It is not known yet where to begin.
    }
  }

  private void storedPassed(
      Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception error) {
    storing = false;
    if (error == null) {
      note(offsets);
    }
  }

  private void note(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach((partition, offset) -> stored.merge(partition, offset.offset(), Math::max));
  }

  @Override
  public void commitAsync(
      Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
    Map<TopicPartition, OffsetAndMetadata> own = new HashMap<>(offsets);
    own.keySet().retainAll(assignment());
    super.commitAsync(
        own,
        (committed, error) -> {
          if (error == null) {
            note(committed);
          }
          callback.onComplete(committed, error);
        });
  }
}
