package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.life.Runs;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunEventReader;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Takes the events of OpenLineage, one at a time or many, as a server of that interface does: it
 * answers when they are durable.
 *
 * @see <a href="https://openlineage.io/apidocs/openapi">OpenLineage's API</a>
 */
public final class LineageCalls {
  /** What a body may have unpacked: plans of queries travel in facets and are large. */
  static final int MOST_BYTES = 8 * 1024 * 1024;

  /** How many events one request may have. */
  static final int MOST_EVENTS = 1_000;

  /** How large a body is read on the network's own thread. */
  private static final int SMALL = 64 * 1024;

  private static final int AT_A_TIME = 4;

  private final Runs runs;
  private final Scheduler scheduler;

  /**
   * Calls that hand reports to those runs.
   *
   * @param scheduler where large bodies are read
   */
  public LineageCalls(Runs runs, Scheduler scheduler) {
    this.runs = runs;
    this.scheduler = scheduler;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.load(HttpMethod.POST, "/api/v1/lineage", this::one),
        Route.load(HttpMethod.POST, "/api/v1/lineage/batch", this::many));
  }

  private Mono<ServerResponse> one(Call call) {
    Parameters.none(call);
    return body(call)
        .flatMap(json -> read(json, () -> RunEventReader.read(json)))
        .flatMap(event -> take(call, event))
        .then(Mono.defer(() -> ServerResponse.status(HttpStatus.CREATED).build()));
  }

  /** What is not about a run says nothing of files and is passed over. */
  private Mono<Boolean> take(Call call, Optional<RunEvent> event) {
    return event.isEmpty()
        ? Mono.just(true)
        : runs.report(call.namespace(), event.get(), call.principal().name()).thenReturn(true);
  }

  private Mono<byte[]> body(Call call) {
    Media.sent(call, Media.JSON);
    return Body.whole(Unpacking.of(call), MOST_BYTES);
  }

  private <T> Mono<T> read(byte[] json, Callable<T> reading) {
    Mono<T> read = Mono.fromCallable(reading);
    return json.length > SMALL ? read.subscribeOn(scheduler) : read;
  }

  /**
   * What became of an event that was not taken.
   *
   * @param index its place, from 0
   * @param reason why
   * @param retriable whether the same event may be taken later
   */
  record FailedEvent(long index, String reason, boolean retriable) {}

  /**
   * How many events there were.
   *
   * @param received in all
   * @param successful that were taken
   * @param failed that were not
   * @param retriable of those, how many may be taken later
   * @param nonRetriable of those, how many never
   */
  record Summary(long received, long successful, long failed, long retriable, long nonRetriable) {}

  /**
   * The answer where not all events were taken.
   *
   * @param status {@code partial_success}, or {@code failure} where none was
   * @param summary how many
   * @param failedEvents which, in their order
   */
  record Outcome(String status, Summary summary, List<FailedEvent> failedEvents) {}

  private Mono<ServerResponse> many(Call call) {
    Parameters.none(call);
    return body(call)
        .flatMap(json -> read(json, () -> RunEventReader.readAll(json)))
        .flatMap(
            all -> {
              if (all.size() > MOST_EVENTS) {
                throw new AuditException(
                    ProblemType.TOO_LARGE,
                    "the body has " + all.size() + " events, expected at most " + MOST_EVENTS);
              }
              return failures(call, all)
                  .collectList()
                  .flatMap(failed -> answer(all.size(), failed));
            });
  }

  private Flux<FailedEvent> failures(Call call, List<?> all) {
    return Flux.range(0, all.size())
        .flatMapSequential(
            index ->
                takeOne(call, all.get(index))
                    .then(Mono.<FailedEvent>empty())
                    .onErrorResume(
                        AuditException.class,
                        error -> Mono.just(new FailedEvent(index, error.detail(), mayPass(error)))),
            AT_A_TIME);
  }

  private Mono<Boolean> takeOne(Call call, @Nullable Object value) {
    return Mono.fromCallable(() -> RunEventReader.event(value)).flatMap(event -> take(call, event));
  }

  private static boolean mayPass(AuditException error) {
    return error.type() == ProblemType.UNAVAILABLE;
  }

  private static Mono<ServerResponse> answer(long received, List<FailedEvent> failed) {
    if (failed.isEmpty()) {
      return ServerResponse.noContent().build();
    }
    long retriable = failed.stream().filter(FailedEvent::retriable).count();
    long taken = received - failed.size();
    return Answers.json(
        new Outcome(
            taken > 0 ? "partial_success" : "failure",
            new Summary(received, taken, failed.size(), retriable, failed.size() - retriable),
            failed));
  }
}
