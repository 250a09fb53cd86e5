package io.fileaudit.api.client;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The lines of a window from its first one on, as they come, until it is told to finish. For one
 * subscriber, which gets what it requested and not more. Signals come on the thread that brings
 * lines, requests more or finishes, one at a time.
 */
final class WindowSource extends Flux<Line> implements Subscription {
  private static final int AT_A_TIME = 256;

  private static final AtomicLongFieldUpdater<WindowSource> REQUESTED =
      AtomicLongFieldUpdater.newUpdater(WindowSource.class, "requested");

  private final Window window;
  private final long begin;
  private volatile long requested;
  private final AtomicInteger work = new AtomicInteger();
  private volatile @Nullable CoreSubscriber<? super Line> target;
  private volatile boolean finishing;
  private volatile boolean over;
  private volatile long next;

  /** The lines of that window from now on. */
  WindowSource(Window window) {
    this.window = window;
    this.begin = window.first();
    this.next = begin;
  }

  /** The number of the line that was the first in the window. */
  long begin() {
    return begin;
  }

  /** The number of the line that will be given next. */
  long reached() {
    return next;
  }

  /** Says that there are more lines. */
  void more() {
    drain();
  }

  /** Ends the stream after the lines that are there. */
  void finish() {
    finishing = true;
    drain();
  }

  /** Whether it was told to finish. */
  boolean isFinished() {
    return finishing;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Line> subscriber) {
    target = subscriber;
    subscriber.onSubscribe(this);
    drain();
  }

  @Override
  public void request(long lines) {
    if (Operators.validate(lines)) {
      Operators.addCap(REQUESTED, this, lines);
      drain();
    }
  }

  @Override
  public void cancel() {
    over = true;
  }

  private void drain() {
    CoreSubscriber<? super Line> subscriber = target;
    if (subscriber == null || work.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      give(subscriber);
      missed = work.addAndGet(-missed);
    } while (missed != 0);
  }

  private void give(CoreSubscriber<? super Line> subscriber) {
    while (!over) {
      boolean last = finishing;
      int wanted = (int) Math.min(AT_A_TIME, requested);
      List<Line> lines = wanted == 0 ? List.of() : window.from(next, wanted);
      long given = next;
      for (Line line : lines) {
        next = ++given; // Before it can be acknowledged.
        subscriber.onNext(line);
      }
      if (!lines.isEmpty()) {
        Operators.produced(REQUESTED, this, lines.size());
        continue;
      }
      if (last && next == window.end()) {
        over = true;
        subscriber.onComplete();
      }
      return;
    }
  }
}
