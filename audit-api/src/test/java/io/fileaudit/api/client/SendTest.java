package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.StubService.Answer;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class SendTest {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static final UUID BATCH = UUID.fromString(WireExamples.BATCH);

  @Test
  void eventsGoAsLinesInOneRequest() {
    try (StubService service = StubService.answering(Answer.lines(WireExamples.ack(2, 2)));
        AuditCalls client = service.client().calls()) {
      Flux<Event> events = Flux.just(event("a"), event("b \n\""));
      StepVerifier.create(client.send(BATCH, 3, "p-1", events))
          .assertNext(
              ack -> {
                assertThat(ack.accepted()).isEqualTo(2);
                assertThat(ack.status()).isEqualTo(BatchStatus.RUNNING);
              })
          .expectComplete()
          .verify(MOST);

      StubService.Received request = service.onlyRequest();
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.uri()).isEqualTo("/api/v1/batches/" + BATCH + "/events");
      assertThat(request.headers().get("Audit-Run")).isEqualTo("3");
      assertThat(request.headers().get("Audit-Producer")).isEqualTo("p-1");
      assertThat(request.headers().get("Content-Type")).isEqualTo("application/x-ndjson");
      assertThat(request.headers().get("Accept")).isEqualTo("application/x-ndjson");
      assertThat(request.body())
          .isEqualTo(
              "{\"file\":\"a\",\"type\":\"STARTED\"}\n"
                  + "{\"file\":\"b \\n\\\"\",\"type\":\"STARTED\"}\n");
    }
  }

  @Test
  void noEventsAreARequestWithoutLines() {
    try (StubService service = StubService.answering(Answer.lines(""));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, null, Flux.empty())).expectComplete().verify(MOST);
      assertThat(service.onlyRequest().body()).isEmpty();
      assertThat(service.onlyRequest().headers().contains("Audit-Producer")).isFalse();
    }
  }

  @Test
  void sourceIsNotTouchedBeforeSubscription() {
    TestPublisher<Event> source = TestPublisher.create();
    try (AuditCalls client = AuditClient.builder().calls()) {
      assertThat(client.send(BATCH, 1, null, source.flux())).isNotNull();
      source.assertWasNotSubscribed();
    }
  }

  @Test
  void eachEventGoesOutAtOnceAndIsAcknowledgedWhileTheNextIsAwaited() {
    Sinks.Many<Event> source = Sinks.many().unicast().onBackpressureBuffer();
    try (StubService service = acknowledging(line -> WireExamples.ack(1, line));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source.asFlux()).map(Ack::lastLine))
          .then(() -> source.tryEmitNext(event("a")).orThrow())
          .expectNext(1L)
          .then(() -> source.tryEmitNext(event("b")).orThrow())
          .expectNext(2L)
          .then(() -> source.tryEmitComplete().orThrow())
          .expectComplete()
          .verify(MOST);
    }
  }

  @Test
  void networkThatTakesNoMoreStopsTheSource() {
    int events = 64 * 1024;
    String kilobyte = "x".repeat(1000);
    AtomicLong given = new AtomicLong();
    AtomicLong received = new AtomicLong();
    AtomicLong mostAhead = new AtomicLong();
    Sinks.Empty<Void> gate = Sinks.empty();
    Flux<Event> source =
        Flux.range(0, events)
            .map(i -> event(kilobyte))
            .doOnNext(
                event ->
                    mostAhead.accumulateAndGet(
                        given.incrementAndGet() - received.get(), Math::max));
    try (StubService service =
            StubService.handling(
                (request, response) ->
                    gate.asMono()
                        .thenMany(lines(request))
                        .doOnNext(line -> received.incrementAndGet())
                        .then(
                            response
                                .sendString(Mono.just(WireExamples.ack(events, events)))
                                .then()));
        AuditCalls client = service.client().calls()) {
      AtomicLong before = new AtomicLong(-1);
      Flux.interval(Duration.ofMillis(300))
          .takeUntil(tick -> given.get() > 0 && before.getAndSet(given.get()) == given.get())
          .subscribe(tick -> {}, error -> {}, gate::tryEmitEmpty);
      StepVerifier.create(client.send(BATCH, 1, "p", source))
          .expectNextCount(1)
          .expectComplete()
          .verify(Duration.ofSeconds(60));
      assertThat(received).hasValue(events);
      assertThat(mostAhead.get()).isLessThan(20 * 1024);
    }
  }

  @Test
  void failureOfTheSourceComesAfterWhatItGaveIsAcknowledged() {
    IllegalStateException broken = new IllegalStateException("the loader broke");
    Flux<Event> source = Flux.concat(Flux.just(event("a"), event("b")), Flux.error(broken));
    try (StubService service = acknowledging(line -> WireExamples.ack(1, line));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source).map(Ack::lastLine))
          .expectNext(1L, 2L)
          .expectErrorSatisfies(error -> assertThat(error).isSameAs(broken))
          .verify(MOST);
    }
  }

  @Test
  void eventThatHasNoJsonFormIsNamedAfterThoseBeforeIt() {
    Flux<Event> source = Flux.just(event("a"), event("half a pair \ud83d"), event("c"));
    try (StubService service = acknowledging(line -> WireExamples.ack(1, line));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source).map(Ack::lastLine))
          .expectNext(1L)
          .expectErrorSatisfies(
              error ->
                  assertThat(error)
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageContaining("surrogate"))
          .verify(MOST);
    }
  }

  @Test
  void cancellingStopsTheSourceAndClosesTheConnection() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    TestPublisher<Event> source = TestPublisher.create();
    try (StubService service =
            StubService.handling(
                (request, response) -> {
                  request.withConnection(made -> made.onDispose(closed::countDown));
                  return acknowledge(request, response, line -> WireExamples.ack(1, line));
                });
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source.flux()))
          .then(() -> await(source::wasSubscribed))
          .then(() -> source.next(event("a")))
          .expectNextCount(1)
          .thenCancel()
          .verify(MOST);
      assertThat(closed.await(MOST.toSeconds(), TimeUnit.SECONDS)).isTrue();
      await(source::wasCancelled);
    }
  }

  @Test
  void endOfTheBatchIsAnErrorWithTheVerdictAndStopsTheSource() {
    TestPublisher<Event> source = TestPublisher.create();
    try (StubService service =
            acknowledging(
                line -> WireExamples.refusal(line, 409, "batch-ended", WireExamples.VERDICT));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source.flux()))
          .then(() -> await(source::wasSubscribed))
          .then(() -> source.next(event("a")))
          .assertNext(ack -> assertThat(ack.refusals()).hasSize(1))
          .expectErrorSatisfies(
              error -> {
                AuditException ended = (AuditException) error;
                assertThat(ended.type()).isEqualTo(ProblemType.BATCH_ENDED);
                assertThat(ended.verdict()).isNotNull();
                assertThat(ended.verdict().status()).isEqualTo(BatchStatus.TIMED_OUT);
              })
          .verify(MOST);
      await(source::wasCancelled);
    }
  }

  @Test
  void anotherRunIsAnError() {
    try (StubService service =
            acknowledging(line -> WireExamples.refusal(line, 409, "stale-run", "null"));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", Flux.just(event("a"))))
          .expectNextCount(1)
          .expectErrorMatches(
              error -> error instanceof AuditException e && e.type() == ProblemType.STALE_RUN)
          .verify(MOST);
    }
  }

  @Test
  void invalidLineIsNoErrorOfTheStream() {
    try (StubService service =
            acknowledging(
                line ->
                    line == 1
                        ? WireExamples.refusal(line, 422, "invalid-event", "null")
                        : WireExamples.ack(1, line));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(
              client.send(BATCH, 1, "p", Flux.just(event("a"), event("b"))).map(Ack::refused))
          .expectNext(1L, 0L)
          .expectComplete()
          .verify(MOST);
    }
  }

  @Test
  void problemBeforeTheRequestHasEndedStopsTheSource() {
    TestPublisher<Event> source = TestPublisher.create();
    String problem = "{\"type\":\"/problems/not-found\",\"status\":404,\"detail\":\"no batch\"}";
    try (StubService service =
            StubService.handling(
                (request, response) ->
                    response
                        .status(404)
                        .header("Content-Type", "application/problem+json")
                        .sendString(Mono.just(problem)));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source.flux()))
          .then(() -> await(source::wasSubscribed))
          .then(() -> source.next(event("a")))
          .expectErrorMatches(
              error -> error instanceof AuditException e && e.type() == ProblemType.NOT_FOUND)
          .verify(MOST);
      await(source::wasCancelled);
    }
  }

  @Test
  void answerThatEndsEarlyIsNotTakenForAWholeOne() {
    try (StubService service = StubService.answering(Answer.lines(WireExamples.ack(1, 1)));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", Flux.just(event("a"), event("b"), event("c"))))
          .expectNextCount(1)
          .expectErrorSatisfies(
              error ->
                  assertThat(error)
                      .isInstanceOf(UnreachableException.class)
                      .hasMessageContaining("line 1 of 3"))
          .verify(MOST);
    }
  }

  @Test
  void connectionThatBreaksStopsTheSource() {
    TestPublisher<Event> source = TestPublisher.create();
    try (StubService service =
            StubService.handling(
                (request, response) ->
                    lines(request)
                        .doOnNext(line -> request.withConnection(made -> made.channel().close()))
                        .then());
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source.flux()))
          .then(() -> await(source::wasSubscribed))
          .then(() -> source.next(event("a")))
          .expectError(UnreachableException.class)
          .verify(MOST);
      await(source::wasCancelled);
    }
  }

  @Test
  void sourceIsSubscribedOnceWhereNobodyAnswers() {
    AtomicInteger subscriptions = new AtomicInteger();
    Flux<Event> source = Flux.just(event("a")).doOnSubscribe(s -> subscriptions.incrementAndGet());
    try (StubService service =
            StubService.handling(
                (request, response) -> {
                  request.withConnection(made -> made.channel().close());
                  return Mono.never();
                });
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(client.send(BATCH, 1, "p", source))
          .expectError(UnreachableException.class)
          .verify(MOST);
      assertThat(subscriptions.get()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void waitingEventsShareABuffer() {
    AtomicInteger pieces = new AtomicInteger();
    int events = 20_000;
    try (StubService service =
            StubService.handling(
                (request, response) ->
                    request
                        .receive()
                        .doOnNext(piece -> pieces.incrementAndGet())
                        .then(
                            response
                                .sendString(Mono.just(WireExamples.ack(events, events)))
                                .then()));
        AuditCalls client = service.client().calls()) {
      StepVerifier.create(
              client.send(BATCH, 1, "p", Flux.range(0, events).map(i -> event("file-" + i))))
          .expectNextCount(1)
          .expectComplete()
          .verify(MOST);
      assertThat(pieces.get()).isLessThan(events / 50);
    }
  }

  private static StubService acknowledging(Function<Long, String> answer) {
    return StubService.handling((request, response) -> acknowledge(request, response, answer));
  }

  /** Answers each line as it comes. */
  private static Mono<Void> acknowledge(
      HttpServerRequest request, HttpServerResponse response, Function<Long, String> answer) {
    AtomicLong number = new AtomicLong();
    Flux<ByteBuf> acks =
        lines(request)
            .map(line -> answer.apply(number.incrementAndGet()))
            .map(ack -> Unpooled.copiedBuffer(ack, StandardCharsets.UTF_8));
    return response.header("Content-Type", "application/x-ndjson").send(acks, ack -> true).then();
  }

  private static Flux<byte[]> lines(HttpServerRequest request) {
    return TextLines.of(request.receive().asByteArray());
  }

  private static Event event(String file) {
    return FileEvent.of(EventType.STARTED, file).build();
  }

  private static void await(BooleanSupplier condition) {
    Mono<Boolean> met =
        Mono.fromCallable(condition::getAsBoolean)
            .filter(Boolean::booleanValue)
            .repeatWhenEmpty(times -> times.delayElements(Duration.ofMillis(5)));
    assertThat(met.block(MOST)).isTrue();
  }
}
