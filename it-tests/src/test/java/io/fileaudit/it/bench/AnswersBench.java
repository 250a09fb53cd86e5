package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long each list and report takes over 200,000 batches and one of a million files, from the
 * request to the last byte, one call after the other. Run it by {@code .ci/bench AnswersBench};
 * {@code -Daudit.bench.files} and {@code -Daudit.bench.calls} change it.
 */
class AnswersBench {
  private static final int FILES = Integer.getInteger("audit.bench.files", 1_000_000);
  private static final int CALLS = Integer.getInteger("audit.bench.calls", 200);
  private static final int WARM_UP = 20;
  private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

  /** What takes longer than this is called less often. */
  private static final Duration SLOW = Duration.ofMillis(100);

  private static final String FILE = "/batches/" + LargeDatabase.MANY_FILES;
  private static final String FULL_NAME =
      "landing/leste/2025-02/K3241.K03200Y4.D40266.PART-0012344.SOCIOCSV";

  private static final List<String> OF_BATCHES =
      List.of(
          "/batches",
          "/batches?status=RUNNING",
          "/batches?status=FAILED,TIMED_OUT",
          "/batches?status=CANCELLED",
          "/batches?open=true",
          "/batches?table=table_1",
          "/batches?period=p1",
          "/batches?table=table_1&period=p1",
          "/batches?table=table_1&status=FAILED",
          "/batches?label=team=team-7",
          "/batches?label=team=none",
          "/batches?parent=" + LargeDatabase.MANY_FILES,
          "/batches?flag=silent",
          "/batches?q=TABLE_1",
          "/batches?q=no%2077777",
          "/batches?q=nowhere",
          "/tables",
          "/tables?table=table_1",
          "/tables?period=p1",
          "/tables?status=RUNNING",
          "/tables?status=FAILED",
          "/tables?status=CANCELLED",
          "/tables/table_1/periods/p1",
          "/summary?period=p1",
          "/summary");

  private static final List<String> OF_FILES =
      List.of(
          "/files?file=" + FULL_NAME,
          "/files?checksum=sha256:none",
          FILE,
          FILE + "/files",
          FILE + "/files?state=FAILED",
          FILE + "/files?state=SKIPPED",
          FILE + "/files?error=code-3",
          FILE + "/files?q=EMPRECSV",
          FILE + "/files?q=0012345",
          FILE + "/files?q=" + FULL_NAME,
          FILE + "/files?q=D40100",
          FILE + "/files?q=oeste",
          FILE + "/files?q=nowhere",
          FILE + "/files?q=zz",
          FILE + "/failures",
          FILE + "/reconciliation",
          FILE + "/reconciliation?finding=missing",
          FILE + "/reconciliation?finding=short",
          FILE + "/reconciliation?finding=unfinished",
          FILE + "/reconciliation?finding=duplicate_content");

  @TempDir Path folder;

  private final Measured measured = new Measured(Path.of("target", "bench", "answers.json"));

  @Test
  void answers() throws Exception {
    try (AuditHome home = AuditHome.asLaunched(folder)) {
      ServiceProcess service = home.serve();
      long begun = System.nanoTime();
      try (Connection superuser = home.cluster().connect("postgres")) {
        LargeDatabase.fill(superuser, FILES);
        sizes(superuser);
      }
      measured.note("filled in, seconds", (System.nanoTime() - begun) / 1_000_000_000);
      URI url = URI.create(service.url());
      try (RawHttp http = new RawHttp(url, home.key())) {
        for (String path : OF_BATCHES) {
          time(http, LargeDatabase.WIDE, path);
          time(http, LargeDatabase.DEEP, path);
        }
        for (String path : OF_FILES) {
          time(http, LargeDatabase.WIDE, path);
        }
      }
      measured.write();
      service.terminate();
    }
  }

  private void sizes(Connection superuser) throws Exception {
    try (Statement statement = superuser.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT relname, pg_relation_size(oid) >> 20 FROM pg_class WHERE relname LIKE 'manifest%' ORDER BY 2 DESC")) {
      while (row.next()) {
        measured.note(row.getString(1) + ", MiB", row.getLong(2));
      }
    }
  }

  private void time(RawHttp http, String namespace, String path) throws IOException {
    Histogram latency = new Histogram(LONGEST_CALL.toNanos(), 3);
    int calls = CALLS;
    for (int i = -WARM_UP; i < calls; i++) {
      long begun = System.nanoTime();
      String answer = http.get("/api/v1" + path, namespace);
      long nanos = System.nanoTime() - begun;
      assertThat(answer).startsWith("{");
      if (nanos > SLOW.toNanos()) {
        calls = Math.min(calls, CALLS / 10);
        i = Math.max(i, -1);
      }
      if (i >= 0) {
        latency.recordValue(nanos);
      }
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("p50_ms", millis(latency, 50));
    result.put("p99_ms", millis(latency, 99));
    measured.note(namespace + " " + path, result);
  }

  private static double millis(Histogram latency, double percentile) {
    return Double.parseDouble(
        String.format(Locale.ROOT, "%.1f", latency.getValueAtPercentile(percentile) / 1e6));
  }
}
