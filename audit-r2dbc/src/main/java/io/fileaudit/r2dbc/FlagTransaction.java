package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Flagging;
import io.fileaudit.core.store.HookEvent;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Looks at batches whose flags somebody wants to know. The watch's row is locked first, so that one
 * node looks at a batch; a flag is raised by what is read after the batch's own row is locked, so
 * that one that was heard of or ended meanwhile is not told of. A batch that is held is left for
 * the next look, and nobody waits.
 */
final class FlagTransaction {
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final String PICK =
      """
      SELECT f.namespace, f.batch, f.raised, f.look_at, wants_flags(f.namespace) AS wanted FROM flag_watch f
       WHERE f.look_at <= now() ORDER BY f.look_at LIMIT $1 FOR UPDATE SKIP LOCKED
      """;

  private static final String LOCK =
      """
      SELECT s.namespace, s.batch FROM unnest($1::text[], $2::uuid[]) AS k(namespace, batch)
        JOIN batch_state s ON s.namespace = k.namespace AND s.batch = k.batch FOR UPDATE OF s SKIP LOCKED
      """;

  private static final String TELL =
      """
      SELECT count(tell_webhooks(r.namespace, r.batch, r.event, r.facts)) AS told
        FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) AS r(namespace, batch, event, facts)
      """;

  private static final String WRITE =
      """
      UPDATE flag_watch f SET look_at = k.look_at, raised = string_to_array(k.raised, ',')
        FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[]) AS k(namespace, batch, look_at, raised)
       WHERE f.namespace = k.namespace AND f.batch = k.batch
      """;

  private static final String FORGET =
      """
      DELETE FROM flag_watch f USING unnest($1::text[], $2::uuid[]) AS k(namespace, batch)
       WHERE f.namespace = k.namespace AND f.batch = k.batch
      """;

  private final PostgresqlConnection connection;

  FlagTransaction(PostgresqlConnection connection) {
    this.connection = connection;
  }

  private record Watched(BatchKey key, Set<String> raised, boolean wanted) {}

  /** A flag that is to be told. */
  private record Told(BatchKey key, Flagging.Raised raised) {
    String event() {
      return raised.flag().wireName();
    }
  }

  /** What becomes of a watch; it is forgotten where there is no next time. */
  private record After(BatchKey key, @Nullable Instant next, Set<String> raised) {}

  Mono<Boolean> run(int limit) {
    return BatchRows.query(
            connection.createStatement(PICK).bind("$1", limit), FlagTransaction::watched)
        .collectList()
        .filter(picked -> !picked.isEmpty())
        .flatMap(picked -> look(picked).thenReturn(picked.size() >= limit))
        .defaultIfEmpty(false);
  }

  private static Watched watched(Readable row) {
    return new Watched(
        key(row),
        Set.of(BatchRows.value(row, "raised", String[].class)),
        BatchRows.value(row, "wanted", Boolean.class));
  }

  private static BatchKey key(Readable row) {
    return new BatchKey(
        BatchRows.text(row, "namespace"), BatchRows.value(row, "batch", UUID.class));
  }

  private Mono<Void> look(List<Watched> picked) {
    return read(picked.stream().filter(Watched::wanted).map(Watched::key).toList())
        .flatMap(
            seen ->
                locked(newlyRaised(picked, seen))
                    .flatMap(this::read)
                    .flatMap(held -> settle(picked, seen, held)));
  }

  private Mono<Map<BatchKey, BatchRecord>> read(List<BatchKey> keys) {
    return keys.isEmpty()
        ? Mono.just(Map.of())
        : BatchRows.find(connection, namespaces(keys), ids(keys))
            .collectMap(BatchRecord::key, batch -> batch);
  }

  private static Column namespaces(List<BatchKey> keys) {
    return Column.of(keys, String.class, BatchKey::namespace);
  }

  private static Column ids(List<BatchKey> keys) {
    return Column.of(keys, UUID.class, BatchKey::id);
  }

