package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class SendCommandTest {
  private static final Duration MOST = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final TestService service = new TestService();
  private final String batch = UUID.randomUUID().toString();
  private CommandRun command;

  @BeforeEach
  void openABatch() {
    command = new CommandRun().with(service).in(directory);
    assertThat(service.open(batch)).isNotNull();
  }

  @Test
  void eventsAreNumberedByTheirLinesAndRefusedOnesNamedByThem() throws Exception {
    write(
        "\ufeff{\"type\":\"STARTED\",\"file\":\"é\"}",
        "",
        " {\"type\":\"nonsense\"}",
        "no JSON",
        "{}",
        "{\"type\":\"COMPLETED\",\"file\":\"é\",\"rows\":2,\"position\":70}",
        "{\"type\":\"HEARTBEAT\"}",
        "x".repeat(100_000));

    Result result = command.run("send", batch, "events");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .hasSize(5)
        .anyMatch(line -> line.startsWith("line 3 refused: invalid-event: unknown type"))
        .anyMatch(line -> line.startsWith("line 4 refused: malformed-json: "))
        .anyMatch(line -> line.startsWith("line 5 refused: invalid-event: "))
        .anyMatch(line -> line.startsWith("line 8 refused: too-large: "))
        .anyMatch(line -> line.equals("2 accepted, 0 duplicates, 4 refused"));
    assertThat(ledger()).extracting(row -> row.at("/position").asLong()).containsExactly(1L, 70L);
    assertThat(ledger()).extracting(row -> row.at("/event/file").asString()).containsOnly("é");
    assertThat(service.batch().state().status()).isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void cloudEventsGoAsTheyAreAndCountOnce() throws Exception {
    write(
        "{\"specversion\":\"1.0\",\"source\":\"/w3\",\"id\":\"1\",\"type\":\"io.fileaudit.file.started\",\"subject\":\"a\"}",
        "{\"type\":\"COMPLETED\",\"file\":\"a\"}");
    assertThat(command.run("send", batch, "events").exitCode()).isZero();

    Result again = command.run("send", batch, "events");

    assertThat(again.err()).contains("1 accepted, 1 duplicate");
    assertThat(ledger()).extracting(row -> row.at("/id").asString("")).contains("/w3 1");
  }

  @Test
  void theSameInputOfTheSameProducerCountsOnce() throws Exception {
    write(events(5));
    assertThat(command.run("send", batch, "events", "--producer", "night-1").exitCode()).isZero();
    Result again = command.run("send", batch, "events", "--producer", "night-1");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).isEqualTo("0 accepted, 5 duplicates, 0 refused\n");
    assertThat(ledger()).hasSize(5);
  }

  @Test
  void whateverIsCutOffIsSentAgainAndCountsOnce() throws Exception {
    write(events(40_000));
    int port = URI.create(service.url()).getPort();
    // The first connection is for finding the batch.
    try (CuttingProxy proxy =
        new CuttingProxy(port, Integer.MAX_VALUE, 0, 700_000, 1_500_000, 300, 900_000)) {
      Result result = command.set("AUDIT_URL", proxy.url()).run("send", batch, "events");

      assertThat(result.exitCode()).as(result.err()).isZero();
      assertThat(proxy.connections()).isEqualTo(7);
      assertThat(result.err())
          .contains("reconnecting … (", "the service answers again", " 0 refused");
    }
    assertThat(ledger()).extracting(row -> row.at("/seq").asLong()).hasSize(40_000);
    assertThat(ledger())
        .extracting(row -> row.at("/position").asInt())
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 40_000).boxed().toList());
  }

  @Test
  void whereTheServiceStaysAwayItSaysHowToGoOn() throws Exception {
    write(events(3));
    int port = URI.create(service.url()).getPort();
    try (CuttingProxy proxy = new CuttingProxy(port, Integer.MAX_VALUE, 0, 0, 0, 0, 0, 0, 0)) {
      Result result =
          command
              .set("AUDIT_URL", proxy.url())
              .run("send", batch, "events", "--retry", "PT0.5S", "--producer", "mine");
      assertThat(result.exitCode()).isEqualTo(5);
      assertThat(result.err())
          .contains(
              "0 accepted, 0 duplicates, 0 refused; what is acknowledged is stored. The same input"
                  + " sent again with --producer mine counts once.",
              "audit: no answer from the audit service");
    }
    assertThat(ledger()).isEmpty();
  }

  @Test
  void anEndedBatchIsSaidAtOnceWithItsExitCode() throws Exception {
    write(events(2));
    assertThat(command.run("cancel", batch).exitCode()).isZero();
    Result result = command.run("send", batch, "events");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .contains("line 1 refused: batch-ended: ", "audit: The batch has ended: ");
  }

  @Test
  void whatCannotBeReadOrFoundIsAUsageErrorAndAnAbsentServiceUnreachable() throws Exception {
    assertThat(command.run("send", batch, "gone").exitCode()).isEqualTo(2);
    write(events(1));
    assertThat(command.run("send", "nothing@x", "events").exitCode()).isEqualTo(2);
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Result result =
        command
            .set("AUDIT_URL", "http://127.0.0.1:" + free)
            .run("send", batch, "events", "--retry", "PT0S");
    assertThat(result.exitCode()).isEqualTo(5);
  }

  private static String[] events(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(n -> "{\"type\":\"COMPLETED\",\"file\":\"landing/" + n + "\",\"rows\":1}")
        .toArray(String[]::new);
  }

  private void write(String... lines) throws IOException {
    Files.writeString(
        directory.resolve("events"), String.join("\n", lines), StandardCharsets.UTF_8);
  }

  private List<JsonNode> ledger() {
    try (AuditCalls client = service.client()) {
      return client
          .ledger(UUID.fromString(batch), 0)
          .map(row -> AuditJson.lenient().readTree(row))
          .collectList()
          .block(MOST);
    }
  }
}
