package io.fileaudit.it.bench;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a million events cost: processor time of service and PostgreSQL, bytes of each table with
 * its indexes, of the write-ahead log, and the heap that lives. Events are those of {@link
 * Workload}, ten to a file, in batches of 100,000. Run it by {@code .ci/bench CapacityBench};
 * {@code -Daudit.bench.rounds} and {@code -Daudit.bench.events} change it. docs/capacity.md shows a
 * table of it.
 */
class CapacityBench {
  private static final int EVENTS = Integer.getInteger("audit.bench.events", 1_000_000);
  private static final int OF_A_BATCH = 100_000;
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 3);
  private static final double MILLION = 1e6;
  private static final Path RESULT = Path.of("target", "bench", "capacity.json");

  private static final String TABLES =
      """
      SELECT relname, pg_total_relation_size(oid) FROM pg_class
      WHERE relnamespace = 'audit'::regnamespace AND relkind = 'r'
      """;

  @TempDir Path folder;

  @Test
  void costs() throws Exception {
    Measured measured = new Measured(RESULT);
    measured.note("events", EVENTS);
    try (AuditHome home = AuditHome.asLaunched(Files.createDirectories(folder.resolve("home")))) {
      ServiceProcess service = home.serve();
      HttpLoads loads = new HttpLoads(URI.create(service.url()), home.key(), OF_A_BATCH);
      byte[] stream = loads.stream();
      loads.oneStream(UUID.randomUUID(), stream);
      try (Connection connection = home.cluster().connect("postgres");
          Statement statement = connection.createStatement()) {
        for (int round = 1; round <= ROUNDS; round++) {
          Map<String, Long> before = sizes(statement);
          double wal = number(statement, "SELECT pg_current_wal_lsn() - '0/0'");
          double ofService = service.cpuSeconds();
          double ofDatabase = home.cluster().cpuSeconds();
          for (int sent = 0; sent < EVENTS; sent += OF_A_BATCH) {
            loads.oneStream(UUID.randomUUID(), stream);
          }
          double share = MILLION / EVENTS;
          measured.round("service, CPU ms", (service.cpuSeconds() - ofService) * 1e3 * share, "");
          measured.round(
              "PostgreSQL, CPU ms", (home.cluster().cpuSeconds() - ofDatabase) * 1e3 * share, "");
          measured.round(
              "write-ahead log, bytes",
              (number(statement, "SELECT pg_current_wal_lsn() - '0/0'") - wal) * share,
              "");
          long all = 0;
          for (Map.Entry<String, Long> table : sizes(statement).entrySet()) {
            long grown = table.getValue() - before.getOrDefault(table.getKey(), 0L);
            all += grown;
            if (grown > 0) {
              measured.round(table.getKey() + ", bytes", grown * share, "");
            }
          }
          measured.round("all tables, bytes", all * share, "");
          measured.round("heap that lives, bytes", service.heap().livingBytes(), "");
        }
      }
    }
    measured.write();
  }

  private static Map<String, Long> sizes(Statement statement) throws SQLException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    try (ResultSet rows = statement.executeQuery(TABLES)) {
      while (rows.next()) {
        sizes.put(rows.getString(1), rows.getLong(2));
      }
    }
    return sizes;
  }

  private static double number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getDouble(1);
    }
  }
}
