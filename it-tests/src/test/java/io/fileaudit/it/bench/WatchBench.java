package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/**
 * How late verdicts are on one node that watches 100,000 open batches, each with an idle limit of
 * its own, and what watching costs while nothing expires. The batches are put into the database by
 * SQL; client, service and PostgreSQL share the machine. Run it by {@code .ci/bench WatchBench}.
 */
class WatchBench {
  private static final int OPEN = 100_000;
  private static final int STEADY = 10_000;
  private static final int A_SECOND = 500;
  private static final int BURST = 10_000;
  private static final Duration QUIET = Duration.ofSeconds(30);

  private static final String LIMITS =
      "'{\"operation\":{\"after\":\"PT100H\",\"action\":\"end\"},\"start\":{\"after\":\"PT30M\",\"action\":\"end\"},'"
          + " || '\"progress\":{\"after\":\"PT30M\",\"action\":\"flag\"},\"idle\":{\"after\":\"PT' || w.idle ||"
          + " 'S\",\"action\":\"end\"}}'";

  /** Opens batches whose idle limits are over from $1 seconds on, $2 of them each second. */
  private static final String OPEN_BATCHES =
      """
      WITH w AS MATERIALIZED (
        SELECT gen_random_uuid() AS id, (?::numeric + n / ?::numeric)::numeric(12, 3) AS idle, clock_timestamp() AS at
          FROM generate_series(0, ? - 1) n),
      opened AS (
        INSERT INTO audit.batch (namespace, id, name, labels, spec, limits, words, opened_at)
        SELECT 'default', w.id, ?, '{}', '{}', %s, '', w.at FROM w)
      INSERT INTO audit.batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, started_at,
          last_activity_at, last_progress_at, tally, check_at, last_node, opened_at)
      SELECT 'default', w.id, 'RUNNING', 1, 0, 1, w.at, w.at, w.at, w.at, '{}', w.at + w.idle * interval '1 second', 'bench', w.at
        FROM w
      """
          .formatted(LIMITS);

  private static final String LATENESS =
      """
      SELECT count(*), percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM
          (s.verdict::json ->> 'decided_at')::timestamptz - s.last_activity_at
            - (s.verdict::json ->> 'after')::interval))::float8[]
        FROM audit.batch_state s JOIN audit.batch b ON b.namespace = s.namespace AND b.id = s.batch
       WHERE b.name = ? AND s.status = 'TIMED_OUT'
      """;

  @TempDir Path folder;

  @Test
  void lateness() throws Exception {
    try (AuditHome home = new AuditHome(folder)) {
      ServiceProcess service =
          home.serve(Map.of("JAVA_TOOL_OPTIONS", "-Xmx512m", "AUDIT_NODE", "bench"));
      try (Connection owner = home.cluster().connect("audit_owner")) {
        open(owner, "far", 3_600, 100, OPEN - STEADY - BURST);
        long begun = System.nanoTime();
        open(owner, "steady", 50, A_SECOND, STEADY);
        open(owner, "burst", 90, BURST, BURST);
        try (Statement statement = owner.createStatement()) {
          statement.execute("ANALYZE audit.batch, audit.batch_state");
        }
        sleepUntil(begun, Duration.ofSeconds(10));
        quiet(service, home);
        outages(owner);
        report(owner, "steady", STEADY);
        report(owner, "burst", BURST);
        assertThat(count(owner, "far")).as("ended without cause").isZero();
      }
    }
  }

  private static void open(Connection owner, String name, int from, int aSecond, int count)
      throws SQLException {
    try (PreparedStatement statement = owner.prepareStatement(OPEN_BATCHES)) {
      statement.setInt(1, from);
      statement.setInt(2, aSecond);
      statement.setInt(3, count);
      statement.setString(4, name);
      statement.executeUpdate();
    }
  }

  private static void sleepUntil(long begun, Duration after) {
    long left = begun + after.toNanos() - System.nanoTime();
    Mono.delay(Duration.ofNanos(Math.max(1, left))).block();
  }

  private static void quiet(ServiceProcess service, AuditHome home) throws IOException {
    double ownBefore = service.cpuSeconds();
    double databaseBefore = home.cluster().cpuSeconds();
    sleepUntil(System.nanoTime(), QUIET);
    System.out.printf(
        "quiet: %d open batches, nothing expires: service %.1f %% of a core, PostgreSQL %.1f %%%n",
        OPEN,
        100 * (service.cpuSeconds() - ownBefore) / QUIET.toSeconds(),
        100 * (home.cluster().cpuSeconds() - databaseBefore) / QUIET.toSeconds());
  }

  private static void report(Connection owner, String name, int all) throws SQLException {
    long patience = System.nanoTime() + Duration.ofMinutes(4).toNanos();
    while (count(owner, name) < all && System.nanoTime() < patience) {
      sleepUntil(System.nanoTime(), Duration.ofMillis(500));
    }
    try (PreparedStatement statement = owner.prepareStatement(LATENESS)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        List<Double> figures = List.of((Double[]) row.getArray(2).getArray());
        System.out.printf(
            "%s: %d verdicts, late by p50 %.2f s, p99 %.2f s, at most %.2f s%n",
            name, row.getInt(1), figures.get(0), figures.get(1), figures.get(2));
        assertThat(row.getInt(1)).isEqualTo(all);
      }
    }
  }

  /** Outages are taken off elapsed times, so that one on a busy machine makes verdicts late. */
  private static void outages(Connection owner) throws SQLException {
    try (Statement statement = owner.createStatement();
        ResultSet rows = statement.executeQuery("SELECT from_at, to_at FROM audit.outage")) {
      while (rows.next()) {
        System.out.printf("outage from %s to %s%n", rows.getString(1), rows.getString(2));
      }
    }
  }

  private static int count(Connection owner, String name) throws SQLException {
    try (PreparedStatement statement =
        owner.prepareStatement(
            "SELECT count(*) FROM audit.batch b JOIN audit.batch_state s ON s.namespace = b.namespace AND s.batch = b.id"
                + " WHERE b.name = ? AND s.status = 'TIMED_OUT'")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
