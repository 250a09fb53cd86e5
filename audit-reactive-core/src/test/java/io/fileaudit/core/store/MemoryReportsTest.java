package io.fileaudit.core.store;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** The store in memory reports as the contract says; each look at its clock finds it later. */
class MemoryReportsTest extends ReportsContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final MemoryAuditStore store =
      new MemoryAuditStore(() -> now.updateAndGet(before -> before.plusMillis(1)));

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected ReportStore reports() {
    return store.reports();
  }
}
