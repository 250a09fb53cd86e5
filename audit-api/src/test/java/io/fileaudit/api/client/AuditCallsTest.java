package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.client.StubService.Answer;
import io.fileaudit.api.client.StubService.Received;
import io.fileaudit.api.event.RejectedEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class AuditCallsTest {
  private static final Duration MOST = Duration.ofSeconds(30);
  private static final UUID BATCH = UUID.fromString(WireExamples.BATCH);

  @Test
  void opensUnderTheCallersId() {
    BatchSpec spec =
        BatchSpec.builder()
            .table("empresa")
            .period("2025-02")
            .label("team", "rfb")
            .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(10)))
            .expectedFiles(10)
            .build();
    try (StubService service = StubService.answering(Answer.json(WireExamples.SNAPSHOT));
        AuditCalls client = service.client().namespace("other").calls()) {
      Snapshot opened = get(client.open(BATCH, spec));

      assertThat(opened.id()).isEqualTo(BATCH);
      Received request = service.onlyRequest();
      assertThat(request.method()).isEqualTo("PUT");
      assertThat(request.uri()).isEqualTo("/api/v1/batches/" + BATCH);
      assertThat(request.headers().get("Authorization")).isEqualTo("Bearer ak_test");
      assertThat(request.headers().get("Audit-Namespace")).isEqualTo("other");
      assertThat(request.headers().get("Content-Type")).isEqualTo("application/json");
      assertThat(request.headers().get("Accept")).isEqualTo("application/json");
      assertThat(request.body())
          .contains("\"table\":\"empresa\"", "\"labels\":{\"team\":\"rfb\"}", "PT10M")
          .contains("\"count\":10")
          .doesNotContain("parent", "resume");
    }
  }

  @Test
  void opensUnderTheServicesId() {
    try (StubService service =
            StubService.answering(new Answer(201, "application/json", WireExamples.SNAPSHOT));
        AuditCalls client = service.client().calls()) {
      Snapshot opened = get(client.open(BatchSpec.builder().build()));

      assertThat(opened.id()).isEqualTo(BATCH);
      assertThat(service.onlyRequest().method()).isEqualTo("POST");
      assertThat(service.onlyRequest().uri()).isEqualTo("/api/v1/batches");
      assertThat(service.onlyRequest().body()).startsWith("{").doesNotContain("table", "resume");
      assertThat(service.onlyRequest().headers().contains("Audit-Namespace")).isFalse();
    }
  }

  @Test
  void nothingHappensUntilSubscribedAndEachSubscriptionIsACall() {
    try (StubService service = StubService.answering(Answer.json(WireExamples.SNAPSHOT));
        AuditCalls client = service.client().calls()) {
      Mono<Snapshot> snapshot = client.snapshot(BATCH);
      Mono<Snapshot> open = client.open(BATCH, BatchSpec.builder().build());
      assertThat(service.received()).isEmpty();

      get(snapshot);
      get(snapshot);
      get(open);
      assertThat(service.received())
          .extracting(Received::method)
          .containsExactly("GET", "GET", "PUT");
    }
  }

  @Test
  void readsASnapshotAndPassesOverWhatItDoesNotKnow() {
    try (StubService service = StubService.answering(Answer.json(WireExamples.SNAPSHOT));
        AuditCalls client = service.client().calls()) {
      Snapshot snapshot = get(client.snapshot(BATCH));

      assertThat(snapshot.status()).isEqualTo(BatchStatus.RUNNING);
      assertThat(snapshot.run()).isEqualTo(2);
      assertThat(snapshot.flags()).containsExactly(Flag.SILENT);
      assertThat(snapshot.totals().files().completed()).isEqualTo(7);
      assertThat(snapshot.totals().bytes()).isEqualTo(673_479_415L);
      assertThat(snapshot.limits().get("idle").after()).isEqualTo(Duration.ofMinutes(10));
    }
  }

  @Test
  void askingForAStatusNamesTheRun() {
    try (StubService service = StubService.answering(Answer.json(WireExamples.SNAPSHOT));
        AuditCalls client = service.client().calls()) {
      get(client.status(BATCH, 3, BatchStatus.CANCELLED, "no \"more\""));

      Received request = service.onlyRequest();
      assertThat(request.method()).isEqualTo("PUT");
      assertThat(request.uri()).isEqualTo("/api/v1/batches/" + BATCH + "/status");
      assertThat(request.headers().get("Audit-Run")).isEqualTo("3");
      assertThat(request.body())
          .isEqualTo("{\"status\":\"CANCELLED\",\"message\":\"no \\\"more\\\"\"}");
    }
  }

  @Test
  void parametersArriveAsTheyWereGiven() {
    String page = "{\"items\":[" + WireExamples.MANIFEST + "],\"next\":\"a+/b==\"}";
    try (StubService service = StubService.answering(Answer.json(page));
        AuditCalls client = service.client().calls()) {
      FileFilter filter = new FileFilter(FileState.FAILED, "bad-date", "a b&c+é", 7);
      Page<Manifest> files = get(client.files(BATCH, filter, "a+/b=="));

      assertThat(service.onlyRequest().uri())
          .isEqualTo(
              "/api/v1/batches/"
                  + BATCH
                  + "/files?state=FAILED&error=bad-date&q=a%20b%26c%2B%C3%A9"
                  + "&cursor=a%2B%2Fb%3D%3D&page_size=7");
      assertThat(files.next()).isEqualTo("a+/b==");
      assertThat(files.items()).hasSize(1);
      assertThat(files.items().get(0).file()).isEqualTo("landing/é.csv");
      assertThat(files.items().get(0).state()).isEqualTo(FileState.FAILED);
      assertThat(files.items().get(0).attributes()).containsEntry("worker", "w3");
    }
  }

  @Test
  void listsBatchesByFilter() {
    String page = "{\"items\":[" + WireExamples.SNAPSHOT + "],\"next\":null}";
    try (StubService service = StubService.answering(Answer.json(page));
        AuditCalls client = service.client().calls()) {
      BatchFilter filter =
          new BatchFilter(
              Set.of(BatchStatus.FAILED, BatchStatus.RUNNING),
              "empresa",
              "2025-02",
              Map.of("team", "rfb"),
              BATCH,
              "x",
              5);
      Page<Snapshot> batches = get(client.batches(filter, null));

      assertThat(service.onlyRequest().uri())
          .isEqualTo(
              "/api/v1/batches?status=RUNNING&status=FAILED&table=empresa&period=2025-02"
                  + "&label=team%3Drfb&parent="
                  + BATCH
                  + "&q=x&page_size=5");
      assertThat(batches.items()).extracting(Snapshot::id).containsExactly(BATCH);
      assertThat(batches.next()).isNull();
    }
  }

  @Test
  void readsVerdictsAndRefusedEvents() {
    try (StubService service =
            StubService.answering(Answer.json("{\"items\":[" + WireExamples.VERDICT + "]}"));
        AuditCalls client = service.client().calls()) {
      List<Verdict> verdicts = get(client.verdicts(BATCH));
      assertThat(verdicts).extracting(Verdict::reason).containsExactly(VerdictReason.IDLE);
      assertThat(verdicts.get(0).after()).isEqualTo(Duration.ofMinutes(30));
    }
    String refused =
        """
        {"items":[{"number":1,"type":"invalid-event","status":422,"detail":"d","text":"{","run":1,"times":2,
          "first_at":"2026-11-23T14:00:00Z","last_at":"2026-11-23T14:00:01Z"}],"next":"1"}
        """;
    try (StubService service = StubService.answering(Answer.json(refused));
        AuditCalls client = service.client().calls()) {
      Page<RejectedEvent> page = get(client.rejected(BATCH, null));
      assertThat(page.items()).extracting(RejectedEvent::times).containsExactly(2L);
      assertThat(page.next()).isEqualTo("1");
      assertThat(service.onlyRequest().uri()).isEqualTo("/api/v1/batches/" + BATCH + "/rejected");
    }
  }

  @Test
  void ledgerGivesTheTextsAsStored() {
    String first = "{\"a\":\"é\",\"z\":1}";
    String second = "{\"type\":\"later than this client\"}";
    try (StubService service = StubService.answering(Answer.lines(first + "\n" + second + "\n"));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.ledger(BATCH, 5))
          .expectNext(first, second)
          .expectComplete()
          .verify(MOST);
      assertThat(service.onlyRequest().uri())
          .isEqualTo("/api/v1/batches/" + BATCH + "/ledger?from=5");
      assertThat(service.onlyRequest().headers().get("Accept")).isEqualTo("application/x-ndjson");
    }
  }

  @Test
  void endlessListIsReadAsRequestedAndCancellingClosesIt() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    byte[] line = (WireExamples.MANIFEST + "\n").getBytes(StandardCharsets.UTF_8);
    Flux<ByteBuf> endless = Flux.generate(sink -> sink.next(Unpooled.copiedBuffer(line)));
    try (StubService service =
            StubService.handling(
                (request, response) ->
                    response
                        .withConnection(made -> made.onDispose(closed::countDown))
                        .header("Content-Type", "application/x-ndjson")
                        .send(endless));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.allFiles(BATCH, FileFilter.all()), 2)
          .expectNextCount(2)
          .thenRequest(100_000)
          .expectNextCount(100_000)
          .thenCancel()
          .verify(MOST);
      assertThat(closed.await(MOST.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void problemBecomesItsException() {
    String problem =
        "{\"type\":\"/problems/batch-ended\",\"title\":\"t\",\"status\":409,\"detail\":\"it ended\",\"verdict\":"
            + WireExamples.VERDICT
            + ",\"extra\":1}";
    try (StubService service = StubService.answering(Answer.problem(409, problem));
        AuditCalls client = service.client().calls()) {
      AuditException error =
          error(client.status(BATCH, 1, BatchStatus.COMPLETED, null), AuditException.class);

      assertThat(error.type()).isEqualTo(ProblemType.BATCH_ENDED);
      assertThat(error.detail()).isEqualTo("it ended");
      assertThat(error.verdict()).isNotNull();
      assertThat(error.verdict().status()).isEqualTo(BatchStatus.TIMED_OUT);
    }
  }

  @Test
  void problemOfAStreamBecomesItsException() {
    String problem = "{\"type\":\"/problems/not-found\",\"status\":404,\"detail\":\"no batch\"}";
    try (StubService service = StubService.answering(Answer.problem(404, problem));
        AuditCalls client = service.client().calls()) {
      assertThat(error(client.ledger(BATCH, 0).next(), AuditException.class).type())
          .isEqualTo(ProblemType.NOT_FOUND);
      assertThat(
              error(client.allFiles(BATCH, FileFilter.all()).next(), AuditException.class).detail())
          .isEqualTo("no batch");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, UNAUTHENTICATED",
    "403, FORBIDDEN",
    "404, NOT_FOUND",
    "409, INVALID_TRANSITION",
    "418, BAD_REQUEST",
    "422, INVALID_REQUEST",
    "429, TOO_MANY_REQUESTS",
    "507, INTERNAL"
  })
  void problemOfANewNameIsTakenByItsStatus(int status, ProblemType expected) {
    String problem =
        "{\"type\":\"/problems/of-tomorrow\",\"status\":" + status + ",\"detail\":\"d\"}";
    try (StubService service = StubService.answering(Answer.problem(status, problem));
        AuditCalls client = service.client().calls()) {
      assertThat(error(client.snapshot(BATCH), AuditException.class).type()).isEqualTo(expected);
    }
  }

  @Test
  void unavailableProxyIsUnavailable() {
    try (StubService service =
            StubService.answering(new Answer(503, "text/html", "<h1>busy</h1>"));
        AuditCalls client = service.client().calls()) {
      assertThat(error(client.snapshot(BATCH), AuditException.class).type())
          .isEqualTo(ProblemType.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404,text/html,<h1>nothing here</h1>",
    "200,text/html,<h1>hello</h1>",
    "200,text/plain,''"
  })
  void anotherProgramOnThePortIsNamedAsSuch(int status, String type, String body) {
    try (StubService service = StubService.answering(new Answer(status, type, body));
        AuditCalls client = service.client().calls()) {
      UnexpectedAnswerException error =
          error(client.snapshot(BATCH), UnexpectedAnswerException.class);
      assertThat(error).hasMessageContaining(service.url());
      assertThat(error.status()).isEqualTo(status);
    }
  }

  @Test
  void refusedConnectionNamesTheAddress() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + free;
    try (AuditCalls client = AuditClient.builder().url(url).calls()) {
      assertThat(error(client.snapshot(BATCH), UnreachableException.class))
          .hasMessageContaining(url)
          .hasMessageContaining("connection refused");
    }
  }

  @Test
  void connectionThatBreaksIsUnreachable() {
    try (StubService service =
            StubService.handling(
                (request, response) -> {
                  request.withConnection(made -> made.channel().close());
                  return Mono.never();
                });
        AuditCalls client = service.client().calls()) {
      error(client.snapshot(BATCH), UnreachableException.class);
      error(client.ledger(BATCH, 0).next(), UnreachableException.class);
    }
  }

  @Test
  void answerThatDoesNotComeIsUnreachable() {
    try (StubService service = StubService.handling((request, response) -> Mono.never());
        AuditCalls client = service.client().responseTimeout(Duration.ofMillis(200)).calls()) {
      error(client.snapshot(BATCH), UnreachableException.class);
    }
  }

  @Test
  void serviceMayStandBehindAPath() {
    try (StubService service = StubService.answering(Answer.json(WireExamples.SNAPSHOT));
        AuditCalls client = AuditClient.builder().url(service.url() + "/audit/").calls()) {
      get(client.snapshot(BATCH));
      assertThat(service.onlyRequest().uri()).isEqualTo("/audit/api/v1/batches/" + BATCH);
      assertThat(service.onlyRequest().headers().contains("Authorization")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:8080",
        "ftp://host",
        "http://",
        "http://h/?key=1",
        "http://u:p@h",
        "a b"
      })
  void whatIsNoAddressIsRefused(String url) {
    AuditClientBuilder builder = AuditClient.builder();
    assertThatThrownBy(() -> builder.url(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\r\nX: y", "é"})
  void whatIsNoKeyIsRefusedAndNotRepeated(String key) {
    AuditClientBuilder builder = AuditClient.builder();
    assertThatThrownBy(() -> builder.key(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the key must be printable ASCII characters without a space");
  }

  private static <T> T get(Mono<T> answer) {
    return answer.blockOptional(MOST).orElseThrow();
  }

  private static <E extends Throwable> E error(Mono<?> answer, Class<E> type) {
    Throwable[] seen = new Throwable[1];
    StepVerifier.create(answer).expectErrorSatisfies(error -> seen[0] = error).verify(MOST);
    assertThat(seen[0]).isInstanceOf(type);
    return type.cast(seen[0]);
  }
}
