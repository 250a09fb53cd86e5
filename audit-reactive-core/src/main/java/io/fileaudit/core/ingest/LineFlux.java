package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.core.ledger.Line;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Gathers lines while a commit is under way and hands them on in one chunk as soon as it is over,
 * one commit of the stream at a time. At most one chunk and a few network buffers are held; when
 * they are full nothing is requested, so that the socket stalls and the sender with it.
 */
final class LineFlux extends Flux<Ack> {
  private static final int BUFFERS = 4;
  private final Flux<byte[]> body;
  private final boolean onlyCloudEvents;
  private final int chunkSize;
  private final Function<List<Line>, Mono<Ack>> step;

  LineFlux(
      Flux<byte[]> body,
      boolean onlyCloudEvents,
      int chunkSize,
      Function<List<Line>, Mono<Ack>> step) {
    this.body = body;
    this.onlyCloudEvents = onlyCloudEvents;
    this.chunkSize = chunkSize;
    this.step = step;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Ack> actual) {
    body.subscribe(new Gatherer(actual, new LineSplitter(onlyCloudEvents), chunkSize, step));
  }

  private static final class Gatherer implements CoreSubscriber<byte[]>, Subscription {
    private final CoreSubscriber<? super Ack> actual;
    private final int chunkSize;
    private final Function<List<Line>, Mono<Ack>> step;
    private final LineSplitter splitter;
    private final Queue<List<Line>> read = new ConcurrentLinkedQueue<>();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private @Nullable Subscription upstream;
    private volatile boolean bodyDone;
    private volatile @Nullable Throwable bodyError;
    private volatile @Nullable Ack answer;
    private volatile @Nullable Throwable stepError;
    private volatile boolean stepDone;
    private volatile boolean cancelled;

    // Only touched within drain(), which one thread runs at a time.
    private final Deque<Line> gathered = new ArrayDeque<>();
    private boolean stepping;
    private boolean ended;

    Gatherer(
        CoreSubscriber<? super Ack> actual,
        LineSplitter splitter,
        int chunkSize,
        Function<List<Line>, Mono<Ack>> step) {
      this.actual = actual;
      this.splitter = splitter;
      this.chunkSize = chunkSize;
      this.step = step;
    }

    @Override
    public reactor.util.context.Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (Operators.validate(upstream, subscription)) {
        upstream = subscription;
        actual.onSubscribe(this);
        drain();
      }
    }

    @Override
    public void onNext(byte[] bytes) {
      if (!cancelled) {
        read.add(splitter.feed(bytes));
      }
      outstanding.decrementAndGet();
      drain();
    }

    @Override
    public void onError(Throwable error) {
      bodyError = error;
      bodyDone = true;
      drain();
    }

    @Override
    public void onComplete() {
      read.add(splitter.end());
      bodyDone = true;
      drain();
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n)) {
        demand.accumulateAndGet(n, Operators::addCap);
        drain();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      Subscription subscription = upstream;
      if (subscription != null) {
        subscription.cancel();
      }
      drain();
    }

    private void drain() {
      if (work.getAndIncrement() != 0) {
        return;
      }
      int missed = 1;
      do {
        advance();
        missed = work.addAndGet(-missed);
      } while (missed != 0);
    }

    private void advance() {
      if (cancelled || ended) {
        read.clear();
        gathered.clear();
        return;
      }
      finishStep();
      if (ended) {
        return;
      }
      boolean last = bodyDone;
      for (List<Line> lines = read.poll(); lines != null; lines = read.poll()) {
        gathered.addAll(lines);
      }
      Throwable broken = bodyError;
      if (!stepping && broken != null) {
        ended = true;
        actual.onError(broken);
      } else if (!stepping && !gathered.isEmpty() && demand.get() > 0) {
        beginStep();
      } else if (!stepping && gathered.isEmpty() && last) {
        ended = true;
        actual.onComplete();
      }
      if (!bodyDone
          && gathered.size() < chunkSize
          && outstanding.compareAndSet(0, BUFFERS)
          && upstream != null) {
        upstream.request(BUFFERS);
      }
    }

    private void beginStep() {
      stepping = true;
      List<Line> lines = takeLines();
      Mono.defer(() -> step.apply(lines))
          .subscribe(
              ack -> answer = ack,
              error -> {
                stepError = error;
                stepDone = true;
                drain();
              },
              () -> {
                stepDone = true;
                drain();
              },
              currentContext());
    }

    private List<Line> takeLines() {
      List<Line> lines = new ArrayList<>(Math.min(gathered.size(), chunkSize));
      while (!gathered.isEmpty() && lines.size() < chunkSize) {
        boolean alone = gathered.getFirst().standsAlone();
        if (alone && !lines.isEmpty()) {
          break;
        }
        lines.add(gathered.removeFirst());
        if (alone) {
          break;
        }
      }
      return lines;
    }

    private void finishStep() {
      if (!stepping || !stepDone) {
        return;
      }
      stepping = false;
      stepDone = false;
      Throwable error = stepError;
      Ack ack = answer;
      answer = null;
      if (error != null) {
        ended = true;
        if (upstream != null) {
          upstream.cancel();
        }
        actual.onError(error);
      } else if (ack != null) {
        demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
        actual.onNext(ack);
      }
    }
  }
}
