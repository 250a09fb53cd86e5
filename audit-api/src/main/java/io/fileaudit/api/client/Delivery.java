package io.fileaudit.api.client;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.LimitView;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Brings the events of one batch to the service, however often that takes, and ends the batch.
 * Callers come on any thread; what is decided is decided on the thread of {@link
 * DeliverySettings#control()}, one thing at a time.
 */
final class Delivery implements Transfer.Hearer {
  /**
   * How long a batch with a place on the disk waits for the service before its ending goes there.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long LONGEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORTEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long SOON_MILLIS = 20;
  private static final int HEARTBEATS_OF_A_LIMIT = 3;

  private final DeliverySettings settings;
  private final UUID batch;
  private final BatchSpec spec;
  private final String producer;
  private final Scheduler.Worker control;
  private final Window window;
  private final Attempts attempts = new Attempts();
  private final Tally tally;
  private final @Nullable Overflow overflow;
  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
  private final Disposable.Swap attempt = Disposables.swap();
  private final Disposable.Swap heartbeat = Disposables.swap();
  private final Queue<Flush> flushes = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean movePlanned = new AtomicBoolean();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicInteger calling = new AtomicInteger();
  private final Sinks.One<Boolean> settled = Sinks.one();
  private final Sinks.One<DeliveryReport> reported = Sinks.one();

  private volatile int run;
  private volatile @Nullable Duration idle;
  private volatile boolean touched;
  private volatile long heardAt;
  private volatile long addedAt;
  private volatile @Nullable Transfer live;
  private volatile int failures;
  private volatile @Nullable RuntimeException failure;

  // Used on the control thread alone.
  private boolean outage;
  private long outageSince;
  private boolean attempting;
  private boolean beating;
  private boolean closed;

  Delivery(DeliverySettings settings, UUID batch, BatchSpec spec, String producer) {
    this.settings = settings;
    this.batch = batch;
    this.spec = spec;
    this.producer = producer;
    this.control = settings.control().createWorker();
    this.window = new Window(settings.window());
    this.tally = new Tally(settings.meters());
    Spool spool = settings.spool();
    this.overflow =
        spool == null ? null : new Overflow(settings, spool, this::spooled, window, kept());
    window.onMore(this::more);
  }

  UUID batch() {
    return batch;
  }

  /** The run; 0 while the service was not reached. */
  int run() {
    return run;
  }

  private SpooledBatch spooled() {
    return new SpooledBatch(batch, producer, settings.namespace(), run, spec);
  }

  // ---- opening

  /**
   * Opens the batch, again and again for as long as the client may wait. With a place on the disk
   * one attempt is enough: the batch is opened when the service is back.
   */
  Mono<Delivery> open() {
    Mono<Snapshot> call = settings.calls().open(batch, spec);
    Mono<Delivery> opened =
        overflow == null
            ? call.retryWhen(Retrying.until(settings)).flatMap(this::opened)
            : call.flatMap(this::opened)
                .onErrorResume(TransientErrors::include, error -> onControl(() -> outage(error)));
    return opened.doOnError(error -> control.dispose()).doOnCancel(control::dispose);
  }

  private Mono<Delivery> opened(Snapshot snapshot) {
    return attemptsOf(snapshot)
        .then(
            onControl(
                () -> {
                  holds(snapshot.limits());
                  run = snapshot.run();
                  heardAt = now();
                  look();
                }));
  }

  /** Where the run has begun without this client, its failed attempts are over. */
  private Mono<Void> attemptsOf(Snapshot snapshot) {
    return snapshot.startedAt() == null || snapshot.totals().files().failed() == 0
        ? Mono.empty()
        : settings
            .calls()
            .allFiles(batch, FileFilter.in(FileState.FAILED))
            .doOnNext(
                file -> {
                  Integer attempt = file.attempt();
                  if (attempt != null && Objects.equals(file.run(), snapshot.run())) {
                    attempts.ended(file.file(), attempt);
                  }
                })
            .then()
            // A key that may send but not look: attempts are counted from those of this client.
            .onErrorResume(Delivery::isForbidden, error -> Mono.empty());
  }

  private static boolean isForbidden(Throwable error) {
    return error instanceof AuditException refused && refused.type() == ProblemType.FORBIDDEN;
  }

  private void holds(Map<String, LimitView> limits) {
    LimitView limit = limits.get(LimitName.IDLE.wireName());
    idle = limit == null ? null : limit.after();
  }

  private Mono<Delivery> onControl(Runnable task) {
    return Mono.fromRunnable(task).subscribeOn(settings.control()).thenReturn(this);
  }

  // ---- what callers do

  /** Adds an event, and waits for room where there is none. */
  void put(FileEvent event) {
    touched = true;
    calling.incrementAndGet();
    try {
      window.put(line(event, null));
    } finally {
      calling.decrementAndGet();
    }
  }

  /** Adds an event of a stream that bounds itself. */
  void push(FileEvent event, EventStream origin) {
    window.push(line(event, origin));
  }

  private LongFunction<Line> line(FileEvent event, @Nullable EventStream origin) {
    addedAt = now();
    Instant at =
        event.at() == null
            ? settings.wallClock().instant().truncatedTo(ChronoUnit.MILLIS)
            : event.at();
    int attempt = attempts.of(event);
    return position ->
        Line.of(
            new FileEvent(
                event.type(),
                event.file(),
                at,
                attempt,
                event.rows(),
                event.rejectedRows(),
                event.bytes(),
                event.checksum(),
                position,
                event.id(),
                event.error(),
                event.attributes()),
            position,
            origin);
  }

  /** The loader lives. */
  void alive() {
    RuntimeException known = failure;
    if (known != null) {
      throw known;
    }
    touched = true;
  }

  void begins(EventStream stream) {
    streams.add(stream);
    RuntimeException known = failure;
    if (known != null) {
      stream.fail(known);
    }
  }

  void left(EventStream stream) {
    streams.remove(stream);
  }

  // ---- moving lines

  private void more() {
    Transfer current = live;
    if (current != null) {
      current.more();
    }
    if (overflow != null) {
      overflow.more();
    }
    if (current == null && movePlanned.compareAndSet(false, true)) {
      plan(this::move);
    }
  }

  private void plan(Runnable task) {
    try {
      control.schedule(task);
    } catch (RejectedExecutionException e) {
      // Over: nothing is left to decide.
    }
  }

  /** Begins what is to be done next, where nothing is under way. */
  private void move() {
    movePlanned.set(false);
    if (closed || attempting || outage) {
      return;
    }
    if (run == 0 || (overflow != null && overflow.isHolding())) {
      attempt();
    } else if (live == null && !window.isEmpty() && (overflow == null || !overflow.isBusy())) {
      Transfer next = new Transfer(window, this);
      live = next;
      next.begin(
          settings.calls(), batch, run, producer, settings.control(), settings.answerAfter());
    }
    checkSettled();
  }

  /** Opens what is not open, and sends what is on the disk. */
  private void attempt() {
    attempting = true;
    Mono<?> opened =
        run > 0 ? Mono.just(this) : settings.calls().open(batch, spec).flatMap(this::opened);
    Mono<Void> sent =
        overflow == null
            ? Mono.empty()
            : Mono.defer(() -> overflow.send(run, (lines, ack) -> fromDisk(lines, ack)));
    attempt.update(
        opened
            .then(sent)
            .subscribe(
                nothing -> {}, error -> plan(() -> missed(error)), () -> plan(this::reached)));
  }

  private void reached() {
    attempting = false;
    isBack();
    move();
  }

  private void missed(Throwable error) {
    attempting = false;
    trouble(error);
  }

  private void fromDisk(List<Line> lines, Ack ack) {
    tally.spooled(-lines.size());
    count(lines, ack);
    if (overflow != null && overflow.isActive()) {
      plan(this::isBack);
    }
  }

  @Override
  public void answered(List<Line> lines, Ack ack) {
    count(lines, ack);
    tell(lines, ack);
    checkFlushes();
    if (ending.get() || failures > 0) {
      plan(
          () -> {
            isBack();
            checkSettled();
          });
    }
  }

  private void count(List<Line> lines, Ack ack) {
    heardAt = now();
    Map<Long, Line> byPosition = new HashMap<>();
    if (!ack.refusals().isEmpty()) {
      lines.forEach(line -> byPosition.put(line.position(), line));
    }
    for (Refusal refusal : ack.refusals()) {
      Line line = byPosition.get(refusal.line());
      if (line != null) {
        tally.refused(
            new RefusedEvent(
                line.position(), line.type(), line.file(), refusal.type(), refusal.detail()));
      }
    }
    tally.acknowledged(lines.size() - ack.refusals().size());
  }

  private static void tell(List<Line> lines, @Nullable Ack ack) {
    Map<EventStream, Long> counts = new HashMap<>();
    for (Line line : lines) {
      if (line.origin() != null) {
        counts.merge(line.origin(), 1L, Long::sum);
      }
    }
    counts.forEach((stream, count) -> stream.settled(count, ack));
  }

  @Override
  public void over(Transfer transfer, @Nullable Throwable error) {
    plan(
        () -> {
          if (live == transfer) {
            live = null;
          }
          if (error == null) {
            isBack();
            move();
          } else {
            trouble(error);
          }
        });
  }

  // ---- when the service is away

  private void trouble(Throwable error) {
    if (closed || failure != null) {
      return;
    }
    if (TransientErrors.include(error)) {
      outage(error);
    } else {
      fail(runtime(error));
    }
  }

  private void outage(Throwable error) {
    settings.meters().retried();
    if (failures == 0) {
      outageSince = now();
    }
    failures = failures + 1;
    outage = true;
    Duration left = settings.giveUpAfter().minusNanos(now() - outageSince);
    if (overflow != null && (failures == 1 || overflow.isActive())) {
      overflow.begin();
    } else if (left.isNegative() || left.isZero()) {
      fail(
          new UndeliveredException(
              "the service could not be reached for "
                  + settings.giveUpAfter()
                  + ": "
                  + error.getMessage(),
              error));
      return;
    }
    Duration pause = Retrying.pause(failures, error, settings.random());
    boolean bounded = (overflow == null || !overflow.isActive()) && pause.compareTo(left) > 0;
    control.schedule(this::again, (bounded ? left : pause).toMillis() + 1, TimeUnit.MILLISECONDS);
  }

  private void again() {
    if (overflow != null && overflow.isBusy() && !overflow.isHolding() && !window.isEmpty()) {
      control.schedule(this::again, SOON_MILLIS, TimeUnit.MILLISECONDS); // It is being written.
      return;
    }
    outage = false;
    move();
    if (live == null && !attempting) {
      isBack(); // Nothing is left to try it with.
    }
  }

  /** The service has answered. */
  private void isBack() {
    failures = 0;
    if (overflow != null) {
      overflow.stop();
    }
  }

  private Overflow.Hearer kept() {
    return new Overflow.Hearer() {
      @Override
      public void kept(List<Line> lines) {
        tally.spooled(lines.size());
        settings.meters().spooled(lines.size());
        tell(lines, null);
        checkFlushes();
      }

      @Override
      public void full(String why) {
        plan(() -> outageSince = now()); // From here on callers wait.
      }

      @Override
      public void failed(RuntimeException why) {
        plan(() -> fail(why));
      }

      @Override
      public void idle() {
        plan(Delivery.this::move);
      }
    };
  }

  private static RuntimeException runtime(Throwable error) {
    return error instanceof RuntimeException known ? known : new IllegalStateException(error);
  }

  /** Nothing more is sent: callers, streams and who waits for the ending are told why. */
  private void fail(RuntimeException error) {
    if (closed || failure != null) {
      return;
    }
    failure = error;
    stopMoving();
    window.fail(error);
    Set.copyOf(streams).forEach(stream -> stream.fail(error));
    settings.meters().undelivered(window.end() - window.first());
    checkFlushes();
    settled.tryEmitError(error);
  }

  private void stopMoving() {
    Transfer current = live;
    live = null;
    if (current != null) {
      current.cancel();
    }
    attempt.dispose();
    heartbeat.dispose();
  }

  // ---- heartbeats

  /** Looks at the clock now and from time to time. */
  private void look() {
    if (closed || failure != null) {
      return;
    }
    long now = now();
    endQuietRequest(now);
    checkSettled();
    Duration limit = idle;
    long interval = limit == null ? Long.MAX_VALUE : limit.toNanos() / HEARTBEATS_OF_A_LIMIT;
    boolean alive = touched || calling.get() > 0 || !streams.isEmpty();
    if (run > 0 && !beating && !outage && alive && now - heardAt >= interval) {
      beat();
    }
    long next = Math.max(SHORTEST_LOOK_NANOS, Math.min(LONGEST_LOOK_NANOS, interval / 2));
    control.schedule(this::look, next, TimeUnit.NANOSECONDS);
  }

  private void beat() {
    touched = false;
    beating = true;
    heartbeat.update(
        settings
            .calls()
            .heartbeat(batch, run)
            .subscribe(
                answer -> {
                  holds(answer.limits());
                  settings.meters().heartbeat();
                  plan(() -> beaten(null));
                },
                error -> plan(() -> beaten(error))));
  }

  private void beaten(@Nullable Throwable error) {
    beating = false;
    heardAt = now(); // Also where it failed: events find out, and the next heartbeat comes in time.
    if (error != null && !TransientErrors.include(error)) {
      fail(runtime(error));
    }
  }

  private void endQuietRequest(long now) {
    Transfer current = live;
    if (current != null && window.isEmpty() && now - addedAt > QUIET_NANOS) {
      current.finish();
    }
  }

  // ---- ending

  /**
   * Waits until what was added so far is acknowledged or on the disk. Errors: why delivering
   * stopped.
   */
  Mono<Void> flush() {
    return Mono.create(
        sink -> {
          flushes.add(new Flush(window.end(), sink));
          checkFlushes();
        });
  }

  /** Somebody waits until the lines below a number are settled. */
  private record Flush(long below, MonoSink<Void> sink) {}

  private void checkFlushes() {
    RuntimeException known = failure;
    for (Flush flush : flushes) {
      if (flush.below() <= window.first()) {
        flushes.remove(flush);
        flush.sink().success();
      } else if (known != null) {
        flushes.remove(flush);
        flush.sink().error(known);
      }
    }
  }

  /**
   * Takes nothing more, delivers what is there, and ends the run so. Never fails: the report says
   * why where that was not to be. Asking again gives the same report.
   *
   * @param within how long to wait; null for as long as the client may
   */
  Mono<DeliveryReport> end(
      BatchStatus status, @Nullable String message, @Nullable Duration within) {
    return Mono.defer(
        () -> {
          if (ending.compareAndSet(false, true)) {
            window.fail(new IllegalStateException("batch " + batch + " is being ended"));
            plan(this::checkSettled);
            StatusRequest wanted = new StatusRequest(status.name(), message);
            Mono<DeliveryReport> ended = settled.asMono().flatMap(sent -> ended(sent, wanted));
            (within == null
                    ? ended
                    : ended.timeout(within, givenUp(wanted, within), settings.control()))
                .onErrorResume(error -> Mono.just(report(null, false, runtime(error))))
                .doFinally(signal -> plan(this::close))
                .subscribe(reported::tryEmitValue, reported::tryEmitError);
          }
          return reported.asMono();
        });
  }

  private Mono<DeliveryReport> ended(boolean sent, StatusRequest wanted) {
    if (!sent) {
      return leftOnDisk(wanted);
    }
    Mono<Snapshot> call =
        settings.calls().status(batch, run, BatchStatus.valueOf(wanted.status()), wanted.message());
    Mono<DeliveryReport> ended =
        call.retryWhen(Retrying.until(settings, overflow == null ? null : patience()))
            .map(snapshot -> report(snapshot, false, null));
    return overflow == null
        ? ended
        : ended.onErrorResume(TransientErrors::include, error -> leftOnDisk(wanted));
  }

  private Mono<DeliveryReport> leftOnDisk(StatusRequest wanted) {
    return overflow == null
        ? Mono.error(new IllegalStateException("there is no disk to keep events on"))
        : overflow.leave(wanted).then(Mono.fromSupplier(() -> report(null, true, null)));
  }

  private Mono<DeliveryReport> givenUp(StatusRequest wanted, Duration within) {
    RuntimeException late =
        new UndeliveredException("not everything was delivered within " + within, null);
    if (overflow == null) {
      return Mono.fromSupplier(() -> report(null, false, late));
    }
    return onControl(
            () -> {
              stopMoving();
              overflow.begin();
            })
        .then(flush().timeout(patience(), settings.control())) // A disk may be full.
        .then(leftOnDisk(wanted));
  }

  /** Says, once, whether all was delivered: by the service, or, where that is away, by the disk. */
  private void checkSettled() {
    if (!ending.get() || !window.isEmpty()) {
      return;
    }
    boolean onDisk = overflow != null && overflow.isHolding();
    if (run > 0 && !onDisk) {
      settled.tryEmitValue(true);
    } else if (overflow != null && failures > 0 && now() - outageSince >= patience().toNanos()) {
      settled.tryEmitValue(false);
    }
  }

  private Duration patience() {
    Duration bound = settings.giveUpAfter();
    return bound.compareTo(PATIENCE) < 0 ? bound : PATIENCE;
  }

  /** What became of everything so far. */
  DeliveryReport report() {
    return report(null, false, failure);
  }

  private DeliveryReport report(
      @Nullable Snapshot ended, boolean endingSpooled, @Nullable RuntimeException why) {
    Tally.Counts counts = tally.counts();
    List<UndeliveredEvent> named =
        window.oldest(Tally.NAMED).stream()
            .map(line -> new UndeliveredEvent(line.position(), line.type(), line.file()))
            .toList();
    return new DeliveryReport(
        batch,
        run,
        counts.acknowledged(),
        counts.refused(),
        counts.refusals(),
        counts.spooled(),
        window.waiting(),
        named,
        ended,
        endingSpooled,
        why);
  }

  /** Runs when the batch needs nothing more of this. */
  void onClosed(Runnable told) {
    reported.asMono().subscribe(report -> told.run(), error -> told.run());
  }

  private void close() {
    closed = true;
    stopMoving();
    if (overflow != null) {
      overflow.leave(null).onErrorComplete().subscribe();
    }
    control.dispose();
  }

  private long now() {
    return settings.control().now(TimeUnit.NANOSECONDS);
  }
}
