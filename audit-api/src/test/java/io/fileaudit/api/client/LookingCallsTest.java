package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.StubService.Answer;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.PeriodReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Waiting for changes, what did not arrive, and lines as the caller has them. */
class LookingCallsTest {
  private static final Duration MOST = Duration.ofSeconds(30);
  private static final UUID BATCH = UUID.fromString(WireExamples.BATCH);

  @Test
  void aFirstLookIsAnsweredAtOnceWithItsTag() {
    List<String> asked = new CopyOnWriteArrayList<>();
    try (StubService service =
            StubService.handling(
                (request, response) -> {
                  asked.add(request.uri() + " " + request.requestHeaders().get("If-None-Match"));
                  return response
                      .header("Content-Type", "application/json")
                      .header("ETag", "W/\"2-812\"")
                      .sendString(Mono.just(WireExamples.SNAPSHOT));
                });
        AuditCalls client = service.client().calls()) {
      Tagged<Snapshot> seen = client.snapshot(BATCH, Duration.ofSeconds(30), null).block(MOST);

      assertThat(seen.tag()).isEqualTo("W/\"2-812\"");
      assertThat(seen.value().status()).isEqualTo(BatchStatus.RUNNING);
      assertThat(asked).containsExactly("/api/v1/batches/" + BATCH + " null");
      assertThat(client.snapshot(BATCH, Duration.ofSeconds(30), seen.tag()).block(MOST))
          .isNotNull();
      assertThat(asked).last().isEqualTo("/api/v1/batches/" + BATCH + "?wait=PT30S W/\"2-812\"");
    }
  }

  @Test
  void whatIsStillTheSameIsEmptyAndAProblemIsItsException() {
    try (StubService service = StubService.handling((request, response) -> response.status(304));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.snapshot(BATCH, Duration.ofSeconds(1), "W/\"1\""))
          .expectComplete()
          .verify(MOST);
    }
    String problem = "{\"type\":\"/problems/purged\",\"status\":410,\"detail\":\"too old\"}";
    try (StubService service = StubService.answering(Answer.problem(410, problem));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.snapshot(BATCH, Duration.ofSeconds(1), "W/\"1\""))
          .expectErrorMatches(
              error ->
                  error instanceof AuditException purged && purged.type() == ProblemType.PURGED)
          .verify(MOST);
    }
  }

  @Test
  void aLoadIsNamedByItsTableAndPeriodWhateverIsInThem() {
    String report =
        """
        {"audit":{"table":"a b","period":"ü%%","status":"RUNNING","batch":"%s","batches":1,
          "opened_at":"2026-11-23T14:00:00Z","started_at":null,"ended_at":null},
         "files":{"missing":0,"discovered":0,"running":0,"completed":0,"failed":0,"skipped":0,"rows":0,
          "rejected_rows":0,"bytes":0},"history":[]}
        """
            .formatted(BATCH);
    try (StubService service = StubService.answering(Answer.json(report));
        AuditCalls client = service.client().calls()) {
      PeriodReport found = client.period("a b", "ü%", Duration.ofSeconds(20)).block(MOST);

      assertThat(found.audit().batch()).isEqualTo(BATCH);
      assertThat(service.onlyRequest().uri())
          .isEqualTo("/api/v1/tables/a%20b/periods/%C3%BC%25?wait=PT20S");
    }
  }

  @Test
  void findingsAreReadLineByLineAndAskedForByKind() {
    String line =
        "{\"file\":\"a\",\"findings\":[\"missing\",\"unfinished\"],\"state\":\"EXPECTED\",\"rows\":null,"
            + "\"expected_rows\":7,\"same_as\":null}\n";
    try (StubService service = StubService.answering(Answer.lines(line + line));
        AuditCalls client = service.client().calls()) {
      List<FileFinding> found =
          client.allFindings(BATCH, Finding.DUPLICATE_CONTENT).collectList().block(MOST);

      assertThat(found).hasSize(2);
      assertThat(found.get(0).findings()).containsExactly(Finding.MISSING, Finding.UNFINISHED);
      assertThat(found.get(0).expectedRows()).isEqualTo(7);
      assertThat(service.onlyRequest().uri())
          .isEqualTo("/api/v1/batches/" + BATCH + "/reconciliation?finding=duplicate_content");
    }
  }

  @Test
  void linesAreSentAsTheyAre() {
    try (StubService service = StubService.answering(Answer.lines(WireExamples.ack(1, 2)));
        AuditCalls client = service.client().calls()) {
      Flux<byte[]> lines =
          Flux.just("{\"type\" : \"STARTED\"}", "no JSON é")
              .map(line -> line.getBytes(StandardCharsets.UTF_8));
      List<Ack> acks = client.sendJson(BATCH, 2, "p", lines).collectList().block(MOST);

      assertThat(acks).extracting(Ack::lastLine).containsExactly(2L);
      assertThat(service.onlyRequest().body()).isEqualTo("{\"type\" : \"STARTED\"}\nno JSON é\n");
      assertThat(service.onlyRequest().headers().get("Audit-Producer")).isEqualTo("p");
      assertThat(service.onlyRequest().headers().get("Audit-Run")).isEqualTo("2");
    }
  }
}
