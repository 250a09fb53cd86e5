package io.fileaudit.api.client;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.problem.AuditException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of every event that was reported to a batch through one client. {@code acknowledged +
 * refused + spooled + undelivered} are all of them.
 *
 * @param batch the batch
 * @param run the run that they belong to; 0 where the service was never reached
 * @param acknowledged events that are durable in the ledger, each counted once
 * @param refused events that the service did not accept
 * @param refusals the first 1,000 of them, one by one
 * @param spooled events that are durable on this machine's disk and wait for the service
 * @param undelivered events of which the service has said nothing
 * @param undeliveredEvents the first 1,000 of them, one by one
 * @param ended the batch as it ended; null where it is open, or where nobody knows
 * @param endingSpooled whether the ending waits on this machine's disk as well
 * @param failure why delivering stopped; null where it did not
 */
public record DeliveryReport(
    UUID batch,
    int run,
    long acknowledged,
    long refused,
    List<RefusedEvent> refusals,
    long spooled,
    long undelivered,
    List<UndeliveredEvent> undeliveredEvents,
    @Nullable Snapshot ended,
    boolean endingSpooled,
    @Nullable RuntimeException failure) {

  public DeliveryReport {
    refusals = List.copyOf(refusals);
    undeliveredEvents = List.copyOf(undeliveredEvents);
  }

  /** The report of a client that does nothing. */
  static DeliveryReport disabled(UUID batch) {
    return new DeliveryReport(batch, 0, 0, 0, List.of(), 0, 0, List.of(), null, false, null);
  }

  /** Whether the ledger has every event, refused ones apart. */
  public boolean isDelivered() {
    return spooled == 0 && undelivered == 0;
  }

  /** The decision that ended the batch, as far as the client heard of it. */
  public @Nullable Verdict verdict() {
    if (ended != null) {
      return ended.verdict();
    }
    return failure instanceof AuditException refusal ? refusal.verdict() : null;
  }
}
