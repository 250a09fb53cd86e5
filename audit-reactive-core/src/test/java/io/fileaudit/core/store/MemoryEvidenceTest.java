package io.fileaudit.core.store;

import java.time.InstantSource;

/** The evidence of the store in memory is as the contract says. */
class MemoryEvidenceTest extends EvidenceContract {
  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected EvidenceStore evidence() {
    return store.evidence();
  }
}
