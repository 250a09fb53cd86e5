package io.fileaudit.server;

import io.fileaudit.core.record.Intake;
import io.fileaudit.core.record.RecordLog;
import io.fileaudit.core.record.StatusSender;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.server.health.KafkaFigures;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * What goes in and out by a log of records while the node runs. At the end the poll in hand is
 * finished, so that the next node need not do it again, and the group is left, so that it need not
 * wait for this one.
 */
final class RecordTraffic implements SmartLifecycle {
  private final RecordLog log;
  private final Intake intake;
  private final @Nullable StatusSender sender;
  private volatile Disposable taking = Disposables.disposed();
  private volatile Disposable sending = Disposables.disposed();

  /**
   * Traffic over that log.
   *
   * @param sender tells of changes of status; null where nobody is told
   */
  RecordTraffic(RecordLog log, Intake intake, @Nullable StatusSender sender) {
    this.log = log;
    this.intake = intake;
    this.sender = sender;
  }

  @Override
  public void start() {
    taking = intake.start();
    if (sender != null) {
      sending = sender.start();
    }
  }

  @Override
  public void stop(Runnable callback) {
    sending.dispose();
    Mono<Void> sent = sender == null ? Mono.empty() : sender.ended();
    intake
        .stop()
        .and(sent.timeout(Intake.LAST_COMMIT, Mono.empty()))
        .then(Mono.defer(log::close))
        .doFinally(signal -> callback.run())
        .subscribe();
  }

  @Override
  public void stop() {
    taking.dispose();
    sending.dispose();
  }

  @Override
  public boolean isRunning() {
    return !taking.isDisposed() || !sending.isDisposed();
  }

  /** How it stands. */
  KafkaFigures figures() {
    Intake.State state = intake.state();
    OutboxStore.Backlog backlog = sender == null ? null : sender.backlog();
    return new KafkaFigures(
        state.isReached(),
        state.partitions(),
        state.lag(),
        state.deadLetters(),
        backlog == null ? null : backlog.waiting(),
        backlog == null || backlog.age() == null ? null : backlog.age().toMillis() / 1e3);
  }
}
