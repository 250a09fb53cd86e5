package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** {@code verify} and {@code checkpoint}, and what their exit codes say. */
class VerifyCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final TestService service = new TestService();
  private CommandRun command;
  private String key = "";

  @BeforeEach
  void callAsSomebodyWhoKeptTheKey() {
    command = new CommandRun().with(service).in(directory);
    try (var client = service.client()) {
      key = client.checkpoint(null).block(PATIENCE).key();
    }
  }

  private String ended() {
    String batch = command.run("open").out().strip();
    command.run("cancel", batch);
    return batch;
  }

  @Test
  void endedBatchIsIntact() {
    String batch = ended();

    Result found = command.run("verify", batch, "--key", key);

    assertThat(found.exitCode()).as("%s", found).isZero();
    assertThat(found.out()).startsWith("intact: batch " + batch + ", 1 rows, signed by fileaudit/");
    JsonNode json =
        AuditJson.lenient()
            .readTree(command.run("verify", batch, "--key", key, "-o", "json").out())
            .get(0);
    assertThat(json.get("result").asString()).isEqualTo("intact");
    assertThat(json.get("tampered").size()).isZero();
  }

  @Test
  void whateverLifeABatchHadNothingThatIsShownOfItIsCalledTampered() throws Exception {
    List<UUID> lives = new ArrayList<>();
    try (AuditCalls client = service.client()) {
      UUID resumed = open(client, spec -> spec.table("t").period("1").label("a", "b"));
      send(
          client,
          resumed,
          1,
          "{\"type\":\"EXPECTED\",\"file\":\"a\",\"rows\":4}",
          "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":3,\"rejected_rows\":1,\"bytes\":9}",
          "{\"type\":\"NONSENSE\"}");
      client.status(resumed, 1, BatchStatus.FAILED, "why").block(PATIENCE);
      client.status(resumed, 1, BatchStatus.RUNNING, null).block(PATIENCE);
      send(client, resumed, 2, "{\"type\":\"PROGRESS\",\"file\":\"b\",\"rows\":5}");
      client.status(resumed, 2, BatchStatus.COMPLETED, null).block(PATIENCE);
      UUID parent = open(client, spec -> spec.table("whole"));
      UUID completed = open(client, spec -> spec.table("part").parent(parent));
      UUID cancelled = open(client, spec -> spec.table("part").parent(parent));
      send(client, completed, 1, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":3}");
      client.status(completed, 1, BatchStatus.COMPLETED, null).block(PATIENCE);
      send(client, parent, 1, "{\"type\":\"SKIPPED\",\"file\":\"own\"}");
      client.status(parent, 1, BatchStatus.CANCELLED, null).block(PATIENCE);
      UUID run = UUID.randomUUID();
      report(run, "START", 1);
      report(run, "COMPLETE", 5);
      UUID revised = UUID.randomUUID();
      report(revised, "COMPLETE", 5);
      report(revised, "START", 1);
      report(revised, "FAIL", 6);
      lives.addAll(List.of(resumed, parent, completed, cancelled, run, revised));
    }

    for (UUID batch : lives) {
      Result found = command.run("verify", batch.toString(), "--key", key);
      assertThat(found.exitCode()).as("%s", found).isZero();
    }
  }

  private static UUID open(AuditCalls client, UnaryOperator<BatchSpec.Builder> spec) {
    return client.open(spec.apply(BatchSpec.builder()).build()).block(PATIENCE).id();
  }

  private static void send(AuditCalls client, UUID batch, int run, String... lines) {
    client
        .sendJson(
            batch, run, null, Flux.just(lines).map(line -> line.getBytes(StandardCharsets.UTF_8)))
        .blockLast(PATIENCE);
  }

  /** A report of OpenLineage, by which more came out than its input brought. */
  private void report(UUID run, String state, int second) throws Exception {
    String report =
        """
        {"eventType":"%s","eventTime":"2026-11-29T01:00:0%d.000Z","run":{"runId":"%s"},
         "job":{"namespace":"n","name":"j"},"inputs":[{"namespace":"s3","name":"in"}],
         "outputs":[{"namespace":"pg","name":"t","outputFacets":{"outputStatistics":{
           "rowCount":7,"size":70,"_producer":"http://x","_schemaURL":"http://x"}}}],
         "producer":"http://x","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json"}
        """
            .formatted(state, second, run);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/lineage"))
            .header("Authorization", "Bearer " + TestService.KEY)
            .header("Audit-Namespace", service.namespace())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(report))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  @Test
  void tableAndPeriodMayLookLikeAFile() {
    command.run("open", "--table", "etl/loads", "--period", "2025/02.zip");

    Result found = command.run("verify", "etl/loads@2025/02.zip", "--key", key);

    assertThat(found.exitCode()).as("%s", found).isEqualTo(7);
    assertThat(found.out()).contains("missing: run 1 is open");
  }

  @Test
  void openBatchIsIncomplete() {
    String batch = command.run("open").out().strip();

    Result found = command.run("verify", batch, "--key", key);

    assertThat(found.exitCode()).isEqualTo(7);
    assertThat(found.out()).startsWith("incomplete: ").contains("missing: run 1 is open");
  }

  @Test
  void bundleIsVerifiedWithoutTheService() throws IOException {
    String batch = ended();
    Files.writeString(directory.resolve("signing.pub"), key + "\n");
    assertThat(command.run("verify", batch, "--key", key, "--save", "b.zip").exitCode()).isZero();
    CommandRun alone = new CommandRun().in(directory).set("AUDIT_URL", "http://127.0.0.1:1");

    assertThat(alone.run("verify", "b.zip", "--key", "signing.pub").exitCode()).isZero();
    Result keyless = alone.run("verify", "b.zip");
    assertThat(keyless.exitCode()).isEqualTo(7);
    assertThat(keyless.out()).contains("no key is given that is trusted");
    String other = NoteSigner.generate("x", new SecureRandom()).key().toString();
    Result foreign = alone.run("verify", "b.zip", "--key", other);
    assertThat(foreign.exitCode()).isEqualTo(6);
    assertThat(foreign.out()).startsWith("tampered: ");
  }

  @Test
  void keyOfTheDataDirectoryIsTakenForItsOwnServiceAlone() throws IOException {
    String batch = ended();
    Path data = Files.createDirectories(directory.resolve("data"));
    Files.writeString(data.resolve("signing.pub"), key + "\n");

    assertThat(command.run("verify", batch, "--data", "data").exitCode()).isZero();
    assertThat(command.run("key", "--public", "--data", "data").out().strip()).isEqualTo(key);
    Files.writeString(
        data.resolve("signing.pub"), NoteSigner.generate("x", new SecureRandom()).key() + "\n");
    assertThat(command.run("verify", batch, "--data", "data").exitCode()).isEqualTo(7);
    assertThat(command.run("key", "--public", "--data", "none").exitCode()).isEqualTo(4);
  }

  @Test
  void headThatWasKeptIsHeldAgainstTheLedger() {
    String batch = ended();

    Result found =
        command.run(
            "verify",
            batch,
            "--key",
            key,
            "--head",
            "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");

    assertThat(found.exitCode()).isEqualTo(6);
    assertThat(found.out()).contains("tampered: row 0 was changed: the head that was kept");
  }

  @Test
  void wholeLogIsVerified() {
    ended();

    Result found = command.run("verify", "--log", "--key", key);

    assertThat(found.exitCode()).as("%s", found).isZero();
    assertThat(found.out()).startsWith("intact: the log, ");
  }

  @Test
  void checkpointGoesOnFromOneThatWasKept() throws IOException {
    ended();
    Result first = command.run("checkpoint", "--key", key);
    Files.writeString(directory.resolve("monday.txt"), first.out());
    ended();
    Result second = command.run("checkpoint", "--since", "monday.txt", "--key", key);

    assertThat(first.exitCode()).isZero();
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(second.err()).contains("begins with the");
    assertThat(command.run("checkpoint", "--since", "monday.txt").exitCode()).isEqualTo(7);
    Files.writeString(
        directory.resolve("monday.txt"), first.out().replaceFirst("\n\\d+\n", "\n0\n"));
    Result forged = command.run("checkpoint", "--since", "monday.txt", "--key", key);
    assertThat(forged.exitCode()).isEqualTo(6);
    assertThat(forged.err()).contains("monday.txt is not what was signed");
  }

  @Test
  void checkpointOfAnEarlierKeyIsVerifiedByThatOne() throws IOException {
    ended();
    String[] now = command.run("checkpoint", "--key", key).out().split("\n");
    NoteSigner earlier = NoteSigner.generate("earlier", new SecureRandom());
    Files.writeString(
        directory.resolve("monday.txt"), earlier.sign("earlier\n" + now[1] + "\n" + now[2] + "\n"));
    Files.writeString(directory.resolve("both.pub"), key + "\n" + earlier.key() + "\n");

    Result without = command.run("checkpoint", "--since", "monday.txt", "--key", key);
    assertThat(without.exitCode()).isEqualTo(7);
    assertThat(without.err()).contains("monday.txt is signed by another key than ");
    Result both = command.run("checkpoint", "--since", "monday.txt", "--key", "both.pub");
    assertThat(both.exitCode()).as("%s", both).isZero();
    Result repeated =
        command.run(
            "checkpoint", "--since", "monday.txt", "--key", earlier.key().toString(), "--key", key);
    assertThat(repeated.exitCode()).as("%s", repeated).isZero();
  }

  @Test
  void whatCannotBeVerifiedIsAUsageError() throws IOException {
    Files.writeString(directory.resolve("a.zip"), "no zip");

    assertThat(command.run("verify").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", "a.zip").err()).contains("is no ZIP file");
    assertThat(command.run("verify", "a.zip").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", "b.zip").err()).contains("there is no file b.zip");
    assertThat(command.run("verify", "b.zip").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", "a.zip", "--log").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", "a.zip", "--key", "a+b").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", "a.zip", "--key", "nowhere").exitCode()).isEqualTo(2);
    assertThat(command.run("verify", ended(), "--head", "x").exitCode()).isEqualTo(2);
    assertThat(command.run("checkpoint", "--since", "nowhere").exitCode()).isEqualTo(2);
    assertThat(command.run("key", "--link", "--public").exitCode()).isEqualTo(2);
  }
}
