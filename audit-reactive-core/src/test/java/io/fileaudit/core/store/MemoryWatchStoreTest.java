package io.fileaudit.core.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** The store in memory judges as the contract says, by a clock that the test sets. */
class MemoryWatchStoreTest extends WatchStoreContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final MemoryAuditStore store = new MemoryAuditStore(now::get);

  @Override
  protected AuditStore store() {
    return store;
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
