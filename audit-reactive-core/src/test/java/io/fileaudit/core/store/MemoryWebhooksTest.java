package io.fileaudit.core.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** Webhooks in memory do as the contract says, by a clock that the test sets. */
class MemoryWebhooksTest extends WebhookContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final MemoryAuditStore store = new MemoryAuditStore(now::get);
  private final ExpectationStore expectations = new MemoryExpectations(store, now::get);

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected WebhookStore webhooks() {
    return store.webhooks();
  }

  @Override
  protected ExpectationStore expectations() {
    return expectations;
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
