package io.fileaudit.core.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Changes of status that wait in a store in memory; guarded by the store's lock. */
final class MemoryOutbox implements OutboxStore {
  private final MemoryAuditStore store;
  private final List<StatusChange> waiting = new ArrayList<>();
  private final AtomicBoolean held = new AtomicBoolean();

  MemoryOutbox(MemoryAuditStore store) {
    this.store = store;
  }

  /** Notes that a batch came to have another status; within {@link MemoryAuditStore#looking}. */
  void changed(StatusChange change) {
    waiting.add(change);
  }

  @Override
  public Mono<Integer> send(int limit, Function<List<StatusChange>, Mono<Void>> sending) {
    return Mono.defer(
        () -> {
          if (!held.compareAndSet(false, true)) {
            return Mono.just(0);
          }
          Sinks.One<Integer> answer = Sinks.one();
          Mono.defer(() -> sendOldest(limit, sending))
              .doOnTerminate(() -> held.set(false))
              .subscribe(answer::tryEmitValue, answer::tryEmitError);
          return answer.asMono();
        });
  }

  private Mono<Integer> sendOldest(int limit, Function<List<StatusChange>, Mono<Void>> sending) {
    List<StatusChange> oldest =
        store.looking(() -> List.copyOf(waiting.subList(0, Math.min(limit, waiting.size()))));
    return oldest.isEmpty()
        ? Mono.just(0)
        : sending.apply(oldest).then(Mono.fromSupplier(() -> remove(oldest.size())));
  }

  private int remove(int sent) {
    return store.looking(
        () -> {
          waiting.subList(0, sent).clear();
          return sent;
        });
  }

  @Override
  public Mono<Backlog> backlog() {
    return Mono.fromSupplier(
        () ->
            store.looking(
                () ->
                    waiting.isEmpty()
                        ? Backlog.NONE
                        : new Backlog(
                            waiting.size(), Duration.between(waiting.get(0).at(), store.now()))));
  }
}
