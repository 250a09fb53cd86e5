package io.fileaudit.api.client;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.batch.BatchIds;
import io.fileaudit.api.batch.BatchSpec;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.function.Tuple2;

/**
 * The client that loaders hold: opens batches, brings their events to the service however often
 * that takes, and ends them. Thread-safe; one for a process is enough. Every publisher is lazy.
 *
 * <p>No event is lost silently. What the service takes is acknowledged after its commit; what it
 * refuses comes back by name; what it never answers is in the {@link DeliveryReport}. Calls that
 * fail in a way that may pass (no answer, 408, 429, 5xx) are made again after a growing, jittered
 * pause, never sooner than {@code Retry-After} says; events keep their positions, so none counts
 * twice. While the service is away, events go to the spool where the builder was given one ({@link
 * AuditClientBuilder#spool}); else callers wait, at most as long as {@link
 * AuditClientBuilder#giveUpAfter} says, and then fail.
 *
 * <p>With {@code AUDIT_DISABLED=true} in the environment it does nothing at all, successfully.
 */
@CheckReturnValue
public final class AuditClient implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final Duration SPOOL_PAUSE = Duration.ofSeconds(5);

  private final AuditCalls calls;
  private final @Nullable DeliverySettings settings;
  private final @Nullable Leftovers leftovers;
  private final @Nullable Disposable leftoversRunning;
  private final BatchIds ids;
  private final Set<AuditBatch> open = ConcurrentHashMap.newKeySet();

  /** A client; without settings where it is disabled. */
  AuditClient(AuditCalls calls, @Nullable DeliverySettings settings) {
    this.calls = calls;
    this.settings = settings;
    SecureRandom random = new SecureRandom();
    this.ids = new BatchIds(Clock.systemUTC(), random::nextLong);
    Spool spool = settings == null ? null : settings.spool();
    leftovers = settings == null || spool == null ? null : new Leftovers(settings, spool);
    leftoversRunning = leftovers == null ? null : leftovers.start(SPOOL_PAUSE);
  }

  /** Starts a client of the service at {@code http://127.0.0.1:8080}. */
  public static AuditClientBuilder builder() {
    return new AuditClientBuilder();
  }

  /**
   * Starts a client as the environment says: {@code AUDIT_URL}, {@code AUDIT_KEY}, {@code
   * AUDIT_NAMESPACE}, {@code AUDIT_SPOOL}.
   *
   * @throws IllegalArgumentException where one of them cannot be used
   */
  public static AuditClientBuilder fromEnvironment() {
    return new AuditClientBuilder().environment(System.getenv());
  }

  /**
   * Opens a batch under a new id. Errors: {@link io.fileaudit.api.problem.AuditException}, as in
   * {@code invalid-request} or {@code forbidden}; {@link UnreachableException} where the service
   * was away for longer than the client may wait. With a spool that is no error: the batch is
   * opened when the service is back.
   */
  public Mono<AuditBatch> open(BatchSpec spec) {
    return Mono.defer(() -> open(ids.get(), spec, false));
  }

  /**
   * Opens a batch under an id of the caller's, finds it open, or resumes it where the specification
   * asks for that. What waits in the spool for this batch is delivered before. Errors as {@link
   * #open(BatchSpec)}, and {@code batch-conflict} where the id was opened differently.
   */
  public Mono<AuditBatch> open(UUID id, BatchSpec spec) {
    return Mono.defer(() -> open(id, spec, true));
  }

  private Mono<AuditBatch> open(UUID id, BatchSpec spec, boolean isKnown) {
    DeliverySettings known = settings;
    if (known == null) {
      return Mono.just(new AuditBatch(id, null));
    }
    if (known.control().isDisposed()) {
      return Mono.error(new IllegalStateException("the client is closed"));
    }
    Mono<Void> earlier =
        isKnown && leftovers != null
            ? leftovers.deliver(id).onErrorResume(TransientErrors::include, error -> Mono.empty())
            : Mono.empty();
    Delivery delivery = new Delivery(known, id, spec, "loader-" + ids.get());
    return earlier
        .then(delivery.open())
        .map(
            opened -> {
              AuditBatch batch = new AuditBatch(id, opened);
              open.add(batch);
              opened.onClosed(() -> open.remove(batch));
              return batch;
            });
  }

  /**
   * Opens a batch, subscribes to what the body makes of it, and ends the batch: COMPLETED where
   * that completes, FAILED with the error's text where it fails, CANCELLED where this is cancelled.
   * Errors as {@link AuditBatch#complete()}, and the body's own, after the batch has ended.
   */
  public Mono<DeliveryReport> run(
      Consumer<BatchSpec.Builder> spec, Function<AuditBatch, ? extends Publisher<?>> body) {
    return Mono.defer(
        () -> {
          BatchSpec.Builder builder = BatchSpec.builder();
          spec.accept(builder);
          return open(builder.build())
              .flatMap(
                  batch ->
                      Mono.defer(() -> Flux.from(body.apply(batch)).then())
                          .onErrorResume(error -> failed(batch, error))
                          .doOnCancel(() -> batch.close(CLOSING).subscribe())
                          .then(Mono.defer(batch::complete)));
        });
  }

  private static Mono<Void> failed(AuditBatch batch, Throwable error) {
    return batch
        .fail(error.toString())
        .onErrorResume(
            second -> {
              if (second != error) {
                error.addSuppressed(second);
              }
              return Mono.empty();
            })
        .then(Mono.error(error));
  }

  /** This client in imperative form. */
  public BlockingAuditClient blocking() {
    return new BlockingAuditClient(this);
  }

  /** The single calls of the service, each made once: for looking at batches. */
  public AuditCalls calls() {
    return calls;
  }

  /**
   * Ends every batch that is still open as {@link AuditBatch#close(Duration)} does, and the client.
   * What earlier clients left in the spool is delivered first, as far as that goes within the time
   * and while the service answers. Never fails; gives what became of the events of the open ones.
   */
  public Mono<List<DeliveryReport>> close(Duration within) {
    return Flux.fromIterable(Set.copyOf(open))
        .flatMap(batch -> batch.close(within))
        .collectList()
        .elapsed()
        .delayUntil(closed -> deliverLeftovers(within.minusMillis(closed.getT1())))
        .map(Tuple2::getT2)
        .doFinally(signal -> dispose());
  }

  /** A loader that lives for seconds alone must not leave the spool as it was, night for night. */
  private Mono<Void> deliverLeftovers(Duration within) {
    return leftovers == null || within.isNegative()
        ? Mono.empty()
        : leftovers.deliver(null).timeout(within, Mono.empty()).onErrorComplete();
  }

  /**
   * Closes the client, and waits for that at most 10 seconds; on a thread that must not wait it
   * goes on by itself.
   */
  @Override
  public void close() {
    Mono<List<DeliveryReport>> closing = close(CLOSING);
    if (Schedulers.isInNonBlockingThread()) {
      closing.subscribe();
    } else {
      List<DeliveryReport> unused = Waits.on(closing);
    }
  }

  private void dispose() {
    if (leftoversRunning != null) {
      leftoversRunning.dispose();
    }
    if (settings != null) {
      settings.control().dispose();
      // What was begun on the disk is finished: a place that is held is given back.
      settings.disk().disposeGracefully().onErrorComplete().subscribe();
    }
    calls.close();
  }
}
