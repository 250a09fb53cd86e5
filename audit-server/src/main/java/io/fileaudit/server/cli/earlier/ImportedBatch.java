package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.FileEvent;
import java.util.List;

/**
 * A batch as it is to be written.
 *
 * @param level what it was: a batch, a sub-batch, or a table audit with files of no batch
 * @param id its id in the earlier service
 * @param spec how it is opened; without the parent, whose id is known when that is written
 * @param events what happened to its files, each with an id of its own
 * @param ending what is to be asked for
 * @param message why it ended, with what the earlier service noted of it
 * @param children its sub-batches
 */
public record ImportedBatch(
    Level level,
    String id,
    BatchSpec spec,
    List<FileEvent> events,
    BatchStatus ending,
    String message,
    List<ImportedBatch> children) {
  public ImportedBatch {
    events = List.copyOf(events);
    children = List.copyOf(children);
  }

  /** What people call it. */
  public String name() {
    return spec.name() == null ? id : spec.name();
  }

  /** This batch and its sub-batches. */
  public int batches() {
    return 1 + children.size();
  }
}
