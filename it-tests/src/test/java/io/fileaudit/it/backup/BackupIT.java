package io.fileaudit.it.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.io.File;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A given database is dumped while loaders write to it, and brought back into a fresh one by the
 * commands of docs/backup.md. PostgreSQL 15 has to be installed, with its pg_dump.
 */
@Timeout(300)
class BackupIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final int FILES = 20;
  private static final int BEFORE = 30;
  private static final int AT_ONCE = 4;

  @TempDir Path folder;

  private final Map<UUID, Totals> acknowledged = new ConcurrentHashMap<>();

  @Test
  void whatWasAcknowledgedBeforeTheDumpIsThereAfterItIsRestored() throws Exception {
    TestPostgres server = TestPostgres.external15();
    try (TestDatabase live = server.freshDatabase();
        TestDatabase restored = server.freshDatabase()) {
      Map<UUID, Totals> before;
      Path dump = folder.resolve("audit.dump");
      try (AuditHome home = new AuditHome(Files.createDirectory(folder.resolve("live")))) {
        home.serve(settings(live));
        try (AuditCalls calls = home.client()) {
          AtomicBoolean enough = new AtomicBoolean();
          CompletableFuture<Void> loading = load(calls, enough).toFuture();
          awaitBatches(BEFORE);
          before = Map.copyOf(acknowledged);
          run(live, "pg_dump", "--format=custom", "--file=" + dump);
          assertThat(acknowledged.size()).as("loaded meanwhile").isGreaterThan(before.size());
          enough.set(true);
          loading.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
      }
      run(restored, "pg_restore", "--exit-on-error", "--no-owner", dump.toString());

      try (AuditHome home = new AuditHome(Files.createDirectory(folder.resolve("restored")))) {
        home.serve(settings(restored));
        try (AuditCalls calls = home.client()) {
          for (Map.Entry<UUID, Totals> batch : before.entrySet()) {
            Snapshot found = calls.snapshot(batch.getKey()).block(LIMIT);
            assertThat(found).isNotNull();
            assertThat(found.status()).isEqualTo(BatchStatus.COMPLETED);
            assertThat(found.totals()).isEqualTo(batch.getValue());
            assertThat(calls.allFiles(batch.getKey(), FileFilter.all()).count().block(LIMIT))
                .isEqualTo(FILES);
          }
          Snapshot next = oneBatch(calls).block(LIMIT);
          assertThat(next).isNotNull();
          assertThat(next.status()).isEqualTo(BatchStatus.COMPLETED);
        }
      }
    }
  }

  private Mono<Void> load(AuditCalls calls, AtomicBoolean enough) {
    Flux<Snapshot> loader =
        Mono.defer(() -> oneBatch(calls))
            .doOnNext(ended -> acknowledged.put(ended.id(), ended.totals()))
            .repeat(() -> !enough.get());
    return Flux.range(0, AT_ONCE).flatMap(i -> loader, AT_ONCE).then();
  }

  private static Mono<Snapshot> oneBatch(AuditCalls calls) {
    UUID id = UUID.randomUUID();
    Flux<FileEvent> events =
        Flux.range(1, FILES)
            .map(
                i ->
                    FileEvent.of(EventType.COMPLETED, "f" + i)
                        .rows((long) i)
                        .bytes(100L * i)
                        .position((long) i)
                        .build());
    return calls
        .open(id, BatchSpec.builder().table("sales").expectedFiles(FILES).build())
        .thenMany(calls.send(id, 1, "loader-" + id, events))
        .then(calls.status(id, 1, BatchStatus.COMPLETED, null));
  }

  private void awaitBatches(int count) {
    Mono.fromCallable(() -> acknowledged.size() >= count)
        .filter(Boolean::booleanValue)
        .repeatWhenEmpty(times -> times.delayElements(LOOK_EVERY))
        .block(LIMIT);
  }

  private static Map<String, String> settings(TestDatabase database) {
    return Map.of(
        "AUDIT_DB", url(database, database.serviceUser(), database.servicePassword()),
        "AUDIT_DB_OWNER", url(database, database.ownerUser(), database.ownerPassword()));
  }

  private static String url(TestDatabase database, String user, String password) {
    return "postgresql://%s:%s@%s:%d/%s?sslmode=disable"
        .formatted(
            user,
            URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20"),
            database.host(),
            database.port(),
            database.name());
  }

  private void run(TestDatabase database, String program, String... arguments) throws Exception {
    List<String> line = new ArrayList<>();
    Path debian = Path.of("/usr/lib/postgresql/15/bin", program);
    line.add(Files.exists(debian) ? debian.toString() : program);
    line.addAll(List.of("--host=" + database.host(), "--port=" + database.port()));
    line.addAll(List.of("--username=" + database.ownerUser(), "--dbname=" + database.name()));
    line.addAll(List.of(arguments));
    File said = folder.resolve(program + ".said").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(said);
    builder.environment().put("PGPASSWORD", database.ownerPassword());
    Process process = builder.start();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said.toPath())).isZero();
  }
}
