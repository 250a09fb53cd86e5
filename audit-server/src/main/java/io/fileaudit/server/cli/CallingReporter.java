package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Refusal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import reactor.core.publisher.Flux;

/** Tells the service each thing by a call of its own. */
final class CallingReporter implements LoadReporter {
  private static final Duration LAST_WORD = Duration.ofSeconds(5);
  private static final long HEARTBEAT_NANOS = 5_000_000_000L;

  private final AuditCalls client;
  private final UUID batch;
  private final int run;
  private final LongSupplier nanoTime;
  private final String producer = "load-" + UUID.randomUUID();
  private final Map<String, Integer> attempts = new HashMap<>();
  private long position;
  private long heardAt;

  /** A reporter of that run, by a monotonic clock of nanoseconds. */
  CallingReporter(AuditCalls client, Snapshot batch, LongSupplier nanoTime) {
    this.client = client;
    this.batch = batch.id();
    this.run = batch.run();
    this.nanoTime = nanoTime;
    this.heardAt = nanoTime.getAsLong();
  }

  @Override
  public synchronized void report(FileEvent event) {
    FileEvent stamped = stamped(event);
    List<Ack> acks =
        Waiting.on(client.send(batch, run, producer, Flux.just(stamped)).collectList());
    heardAt = nanoTime.getAsLong();
    for (Ack ack : acks) {
      for (Refusal refusal : ack.refusals()) {
        throw new CommandException(
            ExitCode.INCOMPLETE, "the service refused an event: " + refusal.detail());
      }
    }
  }

  private FileEvent stamped(FileEvent event) {
    boolean begins = event.type() == EventType.STARTED;
    int attempt = attempts.merge(event.file(), 1, (known, one) -> begins ? known + 1 : known);
    if (event.type().equals(EventType.EXPECTED) || event.type().equals(EventType.DISCOVERED)) {
      attempts.remove(event.file());
    }
    return FileEvent.of(event.type(), event.file())
        .at(event.at())
        .attempt(attempt)
        .rows(event.rows())
        .rejectedRows(event.rejectedRows())
        .bytes(event.bytes())
        .checksum(event.checksum())
        .position(++position)
        .error(event.error())
        .attributes(event.attributes())
        .build();
  }

  @Override
  public synchronized void alive() {
    if (nanoTime.getAsLong() - heardAt > HEARTBEAT_NANOS) {
      Waiting.on(client.heartbeat(batch, run));
      heardAt = nanoTime.getAsLong();
    }
  }

  @Override
  public Snapshot complete() {
    return Waiting.on(client.status(batch, run, BatchStatus.COMPLETED, null));
  }

  @Override
  public void fail(String message) {
    Waiting.briefly(client.status(batch, run, BatchStatus.FAILED, message), LAST_WORD);
  }

  @Override
  public void cancel(String message) {
    Waiting.briefly(client.status(batch, run, BatchStatus.CANCELLED, message), LAST_WORD);
  }
}
