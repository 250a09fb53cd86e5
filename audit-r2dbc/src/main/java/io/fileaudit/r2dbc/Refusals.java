package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.store.RejectedRules;
import io.fileaudit.r2dbc.CommitTransaction.Locked;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Keeps what a commit refused, and marks as replayed what it took at last. */
final class Refusals {
  private static final String KEEP =
      """
      INSERT INTO rejected AS r (namespace, batch, name, number, type, status, detail, text, producer, position, event_id,
          run, times, first_at, last_at, resolution)
      SELECT $1, $2, w.name, $14 + row_number() OVER (ORDER BY w.n), w.type, w.status, w.detail, w.text, $12, w.position,
          w.event_id, $13, w.times, $11, $11, w.resolution
        FROM unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bigint[],
            $15::text[])
          WITH ORDINALITY AS w(name, type, status, detail, text, position, event_id, times, resolution, n)
      ON CONFLICT (namespace, batch, name) DO UPDATE SET last_at = excluded.last_at,
          times = excluded.times + CASE WHEN r.name LIKE 'overflow:%' AND r.resolution IS NOT NULL THEN 0 ELSE r.times END,
          resolution = CASE WHEN r.name LIKE 'overflow:%' THEN NULL ELSE r.resolution END
      """;

  private final PostgresqlConnection connection;
  private final Locked batch;
  private final CommitPlan plan;

  Refusals(PostgresqlConnection connection, Locked batch) {
    this.connection = connection;
    this.batch = batch;
    this.plan = Objects.requireNonNull(batch.plan);
  }

  Mono<Void> run() {
    return resolve()
        .then(Mono.defer(() -> plan.refused().isEmpty() ? Mono.<Void>empty() : keep()))
        .then(
            Mono.defer(
                () ->
                    plan.replayed().isEmpty()
                        ? Mono.<Void>empty()
                        : resolve(
                                connection,
                                batch.key(),
                                plan.replayed().toArray(Long[]::new),
                                RejectedRules.REPLAYED)
                            .then()));
  }

  /**
   * Marks those refused events that are open, and gives how many they stand for.
   *
   * @param numbers which; null means all
   */
  static Mono<Long> resolve(
      PostgresqlConnection connection, BatchKey key, Long @Nullable [] numbers, String resolution) {
    return BatchRows.query(
            BatchRows.bind(
                connection
                    .createStatement(
                        """
                        WITH resolved AS (
                          UPDATE rejected SET resolution = $4 WHERE namespace = $1 AND batch = $2 AND resolution IS NULL
                             AND ($3::bigint[] IS NULL OR number = ANY($3))
                          RETURNING name, times)
                        SELECT coalesce(sum(CASE WHEN name LIKE 'overflow:%' THEN times ELSE 1 END), 0)::bigint AS events
                          FROM resolved
                        """)
                    .bind("$1", key.namespace())
                    .bind("$2", key.id())
                    .bind("$4", resolution),
                "$3",
                numbers,
                Long[].class),
            row -> BatchRows.value(row, "events", Long.class))
        .single();
  }

  /**
   * A line that was refused and now came right, under its old position or id, is no longer held
   * against the batch.
   */
  private Mono<Void> resolve() {
    if (!batch.refusedEver) {
      return Mono.empty();
    }
    Long[] positions =
        plan.rows().stream()
            .map(CommitPlan.LedgerRow::position)
            .filter(Objects::nonNull)
            .toArray(Long[]::new);
    String[] ids =
        plan.rows().stream()
            .map(CommitPlan.LedgerRow::id)
            .filter(Objects::nonNull)
            .toArray(String[]::new);
    if (positions.length == 0 && ids.length == 0) {
      return Mono.empty();
    }
    return resolve(connection, batch.key(), batch.chunk.producer(), positions, ids);
  }

