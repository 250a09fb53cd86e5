package io.fileaudit.api.client;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A batch that a loader brings, in imperative form: its methods wait on the calling thread, which
 * must not be one that serves others. Thread-safe: any number of threads may report at once.
 *
 * <p>Reporting returns as soon as the event is in the client's memory, and waits only where that is
 * full because the service takes nothing. An event is durable when {@link #flush()} or an ending
 * has returned. Once a verdict has ended the batch, every method throws {@link
 * io.fileaudit.api.problem.BatchEndedException}, so a loader stops where it stands; it throws
 * {@link UndeliveredException} once the service was away for longer than the client may wait, and
 * {@link IllegalStateException} after an ending.
 *
 * <p>Heartbeats are sent while calls are made: a loader that works for long without anything to
 * report calls {@link #alive()} now and then. Interrupting a thread that waits makes its method
 * throw {@link java.util.concurrent.CancellationException}; failing, cancelling and closing are
 * carried out on a thread that was interrupted before, too.
 *
 * <pre>{@code
 * try (BlockingBatch batch = client.open(spec)) {
 *   batch.started("a.csv");
 *   batch.completed("a.csv", 4_494_860, 96_211_345, "sha256:9f86…");
 *   batch.complete();
 * } // without complete() it ends CANCELLED
 * }</pre>
 */
public final class BlockingBatch implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final String UNNAMED_ERROR = "failed";

  private final AuditBatch batch;

  BlockingBatch(AuditBatch batch) {
    this.batch = batch;
  }

  /** The batch's id. */
  public UUID id() {
    return batch.id();
  }

  /** The batch's run, from 1; 0 where the service was not reached yet. */
  public int run() {
    return batch.run();
  }

  /** The file was seen and will be loaded. */
  public void discovered(String file) {
    report(FileEvent.of(EventType.DISCOVERED, file).build());
  }

  /** Loading the file begins: its first attempt in this run, or one more. */
  public void started(String file) {
    report(FileEvent.of(EventType.STARTED, file).build());
  }

  /**
   * How far loading has come.
   *
   * @param rows rows so far, in all
   * @param bytes bytes so far, in all
   */
  public void progress(String file, long rows, long bytes) {
    report(FileEvent.of(EventType.PROGRESS, file).rows(rows).bytes(bytes).build());
  }

  /**
   * The file is loaded.
   *
   * @param rows rows that are in the database
   * @param bytes the file's size
   * @param checksum {@code algorithm:value}, as in {@code sha256:9f86…}; null where none is known
   */
  public void completed(String file, long rows, long bytes, @Nullable String checksum) {
    report(
        FileEvent.of(EventType.COMPLETED, file).rows(rows).bytes(bytes).checksum(checksum).build());
  }

  /** The attempt at the file failed; the error's class is the code that failures are grouped by. */
  public void failed(String file, Throwable error) {
    String name = error.getClass().getSimpleName();
    failed(file, name.isEmpty() ? UNNAMED_ERROR : name, error.getMessage());
  }

  /**
   * The attempt at the file failed.
   *
   * @param code what failures are grouped by, as in {@code bad-date}
   * @param message for people
   */
  public void failed(String file, String code, @Nullable String message) {
    report(FileEvent.of(EventType.FAILED, file).error(code, message).build());
  }

  /** The file is not loaded, on purpose: it was loaded before, or is not wanted. */
  public void skipped(String file) {
    report(FileEvent.of(EventType.SKIPPED, file).build());
  }

  /**
   * Reports any event. Its position is the client's; its attempt and its time are the event's own,
   * and the client's where it has none.
   *
   * @throws IllegalArgumentException where it has no JSON form
   */
  public void report(FileEvent event) {
    Waits.checkMayWait();
    batch.put(event);
  }

  /** Says that the loader lives and works on; costs next to nothing and does not wait. */
  public void alive() {
    batch.alive();
  }

  /** Waits until everything that was reported so far is acknowledged, or durable in the spool. */
  public void flush() {
    Waits.until(batch.flush());
  }

  /**
   * Delivers what is left and asks for COMPLETED.
   *
   * @throws IncompleteException where the account holds something against it
   */
  public DeliveryReport complete() {
    return Waits.on(batch.complete());
  }

  /** Delivers what is left and ends the batch FAILED, with that message. */
  public DeliveryReport fail(String message) {
    return Waits.onEvenIfInterrupted(batch.fail(message));
  }

  /** Delivers what is left and ends the batch CANCELLED, with that message. */
  public DeliveryReport cancel(@Nullable String message) {
    return Waits.onEvenIfInterrupted(batch.cancel(message));
  }

  /** As {@link AuditBatch#close(Duration)}; never throws for want of a service. */
  public DeliveryReport close(Duration within) {
    return Waits.onEvenIfInterrupted(batch.close(within));
  }

  /** Ends the batch CANCELLED where it was not ended; waits at most 10 seconds. */
  @Override
  public void close() {
    DeliveryReport unused = close(CLOSING);
  }

  /** What became of the events so far. */
  public DeliveryReport report() {
    return batch.report();
  }
}
