package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Expiry;
import io.fileaudit.core.batch.Outage;
import io.fileaudit.core.batch.RefusalCounts;
import io.fileaudit.core.batch.RollUp;
import io.fileaudit.core.batch.Tally;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** How batches lie in rows, and the statements on single batches that several transactions use. */
final class BatchRows {
  /** Columns of a whole batch, of {@code batch b JOIN batch_state s}. */
  static final String RECORD_COLUMNS =
      """
      b.namespace, b.id, b.spec, b.labels::text AS labels, b.own_limits, b.limits, b.opened_at,
      s.status, s.run, s.next_seq, s.tree, s.version, s.run_opened_at,
      least(s.started_at, c.started_at) AS started_at, s.ended_at,
      greatest(s.last_activity_at, c.last_activity_at) AS last_activity_at,
      greatest(s.last_progress_at, c.last_progress_at) AS last_progress_at, s.tally, s.verdict, clock_timestamp() AS now,
      (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)::bigint
         FROM rejected r WHERE s.refused_ever AND r.namespace = b.namespace AND r.batch = b.id
           AND r.resolution IS NULL) AS refused,
      (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)::bigint
         FROM rejected r WHERE s.refused_ever AND r.namespace = b.namespace AND r.batch = b.id
           AND r.resolution IS NULL AND r.status IN (400, 413, 422)) AS refused_invalid,
      c.expected AS below_expected, c.events AS below_events, c.versions AS below_versions,
      (SELECT jsonb_object_agg(f.figure, f.total)::text FROM (
         SELECT e.key AS figure, sum(e.value::bigint) AS total
           FROM batch tb JOIN batch_state ts ON ts.namespace = tb.namespace AND ts.batch = tb.id,
             LATERAL json_each_text(ts.tally::json) e
          WHERE c.versions > 0 AND tb.namespace = b.namespace AND tb.parent = b.id GROUP BY e.key) f) AS below_tally,
      (SELECT coalesce(sum(CASE WHEN r.name LIKE 'overflow:%' THEN r.times ELSE 1 END), 0)::bigint
         FROM batch rb JOIN rejected r ON r.namespace = rb.namespace AND r.batch = rb.id
        WHERE c.refused_ever AND rb.namespace = b.namespace AND rb.parent = b.id AND r.resolution IS NULL) AS below_refused,
      ARRAY(SELECT o.from_at FROM outage o WHERE o.to_at > s.run_opened_at ORDER BY o.from_at) AS outage_from,
      ARRAY(SELECT o.to_at FROM outage o WHERE o.to_at > s.run_opened_at ORDER BY o.from_at) AS outage_to,
      (SELECT l.at FROM sign_of_life l) AS any_at
      """;

  /**
   * The join that {@link #RECORD_COLUMNS} are read from: a parent's clocks show what was heard of
   * its sub-batches, and their figures are added up beside its own.
   */
  static final String RECORD_FROM =
      """
      FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id
      LEFT JOIN LATERAL (
        SELECT min(cs.started_at) FILTER (WHERE cs.started_at >= s.run_opened_at) AS started_at,
            max(cs.last_activity_at) FILTER (WHERE cs.last_activity_at >= s.run_opened_at) AS last_activity_at,
            max(cs.last_progress_at) FILTER (WHERE cs.last_progress_at >= s.run_opened_at) AS last_progress_at,
            sum(cs.version)::bigint AS versions, bool_or(cs.refused_ever) AS refused_ever,
            sum(cs.next_seq - 2 * (cs.run - 1) - CASE WHEN cs.status IN ('PENDING', 'RUNNING') THEN 0 ELSE 1 END)::bigint
              AS events,
            sum(greatest((cs.tally::json ->> 'expected')::bigint, (cb.spec::json #>> '{expected,count}')::bigint))::bigint
              AS expected
          FROM batch cb JOIN batch_state cs ON cs.namespace = cb.namespace AND cs.batch = cb.id
         WHERE cb.namespace = b.namespace AND cb.parent = b.id) c ON b.parent IS NULL
      """;