  /** Marks as replayed what was refused under those keys. */
  static Mono<Void> resolve(
      PostgresqlConnection connection,
      BatchKey key,
      @Nullable String producer,
      Long[] positions,
      String[] ids) {
    return BatchRows.update(
            connection
                .createStatement(
                    """
                    UPDATE rejected SET resolution = $6
                     WHERE namespace = $1 AND batch = $2 AND resolution IS NULL AND name NOT LIKE 'overflow:%'
                       AND ((producer = $3 AND position = ANY($4)) OR event_id = ANY($5))
                    """)
                .bind("$1", key.namespace())
                .bind("$2", key.id())
                .bind("$3", String.valueOf(producer))
                .bind("$4", producer == null ? new Long[0] : positions)
                .bind("$5", ids)
                .bind("$6", RejectedRules.REPLAYED))
        .then();
  }

  private record Kept(String name, CommitPlan.RefusedLine line, long times) {}

  private Mono<Void> keep() {
    Chunk chunk = batch.chunk;
    Map<String, Kept> byName = new LinkedHashMap<>();
    for (CommitPlan.RefusedLine line : plan.refused()) {
      count(byName, RejectedRules.name(line, chunk), line, 1);
    }
    return BatchRows.query(
            connection
                .createStatement(
                    """
                    SELECT (SELECT coalesce(max(number), 0) FROM rejected WHERE namespace = $1 AND batch = $2) AS last,
                      ARRAY(SELECT name FROM rejected WHERE namespace = $1 AND batch = $2 AND name = ANY($3)) AS known
                    """)
                .bind("$1", batch.key().namespace())
                .bind("$2", batch.key().id())
                .bind("$3", byName.keySet().toArray(new String[0])),
            row ->
                keep(
                    bounded(
                        byName,
                        new HashSet<>(List.of(BatchRows.value(row, "known", String[].class))),
                        BatchRows.value(row, "last", Long.class)),
                    BatchRows.value(row, "last", Long.class)))
        .single()
        .flatMap(writing -> writing);
  }

  /** Beyond what is kept by name, refused lines are only counted, one row for each reason. */
  private static List<Kept> bounded(Map<String, Kept> byName, Set<String> known, long last) {
    Map<String, Kept> bounded = new LinkedHashMap<>();
    long room = RejectedRules.MOST_KEPT - last;
    for (Kept kept : byName.values()) {
      boolean named = known.contains(kept.name()) || room > 0;
      if (!named && kept.line().isCorrected()) {
        continue;
      }
      room -= known.contains(kept.name()) || room <= 0 ? 0 : 1;
      count(
          bounded,
          named ? kept.name() : RejectedRules.overflowName(kept.line()),
          kept.line(),
          kept.times());
    }
    return new ArrayList<>(bounded.values());
  }

  private static void count(
      Map<String, Kept> names, String name, CommitPlan.RefusedLine line, long times) {
    names.merge(
        name,
        new Kept(name, line, times),
        (a, b) -> new Kept(name, a.line(), a.times() + b.times()));
  }

  private Mono<Void> keep(List<Kept> rows, long last) {
    Instant now = batch.now;
    return BatchRows.update(
            BatchRows.bind(
                connection
                    .createStatement(KEEP)
                    .bind("$1", batch.key().namespace())
                    .bind("$2", batch.key().id())
                    .bind("$3", Column.of(rows, String.class, Kept::name))
                    .bind("$4", Column.of(rows, String.class, row -> row.line().refusal().type()))
                    .bind(
                        "$5", Column.of(rows, Integer.class, row -> row.line().refusal().status()))
                    .bind(
                        "$6",
                        Column.of(
                            rows,
                            String.class,
                            row -> RejectedRules.clean(row.line().refusal().detail())))
                    .bind(
                        "$7",
                        Column.of(rows, String.class, row -> RejectedRules.text(row.line().text())))
                    .bind("$8", Column.of(rows, Long.class, row -> row.line().position()))
                    .bind("$9", Column.of(rows, String.class, row -> row.line().id()))
                    .bind("$10", Column.of(rows, Long.class, Kept::times))
                    .bind("$11", now)
                    .bind("$13", batch.chunk.run())
                    .bind("$14", last)
                    .bind(
                        "$15",
                        Column.of(rows, String.class, row -> RejectedRules.resolution(row.line()))),
                "$12",
                batch.chunk.producer(),
                String.class))
        .then();
  }
}
