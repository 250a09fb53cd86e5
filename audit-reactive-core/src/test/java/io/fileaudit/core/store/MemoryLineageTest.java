package io.fileaudit.core.store;

import java.time.Instant;

/** Reports on batches in memory do as the contract says. */
class MemoryLineageTest extends LineageContract {
  private final MemoryAuditStore store =
      new MemoryAuditStore(() -> Instant.parse("2026-11-23T14:00:00Z"));

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected LineageStore lineage() {
    return store.lineage();
  }

  @Override
  protected EvidenceStore evidence() {
    return store.evidence();
  }
}
