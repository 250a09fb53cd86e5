package io.fileaudit.it.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Loaders that go away in the middle: no commit is undone and no connection is spoilt. */
@Timeout(240)
class AbortIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int REQUESTS = 10_000;
  private static final int AT_ONCE = 16;

  @TempDir Path folder;

  private final AtomicInteger broken = new AtomicInteger();

  @Test
  void tenThousandAbortedRequestsLeaveEverythingWhole() throws Exception {
    try (AuditHome home = new AuditHome(folder)) {
      ServiceProcess service = home.serve();
      try (AuditCalls client = home.client()) {
        UUID batch =
            Objects.requireNonNull(client.open(BatchSpec.builder().build()).block(PATIENCE)).id();
        String key = home.key();
        URI url = URI.create(service.url());
        now(
            Flux.range(0, REQUESTS)
                .flatMap(
                    n ->
                        Mono.fromRunnable(() -> abort(url, key, batch, n))
                            .subscribeOn(Schedulers.boundedElastic()),
                    AT_ONCE)
                .then(Mono.just(true)));
        assertThat(broken).as("requests that were not even begun").hasValueLessThan(100);

        Ack all = now(resend(client, batch).reduce(Ack::and));

        assertThat(all.accepted() + all.duplicates()).isEqualTo(REQUESTS);
        assertThat(all.refused()).isZero();
        assertThat(all.duplicates()).as("whole lines of aborted requests").isPositive();
        Snapshot snapshot = now(client.snapshot(batch));
        assertThat(snapshot.totals().events()).isEqualTo(REQUESTS);
        assertThat(snapshot.totals().rowsInFlight()).isEqualTo(REQUESTS);
        assertThat(snapshot.totals().refused()).as("half a line leaves no trace").isZero();
        assertThat(now(client.ledger(batch, 0).count())).isEqualTo(REQUESTS);
        assertConnectionsAreWhole(home);
      }
    }
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(Duration.ofMinutes(2)));
  }

  /** Begins a request with one whole line and half of another, and resets the connection. */
  private void abort(URI url, String key, UUID batch, int n) {
    String line =
        "{\"type\":\"PROGRESS\",\"file\":\"f" + n + "\",\"rows\":1,\"position\":" + n + "}\n";
    String body = line + line.substring(0, n % line.length());
    String head =
        "POST /api/v1/batches/"
            + batch
            + "/events HTTP/1.1\r\nHost: audit\r\nAuthorization: Bearer "
            + key
            + "\r\nAudit-Producer: aborting\r\nContent-Type: application/x-ndjson\r\n"
            + (n % 2 == 0 ? "Accept: application/x-ndjson\r\n" : "")
            + "Content-Length: 100000\r\n\r\n";
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoLinger(true, 0);
      OutputStream out = socket.getOutputStream();
      out.write((head + body).getBytes(StandardCharsets.UTF_8));
      out.flush();
      if (n % 4 == 0) {
        socket.setSoTimeout(20 + n % 50);
        socket.getInputStream().read();
      }
    } catch (java.net.SocketTimeoutException e) {
      // No answer yet: gone all the same.
    } catch (IOException e) {
      broken.incrementAndGet();
    }
  }

  private static Flux<Ack> resend(AuditCalls client, UUID batch) {
    return client.send(
        batch,
        1,
        "aborting",
        Flux.range(0, REQUESTS)
            .map(
                n ->
                    FileEvent.of(EventType.PROGRESS, "f" + n).rows(1L).position((long) n).build()));
  }

  /**
   * No transaction is left open, and no more connections are held than the pool may have and the
   * one that listens.
   */
  private static void assertConnectionsAreWhole(AuditHome home) throws IOException, SQLException {
    try (Connection connection = home.cluster().connect("audit_service");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FILTER (WHERE state <> 'idle'), count(*) FROM pg_stat_activity"
                    + " WHERE application_name = 'file-audit' AND xact_start < now() - interval '5 seconds'"
                    + "    OR application_name = 'file-audit' AND state = 'idle'")) {
      rows.next();
      assertThat(List.of(rows.getInt(1))).containsExactly(0);
      assertThat(rows.getInt(2)).isBetween(1, 11);
    }
  }
}