  private static final String FIND_ALL =
      records("unnest($1::text[], $2::uuid[]) AS w(namespace, id)");

  /** Columns of a batch's state alone. */
  static final String STATE_COLUMNS =
      "status, run, next_seq, tree, version, run_opened_at, started_at, ended_at, last_activity_at, last_progress_at, tally,"
          + " verdict";

  private static final TypeReference<Map<String, Long>> FIGURES = new TypeReference<>() {};
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  private BatchRows() {}

  /**
   * A statement that reads the whole batches of {@code chosen}, a source {@code w} of {@code
   * namespace} and {@code id}.
   */
  static String records(String chosen) {
    return "SELECT "
        + RECORD_COLUMNS
        + "FROM "
        + chosen
        + " JOIN LATERAL (SELECT * FROM batch WHERE namespace = w.namespace AND id = w.id LIMIT 1) b ON true "
        + RECORD_FROM.substring("FROM batch b ".length());
  }

  static BatchRecord record(Readable row) {
    BatchSpec spec = spec(text(row, "spec"));
    String own = row.get("own_limits", String.class);
    return new BatchRecord(
        new BatchKey(text(row, "namespace"), value(row, "id", UUID.class)),
        spec,
        labels(text(row, "labels")),
        own == null ? spec.limits() : limits(own),
        limits(text(row, "limits")),
        value(row, "opened_at", Instant.class),
        state(row),
        new RefusalCounts(
            value(row, "refused", Long.class), value(row, "refused_invalid", Long.class)),
        below(row),
        outages(row),
        value(row, "now", Instant.class));
  }

  private static RollUp below(Readable row) {
    Long versions = row.get("below_versions", Long.class);
    return versions == null
        ? RollUp.NONE
        : new RollUp(
            figures(text(row, "below_tally")),
            value(row, "below_expected", Long.class),
            value(row, "below_events", Long.class),
            value(row, "below_refused", Long.class),
            versions);
  }

  private static List<Outage> outages(Readable row) {
    OffsetDateTime[] from = value(row, "outage_from", OffsetDateTime[].class);
    OffsetDateTime[] to = value(row, "outage_to", OffsetDateTime[].class);
    List<Outage> noted =
        IntStream.range(0, from.length)
            .mapToObj(i -> new Outage(from[i].toInstant(), to[i].toInstant()))
            .toList();
    // Of one statement, so that an outage is either noted or to be seen by the last sign.
    return Outage.until(
        value(row, "now", Instant.class), value(row, "any_at", Instant.class), noted);
  }

  static Limits limits(String json) {
    return AuditJson.lenient().readValue(json, Limits.class);
  }

  static Map<String, String> labels(String json) {
    return AuditJson.lenient().readValue(json, LABELS);
  }

  static Tally figures(String json) {
    return Tally.fromMap(AuditJson.lenient().readValue(json, FIGURES));
  }

  static BatchState state(Readable row) {
    return state(row, figures(text(row, "tally")));
  }

  /** The state with figures that are known already. */
  static BatchState state(Readable row, Tally tally) {
    String verdict = row.get("verdict", String.class);
    return new BatchState(
        BatchStatus.valueOf(text(row, "status")),
        value(row, "run", Integer.class),
        CompactRange.of(value(row, "next_seq", Long.class), value(row, "tree", byte[].class)),
        value(row, "version", Long.class),
        value(row, "run_opened_at", Instant.class),
        row.get("started_at", Instant.class),
        row.get("ended_at", Instant.class),
        row.get("last_activity_at", Instant.class),
        row.get("last_progress_at", Instant.class),
        tally,
        verdict == null ? null : verdict(verdict));
  }

  static BatchSpec spec(String json) {
    return AuditJson.lenient().readValue(json, BatchSpec.class);
  }

  static Verdict verdict(String json) {
    return AuditJson.lenient().readValue(json, Verdict.class);
  }

  static String json(Object value) {
    return AuditJson.lenient().writeValueAsString(value);
  }

  static String text(Readable row, String column) {
    return value(row, column, String.class);
  }

