package io.fileaudit.core.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** The outbox in memory does as the contract says, by a clock that the test sets. */
class MemoryOutboxTest extends OutboxContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final MemoryAuditStore store = new MemoryAuditStore(now::get);
  private final OutboxStore outbox = store.outbox();

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected OutboxStore outbox() {
    return outbox;
  }

  @Override
  protected WatchStore watch() {
    return store;
  }

  @Override
  protected void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
