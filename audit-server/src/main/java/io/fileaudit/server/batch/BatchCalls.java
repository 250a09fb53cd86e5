package io.fileaudit.server.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.batch.SpecReader;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.OpenedBatch;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Polling;
import io.fileaudit.server.http.Route;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Opens batches, shows them, ends and resumes them. */
public final class BatchCalls {
  private static final int MAX_OPEN_BYTES = 8 * 1024 * 1024;
  private static final int MAX_STATUS_BYTES = 64 * 1024;
  private static final int MAX_MESSAGE_CHARACTERS = 2_000;

  private final Batches batches;
  private final Supplier<UUID> ids;
  private final ReportStore reports;
  private final Polling polling;

  /**
   * Calls about those batches.
   *
   * @param ids makes the ids of batches that bring none
   * @param reports what is usual
   * @param polling for those who wait for a change
   */
  public BatchCalls(Batches batches, Supplier<UUID> ids, ReportStore reports, Polling polling) {
    this.reports = reports;
    this.polling = polling;
    this.batches = batches;
    this.ids = ids;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.load(HttpMethod.PUT, "/api/v1/batches/{id}", this::open),
        Route.load(HttpMethod.POST, "/api/v1/batches", this::openNew),
        Route.read("/api/v1/batches/{id}", this::show),
        Route.steer(HttpMethod.PUT, "/api/v1/batches/{id}/status", this::status));
  }

  private Mono<ServerResponse> open(Call call) {
    BatchKey key = call.newBatch();
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    return spec(call)
        .flatMap(spec -> batches.open(key, spec, call.principal().name()))
        .flatMap(opened -> opened(opened, opened.created() ? HttpStatus.CREATED : HttpStatus.OK));
  }

  private Mono<ServerResponse> openNew(Call call) {
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    return spec(call)
        .flatMap(
            spec ->
                batches.open(
                    new BatchKey(call.namespace(), ids.get()), spec, call.principal().name()))
        .flatMap(opened -> opened(opened, HttpStatus.CREATED));
  }

  private static Mono<BatchSpec> spec(Call call) {
    return Body.json(call, MAX_OPEN_BYTES)
        .map(json -> json.length == 0 ? BatchSpec.builder().build() : SpecReader.read(json));
  }

  private static Mono<ServerResponse> opened(OpenedBatch opened, HttpStatus status) {
    Snapshot snapshot = Snapshots.of(opened.batch());
    ServerResponse.BodyBuilder begun =
        ServerResponse.status(status).header(HttpHeaders.ETAG, tag(opened.batch()));
    if (status == HttpStatus.CREATED) {
      begun = begun.location(URI.create(snapshot.links().self()));
    }
    return Answers.json(begun, snapshot);
  }

  private Mono<ServerResponse> show(Call call) {
    Duration wait = Polling.wait(Parameters.of(call, "wait"));
    Media.wanted(call, Media.JSON);
    String known = call.header(HttpHeaders.IF_NONE_MATCH);
    BatchKey key = call.batch();
    return batches
        .find(key)
        .flatMap(
            first -> {
              String before = known == null ? tag(first) : known;
              boolean answersNow =
                  wait.isZero()
                      || !names(before, tag(first))
                      || (known == null && !first.state().status().isOpen());
              return answersNow
                  ? Mono.just(first)
                  : polling.until(batches.find(key), batch -> !names(before, tag(batch)), wait);
            })
        .flatMap(
            batch -> {
              String tag = tag(batch);
              if (known != null && names(known, tag)) {
                return ServerResponse.status(HttpStatus.NOT_MODIFIED)
                    .header(HttpHeaders.ETAG, tag)
                    .build();
              }
              return reports
                  .usual(batch)
                  .map(usual -> Snapshots.of(batch, usual))
                  .defaultIfEmpty(Snapshots.of(batch))
                  .flatMap(
                      snapshot ->
                          Answers.json(
                              ServerResponse.ok().header(HttpHeaders.ETAG, tag), snapshot));
            });
  }

  /** Whether If-None-Match names that tag; whether it says weak or not makes no difference. */
  private static boolean names(String known, String tag) {
    String opaque = tag.substring("W/".length());
    return Stream.of(known.split(",", -1))
        .map(String::strip)
        .anyMatch(one -> one.equals("*") || one.equals(tag) || one.equals(opaque));
  }

  /**
   * Weak, because two snapshots of one version differ in their clocks. A parent's snapshot changes
   * with its sub-batches, too.
   */
  static String tag(BatchRecord batch) {
    long below = batch.below().versions();
    return "W/\""
        + batch.state().run()
        + "-"
        + batch.state().version()
        + (below == 0 ? "" : "-" + below)
        + "\"";
  }

  private Mono<ServerResponse> status(Call call) {
    BatchKey key = call.batch();
    int run = call.run();
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    return Body.json(call, MAX_STATUS_BYTES)
        .map(json -> wish(SentJson.read(json, StatusRequest.class)))
        .flatMap(
            wish ->
                batches.decide(key, run, wish.status(), wish.message(), call.principal().name()))
        .flatMap(
            decided ->
                Answers.json(
                    ServerResponse.ok().header(HttpHeaders.ETAG, tag(decided.batch())),
                    Snapshots.of(decided.batch())));
  }

  private record Wish(BatchStatus status, @org.jspecify.annotations.Nullable String message) {}

  private static Wish wish(StatusRequest request) {
    String message = request.message();
    if (message != null
        && (message.length() > MAX_MESSAGE_CHARACTERS || message.indexOf('\0') >= 0)) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "message is longer than " + MAX_MESSAGE_CHARACTERS + " characters or contains U+0000");
    }
    if (message != null && !StandardCharsets.UTF_8.newEncoder().canEncode(message)) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "message contains half of a surrogate pair, which has no UTF-8 form");
    }
    if (request.status() == null) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "status is missing; one of COMPLETED, FAILED, CANCELLED, RUNNING");
    }
    try {
      return new Wish(BatchStatus.parse(request.status()), message);
    } catch (IllegalArgumentException e) {
      throw new AuditException(ProblemType.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
    }
  }
}
