package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.server.InMemoryAuditServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What a client needs, counts and takes from its environment. */
class ClientSetupTest {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static final Pattern SAID = Pattern.compile("\\d+ [0-9a-f-]{36}");
  private static InMemoryAuditServer server;

  @TempDir private Path directory;

  /** Run in a process of its own. */
  static final class Loader {
    private Loader() {}

    public static void main(String[] arguments) {
      try (AuditClient client = AuditClient.fromEnvironment().build()) {
        DeliveryReport report =
            client
                .blocking()
                .run(spec -> spec.table("t"), batch -> batch.completed("a", 1, 1, null));
        System.out.println(report.acknowledged() + " " + report.batch());
      }
    }
  }

  @BeforeAll
  static void start() {
    server = InMemoryAuditServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private String load(String disabled) throws Exception {
    String classes =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("micrometer") && !entry.contains("spring"))
            .collect(Collectors.joining(File.pathSeparator));
    Path out = directory.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                Loader.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("AUDIT_URL", server.url());
    builder.environment().put("AUDIT_KEY", server.key());
    builder.environment().put("AUDIT_DISABLED", disabled);
    builder.environment().put("AUDIT_SPOOL", directory.resolve("spool").toString());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readString(out).lines().filter(SAID.asMatchPredicate()).findFirst().orElseThrow();
  }

  @Test
  void itNeedsNeitherMicrometerNorSpringAndTakesItsEnvironment() throws Exception {
    String[] said = load("false").split(" ");

    assertThat(said[0]).isEqualTo("1");
    try (AuditClient client = server.client().build()) {
      Snapshot ended =
          Objects.requireNonNull(client.calls().snapshot(UUID.fromString(said[1])).block(MOST));
      assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
    }
    assertThat(directory.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void theEnvironmentCanSwitchItOff() throws Exception {
    assertThat(load("true")).startsWith("0 ");
    assertThat(directory.resolve("spool")).doesNotExist();
  }

  @Test
  void itCountsWhatBecomesOfEvents() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (AuditClient client = server.client().meters(registry).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      batch.completed("a", 1, 1, null);
      batch.report(FileEvent.of(EventType.COMPLETED, "b").rows(-1L).build());
      batch.flush();

      assertThat(events(registry, "acknowledged")).isEqualTo(1);
      assertThat(events(registry, "refused")).isEqualTo(1);
      assertThat(events(registry, "undelivered")).isZero();
      assertThat(registry.get("audit.client.retries").counter().count()).isZero();
    }
  }

  private static double events(SimpleMeterRegistry registry, String outcome) {
    return registry.get("audit.client.events").tag("outcome", outcome).counter().count();
  }

  @Test
  void aBatchMayBePartOfAnother() {
    try (AuditClient client = server.client().build()) {
      BlockingBatch parent = client.blocking().open(spec -> spec.table("t"));
      client
          .blocking()
          .run(
              spec -> spec.parent(parent.id()).table("t"), part -> part.completed("a", 5, 1, null));
      DeliveryReport report = parent.complete();

      assertThat(Objects.requireNonNull(report.ended()).totals().rows()).isEqualTo(5);
    }
  }

  @Test
  void theImperativeFormRefusesThreadsThatServeOthers() {
    try (AuditClient client = server.client().build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());

      StepVerifier.create(
              Mono.fromRunnable(() -> batch.started("a")).subscribeOn(Schedulers.parallel()))
          .expectErrorSatisfies(
              error ->
                  assertThat(error)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("must not wait"))
          .verify(MOST);
      assertThat(batch.report().undelivered()).isZero();
    }
  }

  @Test
  void anEventWithoutAJsonFormIsToldAtOnceAndCostsNothing() {
    try (AuditClient client = server.client().build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      assertThatThrownBy(() -> batch.started("half \ud800 a pair"))
          .isInstanceOf(IllegalArgumentException.class);
      batch.completed("a", 1, 1, null);

      assertThat(batch.complete().acknowledged()).isEqualTo(1);
    }
  }
}
