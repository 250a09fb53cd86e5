package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.lineage.RunEvent;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A report on a batch as a run.
 *
 * @param namespace whose batch it is
 * @param event what is said
 * @param own the limits that batches opened by reports set themselves
 * @param limits the limits that hold for them: every one of them set
 * @param chunk names the commit of what follows from it
 * @param alone names the commit of the report itself, where that is one of its own
 * @param by who reports
 * @param node which node carries it out
 */
public record RunReport(
    String namespace,
    RunEvent event,
    Limits own,
    Limits limits,
    UUID chunk,
    UUID alone,
    @Nullable String by,
    String node) {
  /** The batch that the run is. */
  public BatchKey key() {
    return new BatchKey(namespace, event.run());
  }

  /** Opens the batch of a run. */
  public OpenBatch opening(UUID run, BatchSpec spec) {
    return new OpenBatch(
        new BatchKey(namespace, run), spec.withLimits(own), limits, null, by, node);
  }
}
