package io.fileaudit.it.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service with a small heap streams all files of a batch that has more of them than its heap
 * could hold, and is none the worse for readers that go away half-way. {@code
 * -Daudit.it.files=1000000} takes more files.
 */
@Timeout(300)
class ExportIT {
  private static final int FILES = Integer.getInteger("audit.it.files", 200_000);
  private static final int LEAVING_READERS = 15;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final UUID BATCH = UUID.fromString("33333333-3333-4333-8333-333333333333");

  /** Of indexes an export reads one; the others would take most of the time that this takes. */
  private static final String FILL =
      """
      SET synchronous_commit = off;
      DROP INDEX audit.manifest_words, audit.manifest_name, audit.manifest_state, audit.manifest_content;
      INSERT INTO audit.manifest (namespace, batch, file, long_name, state, account, expected)
      SELECT 'default', '%s', 'landing/2025-02/K3241.K03200Y' || i %% 10 || '/' || md5(i::text) || '.csv', '',
          CASE WHEN i %% 3 = 0 THEN 'EXPECTED' ELSE 'RUNNING' END,
          '{"expected":{"run":1,"rows":' || i || '},"attempts":[' || CASE WHEN i %% 3 = 0 THEN ''
            ELSE '{"run":1,"attempt":1,"started":"2026-11-26T14:42:51.616884Z"}' END || ']}', true
        FROM generate_series(1, %d) i;
      ANALYZE audit.manifest
      """;

  private record Rows(long count, String names) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private AuditHome home;
  private ServiceProcess service;

  @Test
  void everyFileIsStreamedAndLeavingReadersLeaveNothingBehind(@TempDir Path folder)
      throws Exception {
    try (AuditHome started = new AuditHome(folder)) {
      home = started;
      service = home.serve(Map.of("JAVA_TOOL_OPTIONS", "-Xmx128m"));
      try (InputStream opened = call("PUT", "", "application/json", "{}")) {
        assertThat(opened.readAllBytes()).isNotEmpty();
      }
      try (Connection superuser = home.cluster().connect("postgres");
          Statement statement = superuser.createStatement()) {
        statement.execute(FILL.formatted(BATCH, FILES));
        Rows all = stored(statement, "true");

        assertThat(all.count()).isEqualTo(FILES);
        assertThat(streamed("/files", "application/x-ndjson", ExportIT::name)).isEqualTo(all);
        assertThat(streamed("/files?state=RUNNING", "text/csv", ExportIT::cell))
            .isEqualTo(stored(statement, "state = 'RUNNING'"));
        assertThat(streamed("/reconciliation?finding=missing", "text/csv", ExportIT::cell))
            .isEqualTo(stored(statement, "state = 'EXPECTED'"));

        for (int i = 0; i < LEAVING_READERS; i++) {
          leaveHalfWay();
        }
        awaitNothingActive(statement);
        assertThat(streamed("/files?q=csv&page_size=1", "text/csv", ExportIT::cell)).isEqualTo(all);
      }
      assertThat(service.said()).doesNotContain("OutOfMemory", "LEAK", " ERROR ");
      service.terminate();
    }
  }

  private static String name(String line) {
    return AuditJson.lenient().readTree(line).path("file").asString();
  }

  private static String cell(String line) {
    return line.substring(0, line.indexOf(','));
  }

  private Rows streamed(String path, String type, Function<String, String> name) throws Exception {
    MessageDigest names = MessageDigest.getInstance("MD5");
    long count = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(call("GET", path, type, ""), StandardCharsets.UTF_8))) {
      if (type.equals("text/csv")) {
        assertThat(lines.readLine()).startsWith("file,");
      }
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        names.update((name.apply(line) + "\n").getBytes(StandardCharsets.UTF_8));
        count++;
      }
    }
    return new Rows(count, HexFormat.of().formatHex(names.digest()));
  }

  private static Rows stored(Statement statement, String where) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT count(*), md5(string_agg(file || E'\\n', '' ORDER BY file COLLATE \"C\")) FROM audit.manifest WHERE "
                + where)) {
      row.next();
      return new Rows(row.getLong(1), row.getString(2));
    }
  }

  private void leaveHalfWay() throws Exception {
    try (InputStream body = call("GET", "/files", "application/x-ndjson", "")) {
      assertThat(body.readNBytes(200_000)).hasSize(200_000);
    }
  }

  private static void awaitNothingActive(Statement statement) throws SQLException {
    long end = System.nanoTime() + LIMIT.toNanos();
    long active = Long.MAX_VALUE;
    while (active > 0 && System.nanoTime() < end) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT count(*) FROM pg_stat_activity WHERE usename = 'audit_service'"
                  + " AND state <> 'idle' AND query LIKE '%manifest%'")) {
        row.next();
        active = row.getLong(1);
      }
    }
    assertThat(active).as("statements for readers that went away").isZero();
  }

  private InputStream call(String method, String path, String accept, String body)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/batches/" + BATCH + path))
                .header("Authorization", "Bearer " + home.key())
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isLessThan(300);
    return answer.body();
  }
}
