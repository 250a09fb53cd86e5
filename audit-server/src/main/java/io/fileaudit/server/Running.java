package io.fileaudit.server;

import java.util.function.Supplier;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** Something that goes on while the node runs. */
final class Running implements SmartLifecycle {
  private final Supplier<Disposable> work;
  private volatile Disposable running = Disposables.disposed();

  /**
   * Work that begins and ends with the node.
   *
   * @param work begins it; what it gives ends it
   */
  Running(Supplier<Disposable> work) {
    this.work = work;
  }

  @Override
  public void start() {
    running = work.get();
  }

  @Override
  public void stop() {
    running.dispose();
  }

  @Override
  public boolean isRunning() {
    return !running.isDisposed();
  }
}
