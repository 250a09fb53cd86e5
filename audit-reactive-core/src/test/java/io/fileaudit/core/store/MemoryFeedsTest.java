package io.fileaudit.core.store;

import java.time.InstantSource;

/** The store in memory tells feeds what the contract says. */
class MemoryFeedsTest extends FeedStoreContract {
  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());

  @Override
  public AuditStore store() {
    return store;
  }

  @Override
  protected FeedStore feeds() {
    return store.feeds();
  }
}
