package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast events become durable, beside what plain JDBC does with the same rows on the same
 * PostgreSQL in the same run: client, service and database share the machine, and the ways take
 * turns. Run it by {@code .ci/bench IngestBench}; {@code -Daudit.bench.rounds}, {@code
 * -Daudit.bench.parts} and {@code -Daudit.bench.java} (options of the service's JVM) change it.
 */
class IngestBench {
  private static final int EVENTS = 400_000;
  private static final int SINGLE_ROWS = 2_000;
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 5);
  private static final String PARTS = System.getProperty("audit.bench.parts", "abcdefgh");
  private static final Path RESULT = Path.of("target", "bench", "ingest.json");

  @TempDir Path folder;

  private final Measured measured = new Measured(RESULT);
  private AuditHome home;
  private ServiceProcess service;
  private HttpLoads http;

  private interface Way {
    long nanos() throws Exception;
  }

  @Test
  void ingest() throws Exception {
    try (AuditHome started = AuditHome.asLaunched(folder)) {
      home = started;
      service = home.serve();
      settings();
      http = new HttpLoads(URI.create(service.url()), home.key(), EVENTS);
      byte[] stream = http.stream();
      UUID first = UUID.randomUUID();
      http.oneStream(first, stream);
      JdbcWriters jdbc = new JdbcWriters(this::superuser, first);
      assertThat(jdbc.size()).isEqualTo(EVENTS);
      warmUp(jdbc, stream);
      if (PARTS.contains("g")) {
        settle();
        new LatencyBench(URI.create(service.url()), home.key(), measured).run();
      }
      for (int round = 1; round <= ROUNDS; round++) {
        System.out.println("round " + round);
        part("a", "limit: COPY and one merge", EVENTS, jdbc::limit);
        part("e", "service, one stream", EVENTS, () -> http.oneStream(UUID.randomUUID(), stream));
        part("b", "row by row, 1 thread", SINGLE_ROWS, () -> jdbc.rowByRow(SINGLE_ROWS, 1));
        part(
            "c", "row by row, 4 threads", SINGLE_ROWS * 4, () -> jdbc.rowByRow(SINGLE_ROWS * 4, 4));
        part("d", "JDBC batches of 1,000", EVENTS / 10, () -> jdbc.batched(EVENTS / 10));
        part("f", "service, 1,000 batches", EVENTS, http::manyBatches);
      }
      measured.ratio("e/a", name("e"), name("a"));
      measured.ratio("e/c", name("e"), name("c"));
      measured.ratio("f/e", name("f"), name("e"));
      if (PARTS.contains("h")) {
        new GrowthBench(URI.create(service.url()), home.key(), measured).run();
      }
      measured.write();
      service.terminate();
    }
  }

  private Connection superuser() throws IOException, SQLException {
    return home.cluster().connect("postgres", "reWriteBatchedInserts=true");
  }

  private void settings() throws Exception {
    try (Connection connection = superuser();
        Statement statement = connection.createStatement()) {
      for (String name :
          List.of("server_version", "fsync", "synchronous_commit", "full_page_writes")) {
        try (ResultSet row = statement.executeQuery("SHOW " + name)) {
          row.next();
          measured.note(name, row.getString(1));
        }
      }
    }
  }

  private void warmUp(JdbcWriters jdbc, byte[] stream) throws Exception {
    jdbc.limit();
    jdbc.batched(EVENTS / 10);
    for (int i = 0; i < 3; i++) {
      http.oneStream(UUID.randomUUID(), stream);
    }
    if (PARTS.contains("f")) {
      http.manyBatches();
    }
  }

  /** What went before must not be written out at the cost of what comes. */
  private void settle() throws Exception {
    try (Connection connection = superuser();
        Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT");
    }
  }

  private static String name(String letter) {
    return letter + ", events/s";
  }

  private void part(String letter, String what, int events, Way way) throws Exception {
    if (!PARTS.contains(letter)) {
      return;
    }
    settle();
    double serviceBefore = service.cpuSeconds();
    double databaseBefore = home.cluster().cpuSeconds();
    double seconds = way.nanos() / 1e9;
    double database = home.cluster().cpuSeconds() - databaseBefore;
    double own = service.cpuSeconds() - serviceBefore;
    measured.round(
        name(letter),
        events / seconds,
        String.format(
            Locale.ROOT,
            "(%s; CPU per event: service %.1f µs, PostgreSQL %.1f µs)",
            what,
            own * 1e6 / events,
            database * 1e6 / events));
  }
}
