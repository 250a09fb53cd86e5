package io.fileaudit.core.ingest;

import io.fileaudit.core.batch.BatchKey;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** A store that records are taken into, for tests of other packages: its commits can be held. */
public final class RecordLoads {
  private final HeldStore store = new HeldStore();

  /** A store that commits at once. */
  public RecordLoads() {
    store.releaseAll();
  }

  /** An ingest into it. */
  public RecordIngest ingest(Consumer<Throwable> troubled) {
    return new RecordIngest(
        Loads.ingest(store, WriteSettings.DEFAULTS), Loads.runs(store), 100, troubled);
  }

  /** An open batch of the default namespace. */
  public UUID open() {
    return Loads.open(store).id();
  }

  /** Lets commits wait from now on. */
  public void hold() {
    store.holdAll();
  }

  /** Lets everything that waits and everything that comes pass. */
  public void release() {
    store.releaseAll();
  }

  /** How many commits were begun. */
  public int commitsBegun() {
    return store.calls.size();
  }

  /** The files that the ledger's events name, in its order. */
  public List<String> files(UUID batch) {
    return Loads.filesInLedger(store, new BatchKey("default", batch));
  }
}
