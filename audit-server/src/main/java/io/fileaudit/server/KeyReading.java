package io.fileaudit.server;

import io.fileaudit.server.access.KeyRing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** Reads keys while the node runs. */
final class KeyReading implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(KeyReading.class);

  private final KeyRing ring;
  private volatile Disposable running = Disposables.disposed();

  KeyReading(KeyRing ring) {
    this.ring = ring;
  }

  @Override
  public void start() {
    running = ring.start(error -> log.debug("keys could not be read", error));
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
