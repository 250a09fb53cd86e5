package io.fileaudit.it.crash;

import io.fileaudit.it.crash.Attempt.Outcome;
import io.fileaudit.it.kafka.KafkaTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loaders at work, about 300 events a second in all: each plays its script to the end, and another
 * one takes its seat. Whatever was noted can be read at any time.
 */
final class Loaders implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(700);

  /**
   * How many there are.
   *
   * @param seats how many load at a time
   * @param byKafka how many of them do so by way of Kafka
   * @param step the pause between two calls of one
   * @param finish how long the last of them may take to their end
   */
  record Crowd(int seats, int byKafka, Duration step, Script.Size size, Duration finish) {
    static final Crowd SHORT =
        new Crowd(10, 0, Duration.ofMillis(550), Script.Size.SHORT, Duration.ofSeconds(60));
    static final Crowd LONG =
        new Crowd(60, 15, Duration.ofMillis(3_300), Script.Size.LONG, Duration.ofMinutes(6));
  }

  private final Crowd crowd;
  private final Calls calls;
  private final Supplier<String> service;
  private final @Nullable KafkaTraffic traffic;
  private final Consumer<Loader> begins;
  private final List<Loader> all = new CopyOnWriteArrayList<>();

  /** In the order in which they ended. */
  private final ConcurrentLinkedDeque<Attempt> attempts = new ConcurrentLinkedDeque<>();

  private final List<Throwable> errors = new CopyOnWriteArrayList<>();
  private final AtomicInteger playing;
  private final Random watching;
  private final ScheduledExecutorService threads;
  private volatile boolean finishing;
  private volatile boolean stopping;

  /**
   * Loaders that begin at once.
   *
   * @param service where the next call goes; asked anew for each
   */
  Loaders(long seed, Calls calls, Supplier<String> service) {
    this(seed, Crowd.SHORT, calls, service, null, loader -> {});
  }

  /**
   * The same.
   *
   * @param traffic the broker for those that load by way of Kafka
   * @param begins is told of each loader before it begins
   */
  Loaders(
      long seed,
      Crowd crowd,
      Calls calls,
      Supplier<String> service,
      @Nullable KafkaTraffic traffic,
      Consumer<Loader> begins) {
    this.crowd = crowd;
    this.calls = calls;
    this.service = service;
    this.traffic = traffic;
    this.begins = begins;
    this.playing = new AtomicInteger(crowd.seats());
    this.threads = Executors.newScheduledThreadPool(crowd.seats() + 2);
    this.watching = new Random(seed);
    for (int seat = 0; seat < crowd.seats(); seat++) {
      Seat taken = new Seat(new Random(watching.nextLong()), seat < crowd.byKafka());
      long begin = seat * crowd.step().toMillis() / crowd.seats();
      threads.schedule(taken, begin, TimeUnit.MILLISECONDS);
    }
    threads.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class Seat implements Runnable {
    private final Random random;
    private final boolean byKafka;
    private @Nullable Loader loader;

    Seat(Random random, boolean byKafka) {
      this.random = random;
      this.byKafka = byKafka;
    }

    @Override
    public void run() {
      try {
        if (!stopping && step()) {
          threads.schedule(this, crowd.step().toMillis(), TimeUnit.MILLISECONDS);
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
        present = next();
        begins.accept(present);
        all.add(present);
        loader = present;
      }
      present.step();
      return true;
    }

    private Loader next() {
      KafkaTraffic broker = traffic;
      Script script = Script.draw(random, crowd.size(), byKafka && broker != null);
      return script.byKafka() && broker != null
          ? new KafkaLoader(script, calls, service, attempts::add, broker)
          : new Loader(script, calls, service, attempts::add);
    }
  }

  /** Opens so many batches that have one event each, which come at about one time. */
  void abandonTogether(Random random, int batches) {
    List<Loader> together = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      Loader loader = new Loader(Script.abandonedAtOnce(random), calls, service, attempts::add);
      all.add(loader);
      together.add(loader);
      Await.until("it is opened", () -> doStep(loader, loader.isOpened()));
    }
    together.parallelStream()
        .forEach(loader -> Await.until("it is abandoned", () -> doStep(loader, loader.isOver())));
  }

  private static boolean doStep(Loader loader, boolean done) {
    if (!done) {
      loader.step();
    }
    return done;
  }

  private void look() {
    try {
      List<Loader> opened = opened();
      if (!opened.isEmpty()) {
        opened.get(watching.nextInt(opened.size())).look();
      }
    } catch (RuntimeException | Error e) {
      errors.add(e);
    }
  }

  /** Those whose opening was acknowledged. */
  List<Loader> opened() {
    return all.stream().filter(Loader::isOpened).toList();
  }

  /** The requests that were answered so far and began after that time of the JVM's clock. */
  List<Attempt> answeredSince(long begun) {
    List<Attempt> answered = new ArrayList<>();
    Iterator<Attempt> last = attempts.descendingIterator();
    // The order of notes may differ a little from that of times.
    for (int before = 0; last.hasNext() && before < crowd.seats(); ) {
      Attempt attempt = last.next();
      if (attempt.ended() - begun <= 0) {
        before++;
      } else if (attempt.outcome() == Outcome.ANSWERED && attempt.begun() - begun > 0) {
        answered.add(attempt);
      }
    }
    return answered;
  }

  /** How many requests were answered that ended after that time. */
  long acknowledgedSince(long begun) {
    return endedSince(begun).stream()
        .filter(attempt -> attempt.outcome() == Outcome.ANSWERED)
        .count();
  }

  /** How many requests were under way after that time, answered or not. */
  long underWaySince(long begun) {
    return endedSince(begun).size() + all.stream().filter(Loader::isCalling).count();
  }

  private List<Attempt> endedSince(long begun) {
    List<Attempt> ended = new ArrayList<>();
    Iterator<Attempt> last = attempts.descendingIterator();
    for (int before = 0; last.hasNext() && before < crowd.seats(); ) {
      Attempt attempt = last.next();
      if (attempt.ended() - begun <= 0) {
        before++;
      } else {
        ended.add(attempt);
      }
    }
    return ended;
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
    if (!Await.holdsWithin(crowd.finish(), () -> playing.get() == 0)) {
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
