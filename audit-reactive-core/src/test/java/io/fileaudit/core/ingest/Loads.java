package io.fileaudit.core.ingest;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.life.Runs;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.watch.Verdicts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

/** What tests of the pipeline load: batches, lines, chunks, and the assembly round a store. */
final class Loads {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final AtomicLong IDS = new AtomicLong();

  private Loads() {}

  static Batches batches(AuditStore store) {
    return new Batches(store, LimitRules.DEFAULTS, "node-1", new Verdicts());
  }

  static CommitWriter writer(AuditStore store, WriteSettings settings) {
    return new CommitWriter(store, settings, new WriteMeters(new SimpleMeterRegistry()));
  }

  static Ingest ingest(AuditStore store, WriteSettings settings) {
    return new Ingest(batches(store), writer(store, settings), Loads::id);
  }

  static Runs runs(HeldStore store) {
    return new Runs(store.lineage(), LimitRules.DEFAULTS, "node-1", Loads::id, new Verdicts());
  }

  /** A fresh id, made without the system's source of entropy, which blocks. */
  static UUID id() {
    return new UUID(0, IDS.incrementAndGet());
  }

  static BatchKey key() {
    return new BatchKey("default", id());
  }

  static BatchKey open(AuditStore store) {
    return open(store, BatchSpec.builder().build());
  }

  static BatchKey open(AuditStore store, BatchSpec spec) {
    BatchKey key = key();
    Objects.requireNonNull(batches(store).open(key, spec, "tester").block(PATIENCE));
    return key;
  }

  static Source source(BatchKey key) {
    return new Source(key, 1, null, "tester");
  }

  static String completed(String file) {
    return "{\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":100,\"bytes\":1024}";
  }

  /** Lines as one buffer, each with its end. */
  static byte[] buffer(String... lines) {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static Chunk chunk(BatchKey key, String... lines) {
    LineSplitter splitter = new LineSplitter();
    List<Line> read = new ArrayList<>(splitter.feed(buffer(lines)));
    return new Chunk(id(), key, 1, null, read);
  }

  static <T> List<T> all(Flux<T> flux) {
    return Objects.requireNonNull(flux.collectList().block(PATIENCE));
  }

  static Snapshot snapshot(AuditStore store, BatchKey key) {
    return Snapshots.of(Objects.requireNonNull(store.find(key).block(PATIENCE)));
  }

  /** The files named by the ledger's events, in its order. */
  static List<String> filesInLedger(AuditStore store, BatchKey key) {
    return all(store.ledger(key, 0)).stream()
        .map(text -> text.replaceAll(".*\"file\":\"([^\"]*)\".*", "$1"))
        .toList();
  }
}
