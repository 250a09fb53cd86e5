package io.fileaudit.server.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.ingest.Replay;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Tries refused events again, or takes them off the account. */
public final class RejectedCalls {
  private static final int MAX_BODY_BYTES = 64 * 1024;

  private final Batches batches;
  private final AuditStore store;
  private final Replay replay;

  /** Calls about what that store keeps of refused events. */
  public RejectedCalls(Batches batches, AuditStore store, Replay replay) {
    this.batches = batches;
    this.store = store;
    this.replay = replay;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.steer(HttpMethod.POST, "/api/v1/batches/{id}/rejected/replay", this::replay),
        Route.steer(HttpMethod.POST, "/api/v1/batches/{id}/rejected/dismiss", this::dismiss));
  }

  private record Selection(@Nullable List<@Nullable Long> numbers) {}

  /**
   * What became of them.
   *
   * @param dismissed how many were open and are dismissed now
   * @param open how many are still open
   */
  private record Dismissed(long dismissed, long open) {}

  private Mono<ServerResponse> replay(Call call) {
    Parameters.none(call);
    BatchKey key = call.batch();
    int run = call.run();
    Media.wanted(call, Media.JSON);
    return numbers(call)
        .flatMap(numbers -> batches.find(key).flatMap(batch -> replay.replay(key, run, numbers)))
        .switchIfEmpty(Mono.defer(() -> nothing(key)))
        .flatMap(ack -> Summaries.answer(call, ack));
  }

  private Mono<Ack> nothing(BatchKey key) {
    return batches
        .find(key)
        .map(BatchRecord::state)
        .map(
            state -> Ack.nothing(0, state.run(), state.status(), state.version(), state.verdict()));
  }

  private Mono<ServerResponse> dismiss(Call call) {
    Parameters.none(call);
    BatchKey key = call.batch();
    Media.wanted(call, Media.JSON);
    return numbers(call)
        .flatMap(numbers -> store.dismiss(key, numbers))
        .flatMap(
            dismissed ->
                batches.find(key).map(batch -> new Dismissed(dismissed, batch.refusals().all())))
        .flatMap(Answers::json);
  }

  /** Which are meant: all, where the body does not say. */
  private static Mono<Set<Long>> numbers(Call call) {
    return Body.json(call, MAX_BODY_BYTES)
        .map(json -> json.length == 0 ? Set.of() : numbers(SentJson.read(json, Selection.class)));
  }

  private static Set<Long> numbers(Selection selection) {
    List<@Nullable Long> numbers = selection.numbers();
    if (numbers == null) {
      return Set.of();
    }
    boolean possible = numbers.stream().allMatch(number -> number != null && number > 0);
    if (numbers.isEmpty() || !possible) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "numbers is "
              + Call.shortened(numbers.toString())
              + ", expected numbers of refused events, from 1; without it all are meant");
    }
    return Set.copyOf(numbers.stream().map(Objects::requireNonNull).toList());
  }
}
