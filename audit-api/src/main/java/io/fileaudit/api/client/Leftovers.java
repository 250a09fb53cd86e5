package io.fileaudit.api.client;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Delivers what earlier loaders, dead or ended, left in the spool: at once and from time to time. A
 * batch that was ended by a limit meanwhile, for it heard nothing, is resumed for that; what can
 * never be delivered is set aside, and said in the log.
 */
final class Leftovers {
  private static final Logger log = Loggers.getLogger(Leftovers.class);
  private static final int MOST_SAID = 100;

  private final DeliverySettings settings;
  private final Spool spool;
  private final AtomicReference<Mono<Void>> last = new AtomicReference<>(Mono.empty());

  /** What the log has been told, which would be the same every few seconds. */
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  Leftovers(DeliverySettings settings, Spool spool) {
    this.settings = settings;
    this.spool = spool;
  }

  /** Delivers now, and again after each pause, until it is disposed. */
  Disposable start(Duration pause) {
    return deliver(null)
        .onErrorResume(
            error -> {
              if (isOfWhoAsks(error)) {
                warnOnce("events of the spool wait: " + error.getMessage());
              } else {
                log.debug("the spool waits", error);
              }
              return Mono.empty();
            })
        .repeatWhen(ends -> ends.delayElements(pause, settings.control()))
        .subscribe();
  }

  /**
   * Delivers what is there, one batch after the other, and after an earlier call of this is over.
   * Lazy. Stops at the first error that may pass, which another key or address may mend as well.
   *
   * @param only the batch whose events are wanted; null for all
   */
  Mono<Void> deliver(@Nullable UUID only) {
    return Mono.defer(
        () -> {
          Sinks.Empty<Void> over = Sinks.empty();
          Mono<Void> before = last.getAndSet(over.asMono());
          return before
              .then(deliverAll(only))
              .doFinally(signal -> before.subscribe(null, null, over::tryEmitEmpty));
        });
  }

  private Mono<Void> deliverAll(@Nullable UUID only) {
    return blocking(spool::places)
        .flatMapMany(Flux::fromIterable)
        .concatMap(place -> deliver(place, only))
        .then();
  }

  private Mono<Void> deliver(Path place, @Nullable UUID only) {
    return Mono.usingWhen(
        blocking(() -> Optional.ofNullable(BatchSpool.hold(spool, place)))
            .onErrorResume(error -> passedBy(place, error).thenReturn(Optional.empty())),
        held ->
            held.map(
                    mine ->
                        blocking(mine::batch)
                            .onErrorResume(
                                error -> passedBy(place, error).then(Mono.<SpooledBatch>empty()))
                            .flatMap(batch -> deliver(mine, batch, only)))
                .orElse(Mono.empty()),
        held -> held.map(mine -> onDisk(mine::close)).orElse(Mono.empty()));
  }

  /**
   * Of a place that cannot be read, as that of another user, it is not known whose events it has.
   */
  private Mono<Void> passedBy(Path place, Throwable error) {
    return Mono.fromRunnable(
        () -> warnOnce("the spool's " + place + " cannot be read and is passed by: " + error));
  }

  private void warnOnce(String what) {
    if (said.size() >= MOST_SAID) {
      said.clear();
    }
    if (said.add(what)) {
      log.warn(what);
    }
  }

  private Mono<Void> deliver(BatchSpool place, SpooledBatch batch, @Nullable UUID only) {
    boolean wanted = only == null || only.equals(batch.batch());
    if (!wanted || !Objects.equals(batch.namespace(), settings.namespace())) {
      return Mono.empty();
    }
    return taking(place, batch)
        .flatMap(run -> send(place, batch, run).thenReturn(run))
        .flatMap(run -> end(place, batch, run))
        .then(onDisk(place::delete))
        .onErrorResume(
            error ->
                !TransientErrors.include(error)
                    && !isOfWhoAsks(error)
                    && !(error instanceof UncheckedIOException),
            error -> setAside(place, batch, error));
  }

  /** What is wrong with the key or the address, and says nothing of the events. */
  private static boolean isOfWhoAsks(Throwable error) {
    return error instanceof UnexpectedAnswerException
        || error instanceof AuditException refused
            && (refused.type() == ProblemType.UNAUTHENTICATED
                || refused.type() == ProblemType.FORBIDDEN);
  }

  /** Goes on behind what an earlier loader, or an earlier client that was closed, brought up. */
  private Mono<Void> send(BatchSpool place, SpooledBatch batch, int run) {
    return settings
        .calls()
        .position(batch.batch(), batch.producer())
        .flatMap(there -> DiskSending.of(settings, batch, run, there, place, this::heard));
  }

  /** The run that takes the events: theirs, or the next where a limit has ended it meanwhile. */
  private Mono<Integer> taking(BatchSpool place, SpooledBatch batch) {
    AuditCalls calls = settings.calls();
    // Opening what is there finds it, and needs no right to look.
    BatchSpec spec = batch.run() == 0 ? batch.spec() : batch.spec().withResume(false);
    return calls
        .open(batch.batch(), spec)
        .flatMap(
            snapshot -> {
              boolean own = batch.run() == 0 || snapshot.run() == batch.run();
              if (!own) {
                return Mono.just(batch.run()); // The service says what is wrong with that.
              }
              return snapshot.status() == BatchStatus.TIMED_OUT
                  ? resumed(place, batch, snapshot.run())
                  : Mono.just(snapshot.run());
            });
  }

  private Mono<Integer> resumed(BatchSpool place, SpooledBatch batch, int run) {
    return settings
        .calls()
        .status(
            batch.batch(),
            run,
            BatchStatus.RUNNING,
            "events that waited on a loader's disk are delivered")
        .flatMap(
            snapshot ->
                onDisk(() -> place.write(batch.withRun(snapshot.run())))
                    .thenReturn(snapshot.run()));
  }

  private Mono<Integer> end(BatchSpool place, SpooledBatch batch, int run) {
    return blocking(() -> Optional.ofNullable(place.ending()))
        .flatMap(
            wanted ->
                wanted
                    .map(ending -> end(batch, run, ending).thenReturn(run))
                    .orElse(Mono.just(run)));
  }

  private Mono<Snapshot> end(SpooledBatch batch, int run, StatusRequest ending) {
    BatchStatus status = BatchStatus.valueOf(ending.status());
    return settings.calls().status(batch.batch(), run, status, ending.message());
  }

  private void heard(List<Line> lines, Ack ack) {
    settings.meters().acknowledged(lines.size() - ack.refusals().size());
    for (Refusal refusal : ack.refusals()) {
      settings.meters().refused();
      log.warn("an event of the spool was refused: {} {}", refusal.type(), refusal.detail());
    }
  }

  private Mono<Void> setAside(BatchSpool place, SpooledBatch batch, Throwable error) {
    return blocking(place::setAside)
        .doOnNext(
            aside ->
                log.warn(
                    "events of batch {} cannot be delivered and are kept in {}: {}",
                    batch.batch(),
                    aside,
                    error.getMessage()))
        .then();
  }

  private <T> Mono<T> blocking(Callable<T> work) {
    return Mono.fromCallable(work)
        .onErrorMap(IOException.class, UncheckedIOException::new)
        .subscribeOn(settings.disk());
  }

  private interface DiskTask {
    void run() throws IOException;
  }

  private Mono<Void> onDisk(DiskTask task) {
    return blocking(
            () -> {
              task.run();
              return true;
            })
        .then();
  }
}
