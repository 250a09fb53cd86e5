package io.fileaudit.server.batch;

import io.fileaudit.api.batch.HeartbeatAnswer;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.ChangeReader;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.watch.HeartbeatWriter;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Hears that batches live, and moves the limits by which they are judged. */
public final class LifeCalls {
  private static final Logger log = LoggerFactory.getLogger(LifeCalls.class);
  private static final int MAX_CHANGE_BYTES = 64 * 1024;

  private final Batches batches;
  private final HeartbeatWriter heartbeats;

  /** Calls about those batches. */
  public LifeCalls(Batches batches, HeartbeatWriter heartbeats) {
    this.batches = batches;
    this.heartbeats = heartbeats;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.load(HttpMethod.PUT, "/api/v1/batches/{id}/heartbeat", this::heartbeat),
        Route.steer(HttpMethod.PATCH, "/api/v1/batches/{id}", this::change));
  }

  private Mono<ServerResponse> heartbeat(Call call) {
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    return heartbeats.beat(call.batch(), call.run()).flatMap(batch -> Answers.json(answer(batch)));
  }

  private static HeartbeatAnswer answer(BatchRecord batch) {
    Snapshot snapshot = Snapshots.of(batch);
    return new HeartbeatAnswer(
        snapshot.run(), snapshot.status(), snapshot.flags(), snapshot.limits(), snapshot.now());
  }

  private Mono<ServerResponse> change(Call call) {
    Parameters.none(call);
    BatchKey key = call.batch();
    int run = call.run();
    Media.wanted(call, Media.JSON);
    return Body.json(call, MAX_CHANGE_BYTES, Media.JSON, Media.MERGE_PATCH)
        .map(LifeCalls::read)
        .flatMap(
            change -> batches.change(key, run, change).doOnNext(batch -> note(call, batch, change)))
        .flatMap(
            batch ->
                Answers.json(
                    ServerResponse.ok().header(HttpHeaders.ETAG, BatchCalls.tag(batch)),
                    Snapshots.of(batch)));
  }

  private static BatchChange read(byte[] json) {
    if (json.length == 0) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "the body is empty, expected an object with limits, labels, or both");
    }
    @SuppressWarnings("unchecked") // names of JSON objects are strings
    Map<String, Object> fields = SentJson.read(json, Map.class);
    return ChangeReader.read(fields);
  }

  private static void note(Call call, BatchRecord batch, BatchChange change) {
    log.atInfo()
        .addKeyValue("batch_id", batch.key().id())
        .addKeyValue("namespace", batch.key().namespace())
        .addKeyValue("run", batch.state().run())
        .log(
            "batch {}: {} asked for limits {} and {} labels; limits are now {}",
            batch.key(),
            call.principal().name(),
            AuditJson.lenient().writeValueAsString(change.limits()),
            change.labels().size(),
            AuditJson.lenient().writeValueAsString(batch.limits()));
  }
}
