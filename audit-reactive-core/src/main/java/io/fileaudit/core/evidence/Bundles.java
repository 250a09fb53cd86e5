package io.fileaudit.core.evidence;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.evidence.Bundle;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.LogProof;
import io.fileaudit.api.evidence.Seal;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.EvidenceStore.Leaf;
import io.fileaudit.core.store.EvidenceStore.LogEntry;
import io.fileaudit.core.store.EvidenceStore.Signed;
import io.fileaudit.core.store.OpenRules;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Gives evidence of one batch: its seal, and the bundle that shows without the service whether its
 * ledger is what it was. Gives what is there, fitting or not: who verifies it finds that out.
 * Publishers are lazy; cancelling stops reading. Errors: {@code not-found} where nothing is known
 * of the batch, {@code unavailable}. Thread-safe.
 */
@CheckReturnValue
public final class Bundles {
  private static final byte[] LINE_END = {'\n'};

  /** How often what goes together is looked for. */
  private static final int TRIES = 5;

  private final AuditStore store;
  private final EvidenceStore evidence;
  private final Notary notary;

  /** Evidence of that store, signed by that notary. */
  public Bundles(AuditStore store, EvidenceStore evidence, Notary notary) {
    this.store = store;
    this.evidence = evidence;
    this.notary = notary;
  }

  private record Signs(Signed checkpoint, List<LogProof> log) {
    boolean isPurged() {
      return !log.isEmpty() && kind(log.get(log.size() - 1)).equals("purged");
    }

    private static String kind(LogProof entry) {
      return AuditJson.lenient().readTree(entry.body()).path("kind").asString("");
    }
  }

  /**
   * What goes together.
   *
   * @param signs what the log says
   * @param batch as it was then; empty where it was not there
   * @param rows how many rows of the ledger belong to it: not those of what came since
   */
  private record Extent(Signs signs, Optional<BatchRecord> batch, long rows) {
    boolean isOpen() {
      return batch.filter(it -> it.state().status().isOpen()).isPresent();
    }
  }

  /**
   * The log of a batch and how far its ledger reached, both of a time at which it neither began nor
   * ended a run.
   */
  private Mono<Extent> extent(BatchKey key, int tries) {
    return find(key)
        .flatMap(
            before ->
                signs(key)
                    .flatMap(
                        signs ->
                            acknowledged(key, before)
                                .flatMap(
                                    rows ->
                                        find(key)
                                            .flatMap(
                                                after ->
                                                    isStill(before, after) || tries == 1
                                                        ? Mono.just(extent(signs, after, rows))
                                                        : extent(key, tries - 1)))));
  }

  private static Extent extent(Signs signs, Optional<BatchRecord> batch, long acknowledged) {
    // Of what is purged bit by bit nothing is shown; of what was taken away otherwise all that is.
    long rows =
        batch
            .map(it -> Math.max(it.state().nextSeq(), acknowledged))
            .orElse(signs.isPurged() ? 0 : Long.MAX_VALUE);
    return new Extent(signs, batch, rows);
  }

  private Mono<Optional<BatchRecord>> find(BatchKey key) {
    return store.find(key).map(Optional::of).defaultIfEmpty(Optional.empty());
  }

  /** How far an open ledger reached at least; an ended one is sealed. */
  private Mono<Long> acknowledged(BatchKey key, Optional<BatchRecord> batch) {
    return batch.filter(it -> it.state().status().isOpen()).isEmpty()
        ? Mono.just(0L)
        : evidence.heads(key).map(TreeHead::size).reduce(0L, Math::max);
  }

