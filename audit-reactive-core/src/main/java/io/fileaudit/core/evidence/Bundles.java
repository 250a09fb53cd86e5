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

  private final AuditStore store;
  private final EvidenceStore evidence;
  private final Notary notary;

  /** Evidence of that store, signed by that notary. */
  public Bundles(AuditStore store, EvidenceStore evidence, Notary notary) {
    this.store = store;
    this.evidence = evidence;
    this.notary = notary;
  }

  private record Signs(Signed checkpoint, List<LogProof> log) {}

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
    return store
        .find(key)
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty())
        .flatMap(batch -> signs(key).map(signs -> seal(key, batch.orElse(null), signs)));
  }

  private Seal seal(BatchKey key, @Nullable BatchRecord batch, Signs signs) {
    String note = signs.checkpoint().note();
    String verifier = notary.key().toString();
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
    return store
        .find(key)
        .map(batch -> true)
        .defaultIfEmpty(false)
        .flatMap(isThere -> signs(key).filter(signs -> isThere || !signs.log().isEmpty()))
        .switchIfEmpty(Mono.error(() -> OpenRules.notFound(key)))
        .map(signs -> ZipFlux.of(files(key, signs)));
  }

  private Flux<ZipFlux.Part> files(BatchKey key, Signs signs) {
    AtomicLong rows = new AtomicLong();
    return Flux.concat(
        file(Bundle.ABOUT, json(new Bundle.About(Bundle.VERSION, key.namespace(), key.id()))),
        file(Bundle.KEY, text(notary.key() + "\n")),
        file(Bundle.CHECKPOINT, text(signs.checkpoint().note())),
        file(Bundle.LOG, Flux.fromIterable(signs.log()).concatMap(Bundles::json)),
        file(Bundle.HEADS, evidence.heads(key).concatMap(Bundles::json)),
        file(
            Bundle.LEDGER,
            store
                .ledger(key, 0)
                .doOnNext(row -> rows.incrementAndGet())
                .concatMapIterable(row -> List.of(utf8(row), LINE_END))),
        // What was written while the rows were read belongs to the next bundle.
        file(
            Bundle.LEAVES,
            Flux.defer(() -> evidence.leaves(key).take(rows.get()).map(Bundles::line))));
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
