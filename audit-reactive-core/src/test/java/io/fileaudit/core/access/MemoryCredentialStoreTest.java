package io.fileaudit.core.access;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** The store in memory does what the contract says, by a clock that the test sets. */
class MemoryCredentialStoreTest extends CredentialStoreContract {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final MemoryCredentialStore store = new MemoryCredentialStore(now::get);

  @Override
  protected CredentialStore credentials() {
    return store;
  }

  @Override
  protected void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
