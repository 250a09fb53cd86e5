package io.fileaudit.server.retention;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Route;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers 410 for a batch that was taken away, where it would be 404. */
public final class PurgedBatches {
  private static final String BATCH = "/api/v1/batches/{id}";

  private final RetentionStore store;

  /** Batches that were taken away from that store. */
  public PurgedBatches(RetentionStore store) {
    this.store = store;
  }

  /** The route with such answers, where it is about a batch. */
  public Route around(Route route) {
    // Opening asks the store, which opens none under such an id.
    boolean opens = route.method().equals(HttpMethod.PUT) && route.pattern().equals(BATCH);
    if (opens || !route.pattern().startsWith(BATCH)) {
      return route;
    }
    return new Route(route.method(), route.pattern(), route.scopes(), call -> handle(route, call));
  }

  private Mono<ServerResponse> handle(Route route, Call call) {
    return route
        .handler()
        .handle(call)
        .onErrorResume(
            AuditException.class,
            error ->
                error.type() == ProblemType.NOT_FOUND
                    ? checked(call.batch()).then(Mono.error(error))
                    : Mono.error(error));
  }

  private Mono<Void> checked(BatchKey key) {
    return store
        .isPurged(key)
        .flatMap(
            purged ->
                purged
                    ? Mono.error(
                        new AuditException(
                            ProblemType.PURGED,
                            "batch " + key.id() + " was older than what is kept, and is gone"))
                    : Mono.empty());
  }
}
