package io.fileaudit.core.record;

import io.fileaudit.core.ingest.Received;
import java.util.List;

/**
 * Records that were received together, those of one partition in the order of their offsets.
 *
 * @param records at least one
 * @param acknowledgement says that all of them, and all that came before them, need not come again;
 *     from any thread, never blocks, and may be run again
 */
public record Polled(List<Received> records, Runnable acknowledgement) {
  public Polled {
    records = List.copyOf(records);
  }
}
