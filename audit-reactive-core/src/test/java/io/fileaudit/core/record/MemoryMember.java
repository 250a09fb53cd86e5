package io.fileaudit.core.record;

import io.fileaudit.core.ingest.Received;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/** One membership in a group of {@link MemoryTopics}; its fields belong to those. */
final class MemoryMember {
  final String group;
  final String topic;

  /** By partition, the offset of the record that comes next. */
  final Map<Integer, Long> positions = new TreeMap<>();

  @Nullable String topicId;

  private final MemoryTopics topics;
  private final int most;
  private final FluxSink<Polled> sink;
  private final Scheduler.Worker worker;

  MemoryMember(
      MemoryTopics topics,
      String group,
      String topic,
      int most,
      FluxSink<Polled> sink,
      Scheduler.Worker worker) {
    this.topics = topics;
    this.group = group;
    this.topic = topic;
    this.most = most;
    this.sink = sink;
    this.worker = worker;
  }

  /** Looks soon, on its own thread, for what can be given. */
  void wake() {
    if (!worker.isDisposed()) {
      worker.schedule(this::give);
    }
  }

  private void give() {
    while (sink.requestedFromDownstream() > 0) {
      List<Received> records = topics.poll(this, most);
      if (records.isEmpty()) {
        return;
      }
      Map<String, Long> after = topics.positions(this);
      sink.next(new Polled(records, () -> topics.acknowledge(this, after)));
    }
  }

  void fail(Throwable error) {
    worker.schedule(() -> sink.error(error));
  }
}