  private static boolean isStill(Optional<BatchRecord> before, Optional<BatchRecord> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return before.isEmpty() && after.isEmpty();
    }
    BatchState was = before.get().state();
    BatchState is = after.get().state();
    return was.run() == is.run()
        && was.status().isOpen() == is.status().isOpen()
        && (is.status().isOpen() || was.version() == is.version());
  }

  /** The batch, as far as it is there, and what the log says of it under the last checkpoint. */
  private Mono<Signs> signs(BatchKey key) {
    return notary
        .latest()
        .flatMap(
            signed ->
                evidence
                    .entries(key)
                    .concatMap(entry -> proved(entry, signed.size()), 1)
                    .collectList()
                    .map(log -> new Signs(signed, log)));
  }

  private Mono<LogProof> proved(LogEntry entry, long size) {
    return notary
        .inclusion(entry.number(), size)
        .map(proof -> Optional.of(proof.stream().map(Hash::base64).toList()))
        .defaultIfEmpty(Optional.empty())
        .map(proof -> new LogProof(entry.number(), entry.body(), proof.orElse(null)));
  }

  /** The last seal of a batch, or how its ledger's tree stands while there is none. */
  public Mono<Seal> seal(BatchKey key) {
    return find(key)
        .flatMap(batch -> signs(key).map(signs -> seal(key, batch.orElse(null), signs)));
  }

  private Seal seal(BatchKey key, @Nullable BatchRecord batch, Signs signs) {
    String note = signs.checkpoint().note();
    String verifier = notary.keyOf(note).toString();
    for (int i = signs.log().size() - 1; i >= 0; i--) {
      LogProof entry = signs.log().get(i);
      JsonNode seal = AuditJson.lenient().readTree(entry.body()).get("seal");
      if (seal != null) {
        return new Seal(
            key.namespace(),
            key.id(),
            true,
            seal.path("size").asLong(),
            seal.path("root").asString(""),
            entry,
            note,
            verifier);
      }
    }
    if (batch == null) {
      throw OpenRules.notFound(key);
    }
    TreeHead head = TreeHead.of(batch.state().tree());
    return new Seal(
        key.namespace(), key.id(), false, head.size(), head.root(), null, note, verifier);
  }

  /**
   * The bundle of a batch, as pieces of a ZIP file that are made as they are requested. Where there
   * is none is known before the first piece.
   */
  public Mono<Flux<byte[]>> bundle(BatchKey key) {
    return extent(key, TRIES)
        .filter(extent -> extent.batch().isPresent() || !extent.signs().log().isEmpty())
        .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
        .map(extent -> ZipFlux.of(files(key, extent)));
  }

  private Flux<ZipFlux.Part> files(BatchKey key, Extent extent) {
    Signs signs = extent.signs();
    AtomicLong rows = new AtomicLong();
    return Flux.concat(
        file(Bundle.ABOUT, json(new Bundle.About(Bundle.VERSION, key.namespace(), key.id()))),
        file(Bundle.KEY, text(notary.keyOf(signs.checkpoint().note()) + "\n")),
        file(Bundle.CHECKPOINT, text(signs.checkpoint().note())),
        file(Bundle.LOG, Flux.fromIterable(signs.log()).concatMap(Bundles::json)),
        file(
            Bundle.HEADS,
            evidence
                .heads(key)
                .filter(head -> head.size() <= extent.rows())
                .concatMap(Bundles::json)),
        file(
            Bundle.LEDGER,
            store
                .ledger(key, 0)
                .take(extent.rows())
                .doOnNext(row -> rows.incrementAndGet())
                .concatWith(
                    Flux.defer(() -> rest(key, extent, rows.get()))
                        .doOnNext(row -> rows.incrementAndGet()))
                .concatMapIterable(row -> List.of(utf8(row), LINE_END))),
        file(
            Bundle.LEAVES,
            Flux.defer(() -> evidence.leaves(key).take(rows.get()).map(Bundles::line))));
  }

  /**
   * The row behind those that belong to an ended batch, which somebody added; none where the batch
   * goes on meanwhile. A purge takes rows away that were to come: no bundle is better than one of a
   * part of them.
   */
  private Flux<String> rest(BatchKey key, Extent extent, long rows) {
    if (extent.batch().isEmpty()) {
      return Flux.empty();
    }
    if (rows < extent.rows()) {
      return store
          .find(key)
          .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
          .thenMany(Flux.empty());
    }
    return extent.isOpen()
        ? Flux.empty()
        : store
            .ledger(key, rows)
            .take(1)
            .collectList()
            .filter(added -> !added.isEmpty())
            .flatMap(
                added -> find(key).filter(now -> isStill(extent.batch(), now)).map(now -> added))
            .flatMapIterable(added -> added);
  }

  private static byte[] line(Leaf leaf) {
    return utf8((leaf.hash() == null ? "-" : leaf.hash().base64()) + "\n");
  }

  private static Flux<ZipFlux.Part> file(String name, Flux<byte[]> content) {
    return Flux.concat(
        Mono.just(new ZipFlux.Part(name, null)),
        content.map(bytes -> new ZipFlux.Part(null, bytes)));
  }

  private static Flux<byte[]> json(Object value) {
    return Flux.just(AuditJson.lenient().writeValueAsBytes(value), LINE_END);
  }

  private static Flux<byte[]> text(String text) {
    return Flux.just(utf8(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
