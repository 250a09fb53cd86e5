package io.fileaudit.r2dbc;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;

/**
 * Advances the one sign of life, and notes an outage where nobody has for too long. Serves one
 * transaction.
 */
final class SignOfLife {
  private record Pause(Instant last, Instant now) {}

  private final PostgresqlConnection connection;

  SignOfLife(PostgresqlConnection connection) {
    this.connection = connection;
  }

  Mono<Void> give(String node, Duration gap) {
    // The lock comes first and the clock after it, so that of two nodes only the one that crosses
    // the gap sees it.
    return BatchRows.query(
            connection.createStatement(
                """
                WITH last AS MATERIALIZED (SELECT at FROM sign_of_life FOR UPDATE)
                SELECT at, clock_timestamp() AS now FROM last
                """),
            row ->
                new Pause(
                    BatchRows.value(row, "at", Instant.class),
                    BatchRows.value(row, "now", Instant.class)))
        .single()
        .flatMap(pause -> note(pause, gap).then(Mono.defer(() -> advance(node, pause.now()))));
  }

  private Mono<Void> note(Pause pause, Duration gap) {
    if (!pause.last().plus(gap).isBefore(pause.now())) {
      return Mono.empty();
    }
    return BatchRows.update(
            connection
                .createStatement(
                    "INSERT INTO outage (from_at, to_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind("$1", pause.last())
                .bind("$2", pause.now()))
        .then();
  }

  private Mono<Void> advance(String node, Instant now) {
    PostgresqlStatement life =
        connection.createStatement("UPDATE sign_of_life SET at = $1").bind("$1", now);
    PostgresqlStatement own =
        connection
            .createStatement(
                "INSERT INTO node (name, last_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at")
            .bind("$1", node)
            .bind("$2", now);
    return BatchRows.update(life).then(Mono.defer(() -> BatchRows.update(own))).then();
  }
}
