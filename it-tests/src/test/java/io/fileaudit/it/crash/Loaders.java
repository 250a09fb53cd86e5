package io.fileaudit.it.crash;

import io.fileaudit.it.crash.Attempt.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ten loaders at a time, about 300 events a second in all: each plays its script to the end, and
 * another one takes its seat. Whatever was noted can be read at any time.
 */
final class Loaders implements AutoCloseable {
  private static final int SEATS = 10;
  private static final Duration STEP = Duration.ofMillis(550);
  private static final Duration LOOK = Duration.ofMillis(700);
  private static final Duration FINISH = Duration.ofSeconds(60);

  private final Calls calls;
  private final Supplier<String> service;
  private final List<Loader> all = new CopyOnWriteArrayList<>();
  private final List<Throwable> errors = new CopyOnWriteArrayList<>();
  private final AtomicInteger playing = new AtomicInteger(SEATS);
  private final Random watching;
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(SEATS + 2);
  private volatile boolean finishing;
  private volatile boolean stopping;

  /**
   * Loaders that begin at once.
   *
   * @param service where the next call goes; asked anew for each
   */
  Loaders(long seed, Calls calls, Supplier<String> service) {
    this.calls = calls;
    this.service = service;
    this.watching = new Random(seed);
    for (int seat = 0; seat < SEATS; seat++) {
      Seat taken = new Seat(new Random(watching.nextLong()));
      threads.schedule(taken, seat * STEP.toMillis() / SEATS, TimeUnit.MILLISECONDS);
    }
    threads.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class Seat implements Runnable {
    private final Random random;
    private @Nullable Loader loader;

    Seat(Random random) {
      this.random = random;
    }

    @Override
    public void run() {
      try {
        if (!stopping && step()) {
          threads.schedule(this, STEP.toMillis(), TimeUnit.MILLISECONDS);
          return;
        }
      } catch (RuntimeException | Error e) {
        errors.add(e);
      }
      playing.decrementAndGet();
    }

    /** Whether there is more to do. */
    private boolean step() {
      Loader present = loader;
      if (present == null || present.isOver()) {
        if (finishing) {
          return false;
        }
        present = new Loader(Script.draw(random), calls, service);
        all.add(present);
        loader = present;
      }
      present.step();
      return true;
    }
  }

  private void look() {
    List<Loader> opened = opened();
    if (!opened.isEmpty()) {
      opened.get(watching.nextInt(opened.size())).look();
    }
  }

  /** Those whose opening was acknowledged. */
  List<Loader> opened() {
    return all.stream().filter(Loader::isOpened).toList();
  }

  /** What was noted so far. */
  Stream<Attempt> attempts() {
    return all.stream().flatMap(loader -> loader.attempts().stream());
  }

  /** How many requests were answered so far that began after that time of the JVM's clock. */
  List<Attempt> answeredSince(long begun) {
    return attempts()
        .filter(attempt -> attempt.outcome() == Outcome.ANSWERED && attempt.begun() - begun > 0)
        .toList();
  }

  /** Lets every loader finish what it began, and waits for that. */
  void finish() {
    finishing = true;
    awaitEnd();
  }

  /** Lets every loader stop after the call that it is making, and waits for that. */
  void stop() {
    stopping = true;
    awaitEnd();
  }

  private void awaitEnd() {
    if (!Await.holdsWithin(FINISH, () -> playing.get() == 0)) {
      throw new AssertionError(
          "loaders do not come to an end: "
              + all.stream().filter(loader -> !loader.isOver()).toList());
    }
    if (!errors.isEmpty()) {
      throw new AssertionError("a loader failed", errors.get(0));
    }
  }

  /** All that is known of each batch, by that service. */
  List<Account> accounts(String url) {
    List<Account> accounts = new ArrayList<>();
    opened().forEach(loader -> accounts.add(loader.account(url)));
    return accounts;
  }

  @Override
  public void close() {
    stopping = true;
    threads.shutdownNow();
  }
}
