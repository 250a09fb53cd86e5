package io.fileaudit.server;

import io.fileaudit.core.hook.HookChores;
import io.fileaudit.core.hook.HookSender;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Tells webhooks while the node runs. At the end what is under way has a moment to be delivered and
 * noted; what is not goes out again from another node.
 */
final class HookTraffic implements SmartLifecycle {
  private static final Duration LAST = Duration.ofSeconds(5);

  private final HookSender sender;
  private final HookChores chores;
  private volatile Disposable running = Disposables.disposed();

  HookTraffic(HookSender sender, HookChores chores) {
    this.sender = sender;
    this.chores = chores;
  }

  @Override
  public void start() {
    running = Disposables.composite(sender.start(), chores.start());
  }

  @Override
  public void stop(Runnable callback) {
    running.dispose();
    sender.ended().timeout(LAST, Mono.empty()).doFinally(signal -> callback.run()).subscribe();
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
