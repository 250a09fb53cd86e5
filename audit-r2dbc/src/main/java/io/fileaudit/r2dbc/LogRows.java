package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** Writes the entries of the log: one for each opening and each ending of a run, numbered later. */
final class LogRows {
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final int VERSION = 1;

  private LogRows() {}

  /** The entry of a batch's first opening. */
  static Mono<Void> opened(
      PostgresqlConnection connection, BatchKey key, Instant at, Map<String, Object> spec) {
    Map<String, Object> body = new TreeMap<>();
    body.put("open", spec);
    return insert(connection, key, "opened", 1, null, at, null, body);
  }

  /** The entry of a decision: an ending, or the opening of a further run. */
  static Mono<Void> decided(PostgresqlConnection connection, BatchKey key, Verdict verdict) {
    Map<String, Object> body = new TreeMap<>();
    body.put("verdict", AuditJson.lenient().convertValue(verdict, OBJECT));
    String kind = verdict.status().isOpen() ? "opened" : "ended";
    return insert(
        connection,
        key,
        kind,
        verdict.run(),
        verdict.seq(),
        verdict.decidedAt(),
        BatchRows.json(verdict),
        body);
  }

  private static Mono<Void> insert(
      PostgresqlConnection connection,
      BatchKey key,
      String kind,
      int run,
      @Nullable Long seq,
      Instant at,
      @Nullable String verdict,
      Map<String, Object> body) {
    body.put("v", VERSION);
    body.put("namespace", key.namespace());
    body.put("batch", key.id().toString());
    body.put("kind", kind);
    body.put("run", run);
    body.put("seq", seq);
    body.put("recorded_at", at.toString());
    PostgresqlStatement statement =
        connection
            .createStatement(
                "INSERT INTO log (namespace, batch, run, kind, seq, recorded_at, verdict, body)"
                    + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind("$1", key.namespace())
            .bind("$2", key.id())
            .bind("$3", run)
            .bind("$4", kind)
            .bind("$6", at)
            .bind("$8", CanonicalJson.text(body));
    BatchRows.bind(statement, "$5", seq, Long.class);
    BatchRows.bind(statement, "$7", verdict, String.class);
    return BatchRows.update(statement).then();
  }
}
