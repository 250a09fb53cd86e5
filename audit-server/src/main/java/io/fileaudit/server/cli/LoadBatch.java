package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.Page;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds or opens the batch of a load. Loads of one table and period are one batch until it is
 * complete: an interrupted one is taken up again, in a new run. A new run also shuts out a loader
 * of the run before that still lives.
 */
final class LoadBatch {
  private static final String LABEL = "loader";
  private static final String LOADER = "audit load";

  /** What tells two loads apart that are the same in everything else. */
  private static final String PROCESS = "loader-process";

  private final AuditClient client;
  private final AuditCalls calls;
  private final String table;
  private final @Nullable String period;

  LoadBatch(AuditClient client, String table, @Nullable String period) {
    this.client = client;
    this.calls = client.calls();
    this.table = table;
    this.period = period;
  }

  /** The newest load of the table and period where it is complete, else null. */
  @Nullable Snapshot complete() {
    Snapshot newest = newest();
    return newest != null && newest.status() == BatchStatus.COMPLETED ? newest : null;
  }

  /**
   * Opens a batch, or takes up the one that is to go on.
   *
   * @param again whether it is a new one whatever there was
   * @param resume the batch that is to go on, even where it is open
   * @throws CommandException where another loader may be at work
   */
  BlockingBatch open(BatchSpec spec, boolean again, @Nullable String resume) {
    if (resume != null) {
      return takeOver(BatchName.find(calls, resume));
    }
    Snapshot newest = newest();
    if (newest == null || again) {
      return begun(spec, newest);
    }
    if (isOpen(newest)) {
      Double idle = newest.idleSeconds();
      throw new CommandException(
          ExitCode.USAGE,
          "batch "
              + newest.id()
              + " of "
              + table
              + "@"
              + period
              + " is open and was last heard of "
              + Figures.seconds(idle == null ? 0 : idle)
              + " ago; if its loader is gone, --resume "
              + newest.id()
              + " takes it over");
    }
    return resumed(newest);
  }

  /**
   * Opens a batch whose id comes of what it follows, so that of two loads that begin at one moment
   * only one opens it: the other opens the same id otherwise.
   */
  private BlockingBatch begun(BatchSpec spec, @Nullable Snapshot newest) {
    BatchSpec labelled = labelled(spec);
    if (period == null) {
      return client.blocking().open(labelled);
    }
    String follows = newest == null ? "" : newest.id().toString();
    String name = String.join("\0", LOADER, table, period, follows);
    UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    try {
      return client.blocking().open(id, labelled);
    } catch (AuditException e) {
      if (e.type() != ProblemType.BATCH_CONFLICT) {
        throw e;
      }
      throw new CommandException(
          ExitCode.USAGE,
          "another load of " + table + "@" + period + " began at the same moment; batch " + id);
    }
  }

  private BlockingBatch takeOver(Snapshot batch) {
    if (!table.equals(batch.table()) || (period != null && !period.equals(batch.period()))) {
      throw new CommandException(
          ExitCode.USAGE,
          "batch "
              + batch.id()
              + " is of "
              + Printable.of(batch.table() + "@" + batch.period())
              + ", not of "
              + table
              + (period == null ? "" : "@" + period));
    }
    if (!isOpen(batch)) {
      return resumed(batch);
    }
    return resumed(
        Waiting.on(
            calls.status(
                batch.id(), batch.run(), BatchStatus.CANCELLED, "taken over by another loader")));
  }

  private BlockingBatch resumed(Snapshot ended) {
    BatchSpec.Builder spec =
        BatchSpec.builder()
            .name(ended.name())
            .table(ended.table())
            .period(ended.period())
            .parent(ended.parent())
            .resume(true);
    ended.labels().forEach(spec::label);
    return client.blocking().open(ended.id(), spec.build());
  }

  private static boolean isOpen(Snapshot batch) {
    return batch.status() == BatchStatus.PENDING || batch.status() == BatchStatus.RUNNING;
  }

  private @Nullable Snapshot newest() {
    if (period == null) {
      return null;
    }
    BatchFilter filter =
        new BatchFilter(Set.of(), table, period, Map.of(LABEL, LOADER), null, null, 50);
    Page<Snapshot> page = Waiting.on(calls.batches(filter, null));
    return page.items().stream().filter(batch -> batch.parent() == null).findFirst().orElse(null);
  }

  private static BatchSpec labelled(BatchSpec spec) {
    return new BatchSpec(
        spec.name(),
        spec.table(),
        spec.period(),
        spec.parent(),
        Map.of(LABEL, LOADER, PROCESS, UUID.randomUUID().toString()),
        spec.limits(),
        spec.maxRejectedRows(),
        spec.maxSkipped(),
        spec.zeroRows(),
        spec.expected(),
        spec.resume());
  }
}
