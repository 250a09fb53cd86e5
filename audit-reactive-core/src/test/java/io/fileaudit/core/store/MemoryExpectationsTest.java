package io.fileaudit.core.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** Expectations in memory do what the contract says, by a clock that the test sets. */
class MemoryExpectationsTest extends ExpectationsContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00.100Z"));
  private final MemoryAuditStore store =
      new MemoryAuditStore(() -> now.updateAndGet(before -> before.plusMillis(1)));
  private final MemoryExpectations expectations = new MemoryExpectations(store, now::get);

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected ExpectationStore expectations() {
    return expectations;
  }

  @Override
  protected void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
