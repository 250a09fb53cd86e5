package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.ledger.LogBody;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Writes the entries of the log: one for each opening and each ending of a run, numbered later. */
final class LogRows {
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
  static Entry opened(BatchKey key, Instant at, BatchSpec spec) {
    return new Entry(key, "opened", 1, null, at, null, LogBody.opened(key, at, spec), 1);
  }

  /**
   * The entry of a decision: an ending, or the opening of a further run.
   *
   * @param state the batch afterwards
   * @param revises whether it takes the place of an ending of the same run
   */
  static Entry decided(BatchKey key, Verdict verdict, BatchState state, boolean revises) {
    String kind = LogBody.kind(verdict, state, revises);
    return new Entry(
        key,
        kind,
        verdict.run(),
        verdict.seq(),
        verdict.decidedAt(),
        BatchRows.json(verdict),
        LogBody.decided(key, kind, verdict, state),
        state.version());
  }

  /** The entry of rows that came when the batch had ended: its ledger is sealed again. */
  static Entry sealed(BatchKey key, BatchState state, Instant at) {
    String kind = LogBody.sealedAgain(state);
    return new Entry(
        key,
        kind,
        state.run(),
        null,
        at,
        null,
        LogBody.sealed(key, kind, state, at),
        state.version());
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
