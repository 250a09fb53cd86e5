package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Carries one scan out as a batch: opens it, sends the events while files are read, and asks for
 * COMPLETED, which the service grants or not. Waits on the calling thread. For one scan.
 */
final class Scan {
  private static final Duration LAST_WORD = Duration.ofSeconds(5);
  private static final int NAMED_REFUSALS = 20;

  private final AuditCalls client;
  private final Console console;
  private final String producer = "scan-" + UUID.randomUUID();
  private long refused;
  private @Nullable Snapshot opened;
  private @Nullable CompletableFuture<?> underWay;
  private boolean stopped;

  Scan(AuditCalls client, Console console) {
    this.client = client;
    this.console = console;
  }

  /** The batch as it ended; files that failed are named on stderr. */
  Snapshot run(BatchSpec spec, ScanEvents events) {
    Snapshot batch = waitFor(client.open(spec));
    UUID id = batch.id();
    synchronized (this) {
      opened = batch;
    }
    console.say("batch " + id);
    try {
      send(batch, ThreadFlux.of("audit-scan", events::run));
      if (waitFor(client.snapshot(id)).totals().files().discovered() > 0) {
        Flux<Manifest> unread = client.allFiles(id, FileFilter.in(FileState.DISCOVERED));
        send(batch, unread.map(file -> events.gone(file.file())));
      }
      Snapshot ended = waitFor(client.status(id, batch.run(), BatchStatus.COMPLETED, null));
      name(ended);
      return ended;
    } catch (UnreachableException e) {
      console.say(
          "The batch "
              + id
              + " is still open; the service ends it by itself when it hears nothing more.");
      throw e;
    } catch (RuntimeException e) {
      giveUp(batch, e);
      throw e;
    }
  }

  /**
   * Stops from another thread: nothing more is read or sent, and the batch, where it was opened,
   * ends CANCELLED. Waits for that, but not long.
   */
  void stop() {
    Snapshot batch;
    synchronized (this) {
      stopped = true;
      batch = opened;
      if (underWay != null) {
        underWay.cancel(true);
      }
    }
    if (batch != null) {
      Waiting.briefly(
          client.status(batch.id(), batch.run(), BatchStatus.CANCELLED, "the scan was interrupted"),
          LAST_WORD);
    }
  }

  private void send(Snapshot batch, Flux<FileEvent> events) {
    Flux<Ack> acks = client.send(batch.id(), batch.run(), producer, events);
    waitFor(
        acks.publishOn(Schedulers.boundedElastic()) // Printing may block.
            .doOnNext(this::count)
            .then(Mono.just(batch)));
  }

  private void count(Ack ack) {
    for (Refusal refusal : ack.refusals()) {
      if (refused++ < NAMED_REFUSALS) {
        console.say("refused: " + refusal.type() + ": " + Printable.of(refusal.detail()));
      }
    }
  }

  private <T> T waitFor(Mono<T> answer) {
    CompletableFuture<T> future;
    synchronized (this) {
      if (stopped) {
        throw interrupted();
      }
      future = answer.toFuture();
      underWay = future;
    }
    try {
      return Waiting.on(future);
    } catch (CancellationException e) {
      throw interrupted();
    }
  }

  private static CommandException interrupted() {
    return new CommandException(ExitCode.INTERRUPTED, "interrupted");
  }

  /** The batch must not stay open behind a scan that broke for a reason of its own. */
  private void giveUp(Snapshot batch, RuntimeException error) {
    boolean over =
        error instanceof CommandException
            || (error instanceof AuditException known && known.type() == ProblemType.BATCH_ENDED);
    if (!over) {
      Waiting.briefly(
          client.status(batch.id(), batch.run(), BatchStatus.FAILED, "the scan broke: " + error),
          LAST_WORD);
    }
  }

  private void name(Snapshot ended) {
    waitFor(FilesAtFault.name(client, console, ended));
    if (refused > NAMED_REFUSALS) {
      console.say("… and " + Figures.count(refused - NAMED_REFUSALS) + " more refused");
    }
  }
}
