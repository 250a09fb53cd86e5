package io.fileaudit.core.record;

import io.fileaudit.core.ingest.RecordIngest;
import io.fileaudit.core.ingest.RecordIngest.Refused;
import io.fileaudit.core.ingest.RecordIngest.Sorted;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Takes records in while a node runs: each poll is committed, what was not accepted is written to
 * the dead letters, and only then is the poll acknowledged. While one poll is being committed the
 * next is read, and nothing beyond it is requested.
 *
 * <p>The log is asked every few seconds how far the group has come. Where records wait for this
 * node, it has none in hand, and none comes for long, the membership is given up and a new one is
 * begun; likewise when it ends by an error. Thread-safe.
 */
public final class Intake {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** How long a stop waits for the poll in hand. */
  public static final Duration LAST_COMMIT = Duration.ofSeconds(8);

  /**
   * How things stand, as the log itself said a few seconds ago.
   *
   * @param isReached whether the log could be reached
   * @param partitions how many partitions this node reads
   * @param lag how many records of all partitions nobody has acknowledged; as last known where the
   *     log cannot be reached
   * @param deadLetters how many records this node has not accepted since it runs
   */
  public record State(boolean isReached, int partitions, long lag, long deadLetters) {}

  /**
   * How records are taken in.
   *
   * @param deadLetterTopic where those go that are not accepted
   * @param stall how long none may come although some wait
   */
  public record Settings(String deadLetterTopic, Duration stall) {}

  private record InHand(Polled poll, Sorted sorted) {}

  private final RecordLog log;
  private final RecordIngest ingest;
  private final Settings settings;
  private final Scheduler scheduler;
  private final Consumer<Throwable> troubled;
  private final DeadLetters deadLetters;
  private final IntakeMeters meters;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final AtomicBoolean committing = new AtomicBoolean();
  private final AtomicLong lastMoved = new AtomicLong();
  private final Sinks.Empty<Void> idle = Sinks.empty();
  private final Sinks.Empty<Void> over = Sinks.empty();
  private volatile boolean reached;
  private volatile boolean asked;
  private volatile Standing standing = new Standing(0, 0, 0);

  /**
   * An intake that is not begun.
   *
   * @param scheduler whose clock times the looks and the stall
   * @param troubled is told each time that something has to be tried again, and once when the log
   *     can no longer be reached
   */
  public Intake(
      RecordLog log,
      RecordIngest ingest,
      Settings settings,
      Scheduler scheduler,
      MeterRegistry registry,
      Consumer<Throwable> troubled) {
    this.log = log;
    this.ingest = ingest;
    this.settings = settings;
    this.scheduler = scheduler;
    this.troubled = troubled;
    this.deadLetters = new DeadLetters(log, settings.deadLetterTopic());
    this.meters = new IntakeMeters(registry, this::state);
  }

  /** Begins; what is given ends it at once, in the middle of whatever is in hand. */
  public Disposable start() {
    return taking().mergeWith(looking()).doFinally(signal -> over.tryEmitEmpty()).subscribe();
  }

  /**
   * Takes nothing more, finishes and acknowledges the poll in hand, and leaves the group. Completes
   * when that is done, or after some seconds with the poll unacknowledged, which then comes again
   * to another node.
   */
  public Mono<Void> stop() {
    return Mono.defer(
            () -> {
              stopping.set(true);
              if (!committing.get()) {
                idle.tryEmitEmpty();
              }
              return over.asMono();
            })
        .timeout(
            LAST_COMMIT,
            Mono.defer(
                () -> {
                  idle.tryEmitEmpty();
                  return over.asMono();
                }),
            scheduler);
  }

  /** How things stand. */
  public State state() {
    Standing last = standing;
    return new State(reached, last.partitions(), last.behind(), (long) meters.deadLetters());
  }

  private Flux<Void> taking() {
    return Flux.defer(this::membership)
        .retryWhen(
            Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                .maxBackoff(LONGEST_PAUSE)
                .transientErrors(true)
                .scheduler(scheduler)
                .doBeforeRetry(
                    again -> {
                      meters.rejoined();
                      troubled.accept(again.failure());
                    }))
        .takeUntilOther(idle.asMono());
  }

  /** Until it fails or is stopped. */
  private Flux<Void> membership() {
    committing.set(false);
    moved();
    return log.receive().map(this::read).concatMap(this::commit, 1).mergeWith(stalled());
  }

  private InHand read(Polled poll) {
    moved();
    meters.received(poll.records().size());
    return new InHand(poll, ingest.sort(poll.records()));
  }

  private Mono<Void> commit(InHand inHand) {
    return Mono.defer(
        () -> {
          committing.set(true);
          if (stopping.get()) {
            return done();
          }
          return ingest
              .carryOut(inHand.sorted())
              .flatMap(this::bury)
              .then(
                  Mono.fromRunnable(
                      () -> {
                        inHand.poll().acknowledgement().run();
                        moved();
                      }))
              .then(Mono.defer(this::done));
        });
  }

  /** It stays as if committing where it stops, so that nothing more is begun. */
  private Mono<Void> done() {
    if (stopping.get()) {
      idle.tryEmitEmpty();
      return Mono.never();
    }
    committing.set(false);
    if (stopping.get()) {
      idle.tryEmitEmpty();
    }
    return Mono.empty();
  }

  private Mono<Void> bury(List<Refused> refused) {
    return deadLetters
        .send(refused)
        .retryWhen(
            Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                .maxBackoff(LONGEST_PAUSE)
                .scheduler(scheduler)
                .doBeforeRetry(again -> troubled.accept(again.failure())))
        .doOnSuccess(sent -> meters.dead(refused));
  }

  private void moved() {
    lastMoved.set(scheduler.now(TimeUnit.MILLISECONDS));
  }

  /** Fails when records wait, none is in hand and none has come for long. */
  private Flux<Void> stalled() {
    return Flux.interval(LOOK, scheduler)
        .onBackpressureDrop()
        .handle(
            (tick, sink) -> {
              long still = scheduler.now(TimeUnit.MILLISECONDS) - lastMoved.get();
              if (reached
                  && !committing.get()
                  && standing.behindHere() > 0
                  && still > settings.stall().toMillis()) {
                sink.error(new StalledException(standing.behindHere(), Duration.ofMillis(still)));
              }
            });
  }

  /** Asks the log until the intake is over. */
  private Flux<Void> looking() {
    return log.standing()
        .doOnNext(
            now -> {
              standing = now;
              reached = true;
            })
        .onErrorResume(
            error -> {
              if (reached || !asked) {
                troubled.accept(error);
              }
              reached = false;
              asked = true;
              return Mono.empty();
            })
        .then(Mono.delay(LOOK, scheduler))
        .then()
        .repeat()
        .takeUntilOther(idle.asMono());
  }
}
