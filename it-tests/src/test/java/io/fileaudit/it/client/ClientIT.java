package io.fileaudit.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** A service that is killed or frozen, and a loader that is killed, lose and repeat nothing. */
@Timeout(240)
class ClientIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int THREADS = 8;
  private static final int FAULTS = 2;
  private static final Duration BETWEEN_FAULTS = Duration.ofMillis(700);

  @TempDir Path folder;
  private AuditHome home;

  @BeforeEach
  void begin() throws Exception {
    home = new AuditHome(folder);
  }

  @AfterEach
  void end() {
    home.close();
  }

  private interface Fault {
    void happen() throws Exception;
  }

  /** Eight threads share one batch and report until the faults are over. */
  private DeliveryReport loadDuring(BlockingBatch batch, Fault fault) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger files = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> loaders = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      loaders.add(
          threads.submit(
              () -> {
                while (!over.get()) {
                  String file = "file-" + files.incrementAndGet();
                  batch.started(file);
                  batch.completed(file, 10, 100, null);
                  TimeUnit.MICROSECONDS.sleep(500);
                }
                return null;
              }));
    }
    for (int i = 0; i < FAULTS; i++) {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_FAULTS.toMillis());
      fault.happen();
    }
    TimeUnit.MILLISECONDS.sleep(BETWEEN_FAULTS.toMillis());
    over.set(true);
    for (Future<?> loader : loaders) {
      loader.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    DeliveryReport report = batch.complete();
    assertThat(report.acknowledged()).isEqualTo(2L * files.get());
    return report;
  }

  private static List<Long> positions(AuditCalls calls, UUID batch) {
    return Objects.requireNonNull(
        calls
            .ledger(batch, 0)
            .map(row -> AuditJson.lenient().readTree(row).path("position"))
            .filter(position -> position.isNumber())
            .map(position -> position.asLong())
            .sort()
            .collectList()
            .block(PATIENCE));
  }

  private static void assertLedgerIsWhatTheReportSays(AuditCalls calls, DeliveryReport report) {
    Snapshot ended = Objects.requireNonNull(report.ended());
    assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(ended.totals().events()).isEqualTo(report.acknowledged());
    assertThat(positions(calls, report.batch()))
        .isEqualTo(LongStream.rangeClosed(1, report.acknowledged()).boxed().toList());
  }

  @Test
  void aServiceThatIsKilledLosesAndRepeatsNothing() throws Exception {
    ServiceProcess[] service = {home.serve()};
    String port = Integer.toString(URI.create(service[0].url()).getPort());
    try (AuditClient client = AuditClient.builder().url(service[0].url()).key(home.key()).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());

      DeliveryReport report =
          loadDuring(
              batch,
              () -> {
                service[0].kill();
                service[0] = home.serve("--port", port);
              });

      assertLedgerIsWhatTheReportSays(client.calls(), report);
    }
  }

  @Test
  void aServiceThatIsFrozenLosesAndRepeatsNothing() throws Exception {
    ServiceProcess service = home.serve();
    try (AuditClient client =
        AuditClient.builder()
            .url(service.url())
            .key(home.key())
            .responseTimeout(Duration.ofSeconds(1))
            .build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());

      DeliveryReport report =
          loadDuring(
              batch,
              () -> {
                signal("-STOP", service.pid());
                TimeUnit.SECONDS.sleep(3);
                signal("-CONT", service.pid());
              });

      assertLedgerIsWhatTheReportSays(client.calls(), report);
    }
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor()).isZero();
  }

  @Test
  void whatAKilledLoaderHadOnItsDiskIsDeliveredByTheNext() throws Exception {
    ServiceProcess service = home.serve();
    String port = Integer.toString(URI.create(service.url()).getPort());
    Path spool = folder.resolve("spool");
    UUID id = UUID.randomUUID();
    Process loader =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SpoolingLoader.class.getName(),
                service.url(),
                home.key(),
                spool.toString(),
                id.toString())
            .redirectError(folder.resolve("loader.err").toFile())
            .start();
    long safe;
    try (BufferedReader said = loader.inputReader()) {
      safe = Long.parseLong(said.readLine());
      service.kill();
      while (safe < 5_000 || !isSpooled(spool)) {
        safe = Long.parseLong(said.readLine());
      }
      loader.toHandle().destroyForcibly(); // The process's own method would close what it said.
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        safe = Long.parseLong(line);
      }
    } finally {
      loader.destroyForcibly().waitFor();
    }

    ServiceProcess again = home.serve("--port", port);
    try (AuditClient next =
        AuditClient.builder().url(again.url()).key(home.key()).spool(spool).build()) {
      Mono.fromCallable(() -> isSpooled(spool))
          .repeatWhen(ends -> ends.delayElements(Duration.ofMillis(50)))
          .takeUntil(spooled -> !spooled)
          .blockLast(PATIENCE);

      List<Long> positions = positions(next.calls(), id);
      assertThat(positions).hasSizeGreaterThanOrEqualTo((int) safe);
      assertThat(positions).isEqualTo(LongStream.rangeClosed(1, positions.size()).boxed().toList());
    }
  }

  private static boolean isSpooled(Path spool) throws IOException {
    try (Stream<Path> places = Files.list(spool)) {
      return places.findAny().isPresent();
    }
  }
}
