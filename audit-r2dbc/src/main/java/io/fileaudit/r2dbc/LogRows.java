package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** Writes the entries of the log: one for each opening and each ending of a run, numbered later. */
final class LogRows {
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final int VERSION = 1;

  private static final String INSERT =
      """
      INSERT INTO log (namespace, batch, run, kind, seq, recorded_at, verdict, body, version)
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[],
          $8::text[], $9::bigint[])
      """;

  private LogRows() {}

  /**
   * An entry.
   *
   * @param key the batch
   * @param kind {@code opened}, {@code ended}, {@code purged}, {@code revised} and a version, or
   *     {@code sealed} and a size
   * @param run the run
   * @param seq the ledger number of the decision; null for the first opening
   * @param at when it was recorded
   * @param verdict the decision as JSON; null for the first opening
   * @param body the text that evidence is made of
   * @param version the version of the batch that it made
   */
  record Entry(
      BatchKey key,
      String kind,
      int run,
      @Nullable Long seq,
      Instant at,
      @Nullable String verdict,
      String body,
      long version) {}

  /** The entry of a batch's first opening. */
  static Entry opened(BatchKey key, Instant at, Map<String, Object> spec) {
    return entry(key, "opened", 1, null, at, null, "open", spec, null, 1);
  }

  /**
   * The entry of a decision: an ending, or the opening of a further run.
   *
   * @param state the batch afterwards
   * @param revises whether it takes the place of an ending of the same run: there is one of each
   *     run, and any number that take its place, each under the version that it makes
   */
  static Entry decided(BatchKey key, Verdict verdict, BatchState state, boolean revises) {
    return entry(
        key,
        verdict.status().isOpen() ? "opened" : revises ? "revised " + state.version() : "ended",
        verdict.run(),
        verdict.seq(),
        verdict.decidedAt(),
        BatchRows.json(verdict),
        "verdict",
        AuditJson.lenient().convertValue(verdict, OBJECT),
        verdict.status().isOpen() ? null : state.tree(),
        state.version());
  }

  /** The entry of a batch that is taken away, run being its last one. */
  static Entry purged(BatchKey key, int run, Instant at) {
    return entry(key, "purged", run, null, at, null, "purge", Map.of(), null, 0);
  }

  /** The entry of rows that came when the batch had ended: its ledger is sealed again. */
  static Entry sealed(BatchKey key, BatchState state, Instant at) {
    return entry(
        key,
        "sealed " + state.nextSeq(),
        state.run(),
        null,
        at,
        null,
        "sealed",
        Map.of(),
        state.tree(),
        state.version());
  }

  private static Entry entry(
      BatchKey key,
      String kind,
      int run,
      @Nullable Long seq,
      Instant at,
      @Nullable String verdict,
      String name,
      Map<String, Object> what,
      @Nullable CompactRange seal,
      long version) {
    Map<String, Object> body = new TreeMap<>();
    body.put(name, what);
    body.put("v", VERSION);
    body.put("namespace", key.namespace());
    body.put("batch", key.id().toString());
    body.put("kind", kind);
    body.put("run", run);
    body.put("seq", seq);
    body.put("recorded_at", at.toString());
    if (seal != null) {
      body.put("seal", Map.of("size", seal.size(), "root", seal.root().base64()));
    }
    return new Entry(key, kind, run, seq, at, verdict, CanonicalJson.text(body), version);
  }

  /** Writes entries in one statement. */
  static Mono<Void> write(PostgresqlConnection connection, List<Entry> entries) {
    return BatchRows.update(
            connection
                .createStatement(INSERT)
                .bind("$1", Column.of(entries, String.class, entry -> entry.key().namespace()))
                .bind("$2", Column.of(entries, UUID.class, entry -> entry.key().id()))
                .bind("$3", Column.of(entries, Integer.class, Entry::run))
                .bind("$4", Column.of(entries, String.class, Entry::kind))
                .bind("$5", Column.of(entries, Long.class, Entry::seq))
                .bind("$6", Column.of(entries, Instant.class, Entry::at))
                .bind("$7", Column.of(entries, String.class, Entry::verdict))
                .bind("$8", Column.of(entries, String.class, Entry::body))
                .bind("$9", Column.of(entries, Long.class, Entry::version)))
        .then();
  }
}