  static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }

  /** Binds a value that may be absent. */
  static <T> PostgresqlStatement bind(
      PostgresqlStatement statement, String name, @Nullable T value, Class<T> type) {
    return value == null ? statement.bindNull(name, type) : statement.bind(name, value);
  }

  /** Runs a reading statement. */
  static <T> Flux<T> query(PostgresqlStatement statement, Function<Readable, T> mapping) {
    return statement.execute().concatMap(result -> result.map(mapping), 1);
  }

  /** Runs a writing statement and gives the number of rows that it changed. */
  static Mono<Long> update(PostgresqlStatement statement) {
    return statement
        .execute()
        .concatMap(result -> result.getRowsUpdated(), 1)
        .reduce(0L, Long::sum);
  }

  /** The batch as it is at the moment, within a transaction or without. */
  static Mono<BatchRecord> find(PostgresqlConnection connection, BatchKey key) {
    return query(
            connection
                .createStatement(
                    "SELECT "
                        + RECORD_COLUMNS
                        + RECORD_FROM
                        + "WHERE b.namespace = $1 AND b.id = $2")
                .bind("$1", key.namespace())
                .bind("$2", key.id()),
            BatchRows::record)
        .singleOrEmpty();
  }

  /** Those of the batches that are there as they are at the moment, in no order. */
  static Flux<BatchRecord> find(PostgresqlConnection connection, Column namespaces, Column ids) {
    return query(
        connection.createStatement(FIND_ALL).bind("$1", namespaces).bind("$2", ids),
        BatchRows::record);
  }

  /**
   * Locks the row of a batch; empty where it is not there. What is read in later statements is what
   * the lock protects.
   */
  static Mono<BatchKey> lock(PostgresqlConnection connection, BatchKey key, String strength) {
    return query(
            connection
                .createStatement(
                    "SELECT 1 FROM batch_state WHERE namespace = $1 AND batch = $2 FOR " + strength)
                .bind("$1", key.namespace())
                .bind("$2", key.id()),
            row -> key)
        .singleOrEmpty();
  }

  /** Lets a locked batch be seen as changed, where nothing of its state is. */
  static Mono<Long> nextVersion(PostgresqlConnection connection, BatchKey key) {
    return update(
        connection
            .createStatement(
                "UPDATE batch_state SET version = version + 1 WHERE namespace = $1 AND batch = $2")
            .bind("$1", key.namespace())
            .bind("$2", key.id()));
  }

  /** Writes the state of a locked batch, and when its limits have to be looked at. */
  static Mono<Long> writeState(
      PostgresqlConnection connection, BatchKey key, BatchState state, Limits limits, Instant now) {
    PostgresqlStatement statement =
        connection
            .createStatement(
                """
                UPDATE batch_state SET status = $3, run = $4, next_seq = $5, version = $6, run_opened_at = $7, tree = $15,
                  started_at = $8, ended_at = $9, last_activity_at = $10, last_progress_at = $11, tally = $12,
                  verdict = $13, check_at = $14
                WHERE namespace = $1 AND batch = $2
                """)
            .bind("$1", key.namespace())
            .bind("$2", key.id());
    bindState(statement, state, limits, now);
    return update(statement);
  }

  /**
   * Binds a state to $3 … $13 and its tree to $15, and to $14 when its limits have to be looked at.
   */
  static void bindState(
      PostgresqlStatement statement, BatchState state, Limits limits, Instant now) {
    bind(statement, "$14", Expiry.checkAt(limits, state, now), Instant.class);
    statement
        .bind("$3", state.status().name())
        .bind("$4", state.run())
        .bind("$5", state.nextSeq())
        .bind("$6", state.version())
        .bind("$7", state.runOpenedAt())
        .bind("$12", json(state.tally().toMap()))
        .bind("$15", state.tree().bytes());
    bind(statement, "$8", state.startedAt(), Instant.class);
    bind(statement, "$9", state.endedAt(), Instant.class);
    bind(statement, "$10", state.lastActivityAt(), Instant.class);
    bind(statement, "$11", state.lastProgressAt(), Instant.class);
    bind(statement, "$13", state.verdict() == null ? null : json(state.verdict()), String.class);
  }
}