  private static List<BatchKey> newlyRaised(List<Watched> picked, Map<BatchKey, BatchRecord> seen) {
    return picked.stream()
        .filter(watch -> seen.containsKey(watch.key()))
        .filter(
            watch ->
                Flagging.of(Objects.requireNonNull(seen.get(watch.key()))).raised().stream()
                    .anyMatch(raised -> !watch.raised().contains(raised.flag().wireName())))
        .map(Watched::key)
        .sorted()
        .toList();
  }

  private Mono<List<BatchKey>> locked(List<BatchKey> keys) {
    return keys.isEmpty()
        ? Mono.just(List.of())
        : BatchRows.query(
                connection.createStatement(LOCK).bind("$1", namespaces(keys)).bind("$2", ids(keys)),
                FlagTransaction::key)
            .collectList();
  }

  private Mono<Void> settle(
      List<Watched> picked, Map<BatchKey, BatchRecord> seen, Map<BatchKey, BatchRecord> held) {
    Set<BatchKey> wanted = new HashSet<>(newlyRaised(picked, seen));
    List<Told> told = new ArrayList<>();
    List<After> after = new ArrayList<>();
    for (Watched watch : picked) {
      BatchRecord batch = held.getOrDefault(watch.key(), seen.get(watch.key()));
      if (batch == null) {
        after.add(new After(watch.key(), null, Set.of()));
        continue;
      }
      Flagging flagging = Flagging.of(batch);
      Set<String> raised =
          flagging.raised().stream().map(one -> one.flag().wireName()).collect(Collectors.toSet());
      if (wanted.contains(watch.key()) && !held.containsKey(watch.key())) {
        raised.retainAll(watch.raised());
        after.add(new After(watch.key(), batch.now().plus(SOON), raised));
        continue;
      }
      flagging.raised().stream()
          .filter(one -> !watch.raised().contains(one.flag().wireName()))
          .filter(one -> HookEvent.of(one.flag()).isPresent())
          .forEach(one -> told.add(new Told(watch.key(), one)));
      after.add(new After(watch.key(), flagging.next(), raised));
    }
    return tell(told)
        .then(Mono.defer(() -> forget(after.stream().filter(one -> one.next() == null).toList())))
        .then(Mono.defer(() -> write(after.stream().filter(one -> one.next() != null).toList())));
  }

  private Mono<Void> tell(List<Told> told) {
    return told.isEmpty()
        ? Mono.empty()
        : BatchRows.query(
                connection
                    .createStatement(TELL)
                    .bind("$1", Column.of(told, String.class, one -> one.key().namespace()))
                    .bind("$2", Column.of(told, UUID.class, one -> one.key().id()))
                    .bind("$3", Column.of(told, String.class, Told::event))
                    .bind("$4", Column.of(told, String.class, one -> BatchRows.json(one.raised()))),
                row -> true)
            .then();
  }

  private Mono<Void> forget(List<After> gone) {
    List<BatchKey> keys = gone.stream().map(After::key).toList();
    return keys.isEmpty()
        ? Mono.empty()
        : BatchRows.update(
                connection
                    .createStatement(FORGET)
                    .bind("$1", namespaces(keys))
                    .bind("$2", ids(keys)))
            .then();
  }

  private Mono<Void> write(List<After> kept) {
    List<BatchKey> keys = kept.stream().map(After::key).toList();
    return keys.isEmpty()
        ? Mono.empty()
        : BatchRows.update(
                connection
                    .createStatement(WRITE)
                    .bind("$1", namespaces(keys))
                    .bind("$2", ids(keys))
                    .bind("$3", Column.of(kept, Instant.class, After::next))
                    .bind(
                        "$4",
                        Column.of(
                            kept,
                            String.class,
                            one ->
                                one.raised().stream().sorted().collect(Collectors.joining(",")))))
            .then();
  }
}
