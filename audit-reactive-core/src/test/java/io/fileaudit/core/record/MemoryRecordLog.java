package io.fileaudit.core.record;

import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** One node's log over topics in memory, which fails when a test wants it to. Thread-safe. */
public final class MemoryRecordLog implements RecordLog {
  private final MemoryTopics topics;
  private final String topic;
  private final String group;
  private final int mostOfOnePoll;
  private final Scheduler scheduler = Schedulers.parallel();
  private volatile @Nullable MemoryMember member;
  private volatile @Nullable Throwable sendFailure;
  private volatile @Nullable Throwable receiveFailure;
  private volatile @Nullable Throwable standingFailure;

  /** The log of a node alone, which receives from that topic as soon as it is made. */
  public MemoryRecordLog(String topic) {
    this(new MemoryTopics(), topic, "audit", 500);
  }

  /** The log of one node of a group. */
  public MemoryRecordLog(MemoryTopics topics, String topic, String group, int mostOfOnePoll) {
    this.topics = topics;
    this.topic = topic;
    this.group = group;
    this.mostOfOnePoll = mostOfOnePoll;
  }

  /** What stands behind the log: to make topics, to put records and to see what was sent. */
  public MemoryTopics topics() {
    return topics;
  }

  /** Lets every sending fail from now on; null lets it succeed again. */
  public void failSending(@Nullable Throwable error) {
    sendFailure = error;
  }

  /** Ends the present membership and lets every new one fail; null lets new ones succeed again. */
  public void failReceiving(@Nullable Throwable error) {
    receiveFailure = error;
    MemoryMember present = member;
    if (error != null && present != null) {
      present.fail(error);
    }
  }

  /** Lets every question for the standing fail from now on; null lets it succeed again. */
  public void failStanding(@Nullable Throwable error) {
    standingFailure = error;
  }

  @Override
  public Flux<Polled> receive() {
    return Flux.create(this::join);
  }

  private void join(FluxSink<Polled> sink) {
    Throwable failure = receiveFailure;
    if (failure != null) {
      sink.error(failure);
      return;
    }
    Scheduler.Worker worker = scheduler.createWorker();
    MemoryMember joining = new MemoryMember(topics, group, topic, mostOfOnePoll, sink, worker);
    sink.onDispose(
        () -> {
          member = null;
          topics.leave(joining);
          worker.dispose();
        });
    member = joining;
    topics.join(joining);
    sink.onRequest(requested -> joining.wake());
  }

  @Override
  public Mono<Void> send(String to, List<Outgoing> records) {
    return Mono.<Void>defer(() -> sendNow(to, records)).subscribeOn(scheduler);
  }

  private Mono<Void> sendNow(String to, List<Outgoing> records) {
    Throwable failure = sendFailure;
    if (failure != null) {
      return Mono.error(failure);
    }
    topics.send(to, records);
    return Mono.empty();
  }

  @Override
  public Mono<Standing> standing() {
    return Mono.defer(this::standingNow).subscribeOn(scheduler);
  }

  private Mono<Standing> standingNow() {
    Throwable failure = standingFailure;
    if (failure != null) {
      return Mono.error(failure);
    }
    MemoryMember present = member;
    List<Integer> own = present == null ? List.of() : topics.partitions(present);
    return Mono.just(topics.standing(group, topic, own));
  }

  @Override
  public Mono<Void> close() {
    return Mono.empty();
  }
}
