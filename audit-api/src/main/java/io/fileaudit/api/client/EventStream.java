package io.fileaudit.api.client;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.FluxSink;

/**
 * A caller's stream of events on its way into a batch. At most {@link #AHEAD} of its events are
 * unsettled; more are requested as they are acknowledged or durable on the disk. Acknowledgements
 * that nobody requests are gathered into one.
 */
final class EventStream extends BaseSubscriber<FileEvent> {
  static final int AHEAD = 8_192;

  private final Delivery delivery;
  private final FluxSink<Ack> sink;
  private final AtomicReference<@Nullable Ack> pending = new AtomicReference<>();
  private final AtomicLong unsettled = new AtomicLong();
  private final AtomicInteger work = new AtomicInteger();
  private volatile boolean exhausted;
  private volatile @Nullable Throwable failure;

  EventStream(Delivery delivery, FluxSink<Ack> sink) {
    this.delivery = delivery;
    this.sink = sink;
    sink.onRequest(requested -> drain());
    sink.onCancel(this::leave);
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    delivery.begins(this);
    request(AHEAD);
  }

  @Override
  protected void hookOnNext(FileEvent event) {
    unsettled.incrementAndGet();
    try {
      delivery.push(event, this);
    } catch (RuntimeException e) {
      unsettled.decrementAndGet();
      cancel();
      fail(e);
    }
  }

  @Override
  protected void hookOnError(Throwable error) {
    delivery.left(this);
    failure = error;
    exhausted = true;
    drain();
  }

  @Override
  protected void hookOnComplete() {
    delivery.left(this);
    exhausted = true;
    drain();
  }

  /**
   * So many of its events are settled; by that acknowledgement, or by the disk where it is null.
   */
  void settled(long events, @Nullable Ack ack) {
    if (ack != null) {
      pending.accumulateAndGet(ack, (before, next) -> before == null ? next : before.and(next));
    }
    unsettled.addAndGet(-events);
    if (!exhausted && !isDisposed()) {
      request(events);
    }
    drain();
  }

  /** Ends it with the batch's failure and cancels its source. */
  void fail(Throwable error) {
    cancel();
    delivery.left(this);
    failure = error;
    unsettled.set(0);
    exhausted = true;
    drain();
  }

  private void leave() {
    cancel();
    delivery.left(this);
  }

  private void drain() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      if (pending.get() != null && sink.requestedFromDownstream() > 0) {
        Ack ack = pending.getAndSet(null);
        if (ack != null) {
          sink.next(ack);
        }
      }
      // What is acknowledged is said before the end is.
      if (exhausted && unsettled.get() <= 0 && pending.get() == null) {
        end();
      }
      missed = work.addAndGet(-missed);
    } while (missed != 0);
  }

  private void end() {
    Throwable error = failure;
    if (error == null) {
      sink.complete();
    } else {
      sink.error(error);
    }
  }
}
