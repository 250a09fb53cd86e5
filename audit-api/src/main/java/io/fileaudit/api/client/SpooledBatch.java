package io.fileaudit.api.client;

import io.fileaudit.api.batch.BatchSpec;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * To which batch spooled events belong.
 *
 * @param batch its id
 * @param producer who numbered the events
 * @param namespace whose batch it is; null for that of the key
 * @param run the run; 0 where the batch has not been opened
 * @param spec how to open it
 */
record SpooledBatch(
    UUID batch, String producer, @Nullable String namespace, int run, BatchSpec spec) {
  SpooledBatch withRun(int known) {
    return new SpooledBatch(batch, producer, namespace, known, spec);
  }
}
