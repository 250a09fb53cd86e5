package io.fileaudit.server.evidence;

import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.LogLine;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.evidence.Bundles;
import io.fileaudit.core.evidence.Notary;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.EvidenceStore.LogEntry;
import io.fileaudit.core.store.EvidenceStore.LogPlace;
import io.fileaudit.core.store.EvidenceStore.Signed;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Gives what shows that history was not changed: seals, bundles, checkpoints and the log. */
public final class EvidenceCalls {
  private static final MediaType ZIP = new MediaType("application", "zip");
  private static final byte[] LINE_END = {'\n'};

  private final Bundles bundles;
  private final EvidenceStore store;
  private final Notary notary;
  private final Scheduler packing;

  /**
   * Evidence of that store, signed by that notary.
   *
   * @param packing where bundles are compressed
   */
  public EvidenceCalls(Bundles bundles, EvidenceStore store, Notary notary, Scheduler packing) {
    this.bundles = bundles;
    this.store = store;
    this.notary = notary;
    this.packing = packing;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.read("/api/v1/batches/{id}/seal", this::seal),
        Route.read("/api/v1/batches/{id}/bundle", this::bundle),
        Route.read("/api/v1/checkpoint", this::checkpoint),
        Route.read("/api/v1/log", this::log));
  }

  private Mono<ServerResponse> seal(Call call) {
    BatchKey key = call.batch();
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return bundles.seal(key).flatMap(Answers::json);
  }

  private Mono<ServerResponse> bundle(Call call) {
    BatchKey key = call.batch();
    Media.wanted(call, ZIP);
    Parameters.none(call);
    ServerResponse.BodyBuilder begun =
        ServerResponse.ok()
            .header(
                HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + key.id() + ".zip\"")
            .header(HttpHeaders.CACHE_CONTROL, "no-store");
    return bundles
        .bundle(key)
        .flatMap(pieces -> Answers.stream(begun, ZIP, pieces.subscribeOn(packing)));
  }

  private Mono<ServerResponse> checkpoint(Call call) {
    MediaType wanted = Media.wanted(call, Media.JSON, MediaType.TEXT_PLAIN);
    Parameters given = Parameters.of(call, "since");
    String since = given.text("since");
    long size = since == null ? 0 : given.integer("since", 0, Long.MAX_VALUE, 0);
    if (wanted.equals(MediaType.TEXT_PLAIN)) {
      return notary
          .latest()
          .flatMap(
              signed ->
                  Answers.bytes(
                      ServerResponse.ok(),
                      new MediaType("text", "plain", StandardCharsets.UTF_8),
                      signed.note().getBytes(StandardCharsets.UTF_8)));
    }
    return notary
        .latest()
        .flatMap(signed -> since == null ? answer(signed, null, null) : since(signed, size));
  }

  private Mono<ServerResponse> since(Signed signed, long size) {
    if (size > signed.size()) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "since is " + size + ", the log has " + signed.size() + " entries");
    }
    return notary
        .consistency(size, signed.size())
        .map(proof -> Optional.of(proof.stream().map(Hash::base64).toList()))
        .defaultIfEmpty(Optional.empty())
        .flatMap(proof -> answer(signed, size, proof.orElse(null)));
  }

  private Mono<ServerResponse> answer(
      Signed signed, @Nullable Long since, @Nullable List<String> proof) {
    return Answers.json(
        new SignedCheckpoint(
            signed.size(),
            signed.note().split("\n", 4)[2],
            signed.note(),
            notary.keyOf(signed.note()).toString(),
            since,
            proof));
  }

  private Mono<ServerResponse> log(Call call) {
    Media.wanted(call, Media.NDJSON);
    Parameters given = Parameters.of(call, "after");
    long after = given.integer("after", 0, Long.MAX_VALUE, 0);
    Flux<byte[]> lines =
        store
            .log(after)
            .map(place -> AuditJson.lenient().writeValueAsBytes(line(place, call.principal())))
            .concatMapIterable(line -> List.of(line, LINE_END));
    return Answers.stream(ServerResponse.ok(), Media.NDJSON, lines);
  }

  /** Of other namespaces there is the leaf alone, which says nothing of them. */
  private static LogLine line(LogPlace place, Principal reader) {
    LogEntry entry = place.entry();
    boolean isHidden = entry != null && !reader.mayUse(entry.key().namespace());
    return new LogLine(
        place.number(),
        place.leaf() == null ? null : place.leaf().base64(),
        entry == null || isHidden ? null : entry.body(),
        isHidden,
        isHidden || place.isThere());
  }
}
