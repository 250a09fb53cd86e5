package io.fileaudit.core.store;

/** What the parts of the contract kit have in common: the store under test. */
public interface StoreContract {
  /** The store under test, ready for use; tests make batches of their own in it. */
  AuditStore store();

  /** Someone to speak to it, in a namespace of its own. */
  default StoreDriver driver() {
    return new StoreDriver(store());
  }
}
