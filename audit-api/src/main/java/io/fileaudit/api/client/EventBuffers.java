package io.fileaudit.api.client;

import io.fileaudit.api.json.Utf8Output;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * Gathers events into buffers of lines for one request: as many as have come, up to 64 KiB. Events
 * are requested 512 ahead and further only as buffers are requested, so a network that takes no
 * more stops the source. Nothing waits for a buffer to fill.
 *
 * <p>Where the source fails, what it gave before is still sent and the request ends in order; the
 * failure is kept for whoever reads the answer.
 */
final class EventBuffers<T> implements CoreSubscriber<T>, Subscription {
  static final int AHEAD = 512;
  private static final int FULL_BYTES = 64 * 1024;
  private static final int REFILL = AHEAD / 2;

  private final CoreSubscriber<? super ByteBuf> target;
  private final Executor executor;
  private final Context context;
  private final Queue<T> waiting = Queues.<T>get(AHEAD).get();
  private final BiConsumer<T, Utf8Output> writer;
  private final AtomicLong requested = new AtomicLong();
  private final AtomicLong lines = new AtomicLong();
  private final AtomicInteger work = new AtomicInteger();
  private final Utf8Output line = new Utf8Output(FULL_BYTES);
  private int taken;
  private volatile @Nullable Subscription source;
  private volatile boolean exhausted;
  private volatile boolean finished;
  private volatile @Nullable Throwable failure;

  /**
   * Buffers for one subscriber, made on that executor, which must run one task at a time.
   *
   * @param context what the source sees
   * @param writer writes an event without an end of line
   */
  EventBuffers(
      CoreSubscriber<? super ByteBuf> target,
      Executor executor,
      Context context,
      BiConsumer<T, Utf8Output> writer) {
    this.target = target;
    this.writer = writer;
    this.executor = executor;
    this.context = context;
  }

  /** How many lines were given so far. */
  long lines() {
    return lines.get();
  }

  /** Why the source failed; null where it did not. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public Context currentContext() {
    return context;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(source, subscription)) {
      source = subscription;
      target.onSubscribe(this);
      subscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(T event) {
    if (finished) {
      return;
    }
    if (!waiting.offer(event)) {
      failure = new IllegalStateException("more events were given than were requested");
      cancelSource();
      exhausted = true;
    }
    schedule();
  }

  @Override
  public void onError(Throwable error) {
    failure = error;
    exhausted = true;
    schedule();
  }

  @Override
  public void onComplete() {
    exhausted = true;
    schedule();
  }

  @Override
  public void request(long buffers) {
    if (Operators.validate(buffers)) {
      requested.accumulateAndGet(buffers, Operators::addCap);
      schedule();
    }
  }

  @Override
  public void cancel() {
    finished = true;
    cancelSource();
    schedule();
  }

  private void cancelSource() {
    Subscription current = source;
    if (current != null) {
      current.cancel();
    }
  }

  private void schedule() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    try {
      executor.execute(this::drain);
    } catch (RejectedExecutionException e) {
      finished = true;
      cancelSource();
    }
  }

  private void drain() {
    int missed = 1;
    do {
      while (!finished && requested.get() > 0 && !waiting.isEmpty()) {
        ByteBuf buffer = fill();
        if (buffer != null) {
          requested.decrementAndGet();
          target.onNext(buffer);
        }
      }
      if (finished) {
        waiting.clear();
      } else if (exhausted && waiting.isEmpty()) {
        finished = true;
        target.onComplete();
      }
      missed = work.addAndGet(-missed);
    } while (missed != 0);
  }

  /** What waits, as lines; null where an event cannot be written, which ends the stream. */
  private @Nullable ByteBuf fill() {
    line.reset();
    for (T event = waiting.poll(); event != null; event = waiting.poll()) {
      int begun = line.length();
      try {
        writer.accept(event, line);
      } catch (RuntimeException e) {
        failure = new IllegalArgumentException("an event has no JSON form: " + e.getMessage(), e);
        cancelSource();
        waiting.clear();
        exhausted = true;
        return begun == 0 ? null : Unpooled.wrappedBuffer(Arrays.copyOf(line.toBytes(), begun));
      }
      line.put('\n');
      lines.incrementAndGet();
      refill();
      if (line.length() >= FULL_BYTES) {
        break;
      }
    }
    return Unpooled.wrappedBuffer(line.toBytes());
  }

  private void refill() {
    Subscription current = source;
    if (++taken == REFILL && current != null && !exhausted) {
      taken = 0;
      current.request(REFILL);
    }
  }
}
