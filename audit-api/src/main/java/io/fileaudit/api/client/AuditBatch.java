package io.fileaudit.api.client;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A batch that a loader brings, in reactive form. Thread-safe; any number of streams may be sent at
 * once. Every publisher is lazy, and none blocks.
 *
 * <p>The client numbers events, counts the attempts at each file where the loader does not, and
 * gives an event without a time that of this machine. It sends a heartbeat where nothing else was
 * heard for a third of the idle limit, while a stream is subscribed or {@link #alive()} is called.
 *
 * <pre>{@code
 * Flux<Ack> acks = client.open(spec).flatMapMany(batch -> batch.send(events));
 * }</pre>
 */
@CheckReturnValue
public final class AuditBatch {
  private static final int MOST_MESSAGE_CHARACTERS = 2_000;

  private final UUID id;
  private final @Nullable Delivery delivery;

  /** A batch; without a delivery where the client is disabled. */
  AuditBatch(UUID id, @Nullable Delivery delivery) {
    this.id = id;
    this.delivery = delivery;
  }

  /** The batch's id. */
  public UUID id() {
    return id;
  }

  /** The batch's run, from 1; 0 where the service was not reached yet. */
  public int run() {
    return delivery == null ? 0 : delivery.run();
  }

  /**
   * Sends a stream of events and gives what the service acknowledges, after its commits. At most
   * 8,192 events of the stream are unsettled, and more are requested as they settle, so a slow
   * service slows the source. Acknowledgements that are not requested are gathered into one.
   *
   * <p>In an acknowledgement, {@code lastLine} and the lines of refusals are positions: the numbers
   * that the client gave to the events of this batch, from 1. It may speak of events of other
   * streams of the batch too. Events that went to the spool are not acknowledged, but settled.
   *
   * <p>Completes when the source has and all of it is settled. Errors, after which the source is
   * cancelled: {@link io.fileaudit.api.problem.BatchEndedException} where a verdict ended the
   * batch, another {@link io.fileaudit.api.problem.AuditException}, {@link UndeliveredException};
   * the source's own error comes after what it gave before is settled. Cancelling cancels the
   * source; what was taken from it is delivered all the same. Signals come on threads of the
   * network, of the disk and of the source.
   */
  public Flux<Ack> send(Publisher<? extends FileEvent> events) {
    Delivery known = delivery;
    return known == null
        ? Flux.from(events).ignoreElements().cast(Ack.class).flux()
        : Flux.create(sink -> events.subscribe(new EventStream(known, sink)));
  }

  /**
   * Says that the loader lives and works on, where it has nothing to report; costs next to nothing
   * and does not wait.
   *
   * @throws RuntimeException where the batch takes nothing more, as {@link #send} has it
   */
  public void alive() {
    if (delivery != null) {
      delivery.alive();
    }
  }

  /** Completes when everything that was taken so far is acknowledged, or durable in the spool. */
  public Mono<Void> flush() {
    return delivery == null ? Mono.empty() : delivery.flush();
  }

  /**
   * Delivers what is left and asks for COMPLETED. Errors: {@link IncompleteException} where the
   * account holds something against it; else as {@link #send}. Where the service is away and there
   * is a spool, the ending waits there too, and {@link DeliveryReport#endingSpooled()} says so.
   */
  public Mono<DeliveryReport> complete() {
    return end(BatchStatus.COMPLETED, null)
        .flatMap(
            report ->
                report.ended() == null || report.ended().status() == BatchStatus.COMPLETED
                    ? Mono.just(report)
                    : Mono.error(new IncompleteException(report)));
  }

  /**
   * Delivers what is left and ends the batch FAILED. Errors as {@link #send}.
   *
   * @param message why
   */
  public Mono<DeliveryReport> fail(String message) {
    return end(BatchStatus.FAILED, message);
  }

  /**
   * Delivers what is left and ends the batch CANCELLED. Errors as {@link #send}.
   *
   * @param message why
   */
  public Mono<DeliveryReport> cancel(@Nullable String message) {
    return end(BatchStatus.CANCELLED, message);
  }

  private Mono<DeliveryReport> end(BatchStatus status, @Nullable String message) {
    return end(status, message, null)
        .flatMap(
            report -> report.failure() == null ? Mono.just(report) : Mono.error(report.failure()));
  }

  /**
   * Ends the batch CANCELLED where it was not ended before, and says what became of every event.
   * Never fails: what is not delivered in that time goes to the spool where there is one, and is in
   * the report by name where there is none.
   */
  public Mono<DeliveryReport> close(Duration within) {
    return end(BatchStatus.CANCELLED, "closed by its loader without an ending", within);
  }

  /** What became of the events so far. */
  public DeliveryReport report() {
    return delivery == null ? DeliveryReport.disabled(id) : delivery.report();
  }

  private Mono<DeliveryReport> end(
      BatchStatus status, @Nullable String message, @Nullable Duration within) {
    return delivery == null
        ? Mono.just(DeliveryReport.disabled(id))
        : delivery.end(status, shortened(message), within);
  }

  private static @Nullable String shortened(@Nullable String message) {
    return message == null || message.length() <= MOST_MESSAGE_CHARACTERS
        ? message
        : message.substring(0, MOST_MESSAGE_CHARACTERS - 1) + "…";
  }

  /** Adds one event, and waits for room. */
  void put(FileEvent event) {
    if (delivery != null) {
      delivery.put(event);
    }
  }
}
