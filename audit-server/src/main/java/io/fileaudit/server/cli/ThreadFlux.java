package io.fileaudit.server.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * Makes a stream of what a blocking piece of work gives on a thread of its own. The work is held up
 * until what it gives is requested, so nothing piles up.
 */
final class ThreadFlux {
  private static final int MOST_PERMITS = 1 << 20;

  /** What is requested and not yet given; beyond a million it is taken as without end. */
  private static final class Demand {
    private final Semaphore permits = new Semaphore(0);
    private volatile boolean endless;

    void add(long count) {
      if (count > MOST_PERMITS || permits.availablePermits() > MOST_PERMITS) {
        endless = true;
        permits.release(); // Whoever waits may go on.
      } else {
        permits.release((int) count);
      }
    }

    void take() {
      if (endless) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("nobody listens any more");
        }
        return;
      }
      try {
        permits.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("nobody listens any more");
      }
    }
  }

  private ThreadFlux() {}

  /**
   * A stream of what {@code work} hands over. Lazy: each subscription starts a thread; cancelling
   * interrupts it, and then handing over throws {@link CancellationException}; what the work throws
   * is the stream's error.
   */
  static <T> Flux<T> of(String threadName, Consumer<Consumer<T>> work) {
    return Flux.create(
        sink -> {
          Demand demand = new Demand();
          sink.onRequest(demand::add);
          Thread thread = new Thread(() -> run(sink, demand, work), threadName);
          thread.setDaemon(true);
          // Interrupting a thread that reads a file waits for the reading to stop.
          sink.onCancel(() -> Schedulers.boundedElastic().schedule(thread::interrupt));
          thread.start();
        },
        FluxSink.OverflowStrategy.ERROR);
  }

  private static <T> void run(FluxSink<T> sink, Demand demand, Consumer<Consumer<T>> work) {
    try {
      work.accept(
          item -> {
            demand.take();
            sink.next(item);
          });
      sink.complete();
    } catch (CancellationException e) {
      sink.complete(); // Nobody listens any more.
    } catch (RuntimeException | Error e) {
      sink.error(e);
    }
  }
}
