package io.fileaudit.core.store;

import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.core.batch.BatchKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Evidence of a store in memory; guarded by the store's lock. */
final class MemoryEvidence implements EvidenceStore {
  private final MemoryAuditStore store;
  private final List<LogEntry> log = new ArrayList<>();
  private final Map<Node, Hash> nodes = new HashMap<>();
  private final TreeMap<Long, Signed> signed = new TreeMap<>();
  private final CompactRange.Growing tree =
      new CompactRange.Growing(
          CompactRange.EMPTY, (level, index, hash) -> nodes.put(new Node(level, index), hash));

  MemoryEvidence(MemoryAuditStore store) {
    this.store = store;
  }

  /** Adds an entry; within {@link MemoryAuditStore#looking}. */
  void log(BatchKey key, String body) {
    log.add(new LogEntry(log.size() + 1L, key, body));
    tree.add(Hash.leaf(body.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public Mono<Long> size() {
    return Mono.fromSupplier(() -> store.looking(() -> (long) log.size()));
  }

  @Override
  public Mono<Map<Node, Hash>> nodes(Collection<Node> wanted) {
    return Mono.fromSupplier(
        () ->
            store.looking(
                () -> {
                  Map<Node, Hash> found = new HashMap<>(nodes);
                  found.keySet().retainAll(wanted);
                  return found;
                }));
  }

  @Override
  public Mono<Signed> lastSigned() {
    return Mono.fromSupplier(
        () -> store.looking(() -> signed.isEmpty() ? null : signed.lastEntry().getValue()));
  }

  @Override
  public Mono<Void> keep(Signed note) {
    return Mono.fromRunnable(() -> store.looking(() -> signed.putIfAbsent(note.size(), note)));
  }

  @Override
  public Flux<LogEntry> entries(BatchKey key) {
    return reading(() -> log.stream().filter(entry -> entry.key().equals(key)));
  }

  @Override
  public Flux<LogPlace> log(long above) {
    return reading(() -> log.stream().filter(entry -> entry.number() > above).map(this::place));
  }

  private LogPlace place(LogEntry entry) {
    return new LogPlace(
        entry.number(),
        nodes.get(new Node(0, entry.number() - 1)),
        entry,
        store.present(entry.key()) != null);
  }

  @Override
  public Flux<TreeHead> heads(BatchKey key) {
    return reading(
        () -> {
          MemoryBatch batch = store.present(key);
          return batch == null
              ? Stream.empty()
              : batch.chunks.values().stream()
                  .map(outcome -> outcome.ack().tree())
                  .filter(Objects::nonNull)
                  .sorted(java.util.Comparator.comparingLong(TreeHead::size))
                  .distinct();
        });
  }

  @Override
  public Flux<Leaf> leaves(BatchKey key) {
    return reading(
        () -> {
          MemoryBatch batch = store.present(key);
          List<String> ledger = batch == null ? List.of() : batch.ledger;
          List<Leaf> leaves = new ArrayList<>();
          for (String body : ledger) {
            leaves.add(new Leaf(leaves.size(), Hash.leaf(body.getBytes(StandardCharsets.UTF_8))));
          }
          return leaves.stream();
        });
  }

  private <T> Flux<T> reading(Supplier<Stream<T>> work) {
    return Flux.defer(() -> Flux.fromIterable(store.looking(() -> work.get().toList())));
  }
}
