package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.client.AuditBatch;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingAuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.client.IncompleteException;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.BatchEndedException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.InMemoryAuditServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class ClientTest {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static InMemoryAuditServer server;

  private AuditClient client;
  private BlockingAuditClient blocking;

  @BeforeAll
  static void start() {
    server = InMemoryAuditServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() {
    client = server.client().build();
    blocking = client.blocking();
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private Snapshot snapshot(UUID batch) {
    return client.calls().snapshot(batch).block(MOST);
  }

  private Manifest file(UUID batch, String name) {
    return client
        .calls()
        .allFiles(batch, FileFilter.all())
        .filter(file -> file.file().equals(name))
        .blockFirst(MOST);
  }

  private static FileEvent completed(int file) {
    return FileEvent.of(EventType.COMPLETED, "f" + file).rows(10L).bytes(100L).build();
  }

  @Test
  void returningFromTheBodyCompletesTheBatch() {
    DeliveryReport report =
        blocking.run(
            spec -> spec.table("empresa").period("2025-02").expectedFiles(1),
            batch -> {
              batch.started("a.csv");
              batch.completed("a.csv", 3, 4, null);
            });

    assertThat(report.acknowledged()).isEqualTo(2);
    assertThat(report.isDelivered()).isTrue();
    assertThat(report.ended().status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(snapshot(report.batch()).totals().rows()).isEqualTo(3);
  }

  @Test
  void anExceptionOfTheBodyEndsTheBatchFailedAndIsThrown() {
    UUID[] id = new UUID[1];
    assertThatThrownBy(
            () ->
                blocking.run(
                    spec -> spec.table("t"),
                    batch -> {
                      id[0] = batch.id();
                      batch.started("a.csv");
                      throw new IOException("disk on fire");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk on fire");

    Snapshot ended = snapshot(id[0]);
    assertThat(ended.status()).isEqualTo(BatchStatus.FAILED);
    assertThat(ended.verdict().message()).isEqualTo("java.io.IOException: disk on fire");
    assertThat(ended.totals().files().running()).isEqualTo(1);
  }

  @Test
  void aLoaderThatIsInterruptedStillEndsItsBatch() {
    UUID[] id = new UUID[2];
    assertThatThrownBy(
            () ->
                blocking.run(
                    spec -> spec.table("t"),
                    batch -> {
                      id[0] = batch.id();
                      Thread.currentThread().interrupt();
                      throw new InterruptedException();
                    }))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
    try (BlockingBatch batch = blocking.open(BatchSpec.builder().build())) {
      id[1] = batch.id();
      Thread.currentThread().interrupt();
    }
    assertThat(Thread.interrupted()).isTrue();

    assertThat(snapshot(id[0]).status()).isEqualTo(BatchStatus.FAILED);
    assertThat(snapshot(id[1]).status()).isEqualTo(BatchStatus.CANCELLED);
  }

  @Test
  void aClosedClientOpensNothing() {
    AuditClient closed = server.client().build();
    closed.close();

    assertThatThrownBy(() -> closed.blocking().open(BatchSpec.builder().build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anErrorOfTheBodyEndsTheBatchFailedToo() {
    UUID[] id = new UUID[1];
    assertThatThrownBy(
            () ->
                blocking.run(
                    spec -> spec.table("t"),
                    batch -> {
                      id[0] = batch.id();
                      throw new AssertionError("not even an exception");
                    }))
        .isInstanceOf(AssertionError.class);

    assertThat(snapshot(id[0]).status()).isEqualTo(BatchStatus.FAILED);
  }

  @Test
  void aBatchThatIsNotCompleteThrowsWithItsFindings() {
    IncompleteException incomplete =
        catchThrowableOfType(
            IncompleteException.class,
            () ->
                blocking.run(
                    spec -> spec.expectedFiles(2), batch -> batch.completed("a", 1, 1, null)));

    assertThat(incomplete.report().ended().status()).isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(incomplete.report().ended().verdict().findings().missing()).isEqualTo(1);
    assertThat(incomplete).hasMessageEndingWith("is INCOMPLETE: 1 missing");
  }

  @Test
  void whatIsLeftWithoutAnEndingIsCancelled() {
    UUID id;
    try (BlockingBatch batch = blocking.open(BatchSpec.builder().table("t").build())) {
      id = batch.id();
      batch.started("a");
    }

    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(snapshot(id).totals().files().running()).isEqualTo(1);
  }

  @Test
  void closingTheClientCancelsWhatIsStillOpen() {
    AuditClient other = server.client().build();
    BlockingBatch batch = other.blocking().open(BatchSpec.builder().build());
    batch.started("a");
    BlockingBatch done = other.blocking().open(BatchSpec.builder().build());
    done.complete();

    List<DeliveryReport> reports = other.close(MOST).block(MOST);

    assertThat(reports).singleElement().returns(batch.id(), DeliveryReport::batch);
    assertThat(snapshot(batch.id()).status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(snapshot(done.id()).status()).isEqualTo(BatchStatus.COMPLETED);
  }

  @Test
  void anEndedBatchTakesNoMoreReports() {
    BlockingBatch batch = blocking.open(BatchSpec.builder().build());
    batch.complete();

    assertThatThrownBy(() -> batch.started("late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(batch.id().toString());
    assertThat(batch.complete().ended().status()).isEqualTo(BatchStatus.COMPLETED);
  }

  @Test
  void attemptsAreCounted() {
    BlockingBatch batch = blocking.open(BatchSpec.builder().build());
    batch.started("a");
    batch.failed("a", new IOException("first"));
    batch.started("a");
    batch.failed("a", "again", null);
    batch.completed("a", 5, 5, null);
    batch.flush();

    Manifest file = file(batch.id(), "a");
    assertThat(file.attempt()).isEqualTo(3);
    assertThat(file.state()).isEqualTo(FileState.COMPLETED);
    assertThat(file.conflict()).isFalse();
  }

  @Test
  void attemptsGoOnWhereAnotherProcessFailed() {
    UUID id = UUID.randomUUID();
    BatchSpec spec = BatchSpec.builder().table("t").build();
    BlockingBatch first = blocking.open(id, spec);
    first.started("a");
    first.failed("a", "bad-date", null);
    first.started("b");
    first.flush();

    BlockingBatch second = blocking.open(id, spec);
    second.started("a");
    second.completed("a", 5, 5, null);
    second.flush();

    assertThat(second.run()).isEqualTo(1);
    assertThat(file(id, "a").state()).isEqualTo(FileState.COMPLETED);
    assertThat(file(id, "a").attempt()).isEqualTo(2);
  }

  @Test
  void aResumedBatchIsANewRun() {
    UUID id = UUID.randomUUID();
    BatchSpec spec = BatchSpec.builder().table("t").build();
    BlockingBatch first = blocking.open(id, spec);
    first.failed("a", "bad-date", null);
    first.fail("no more");

    BlockingBatch second = blocking.open(id, spec.withResume(true));
    second.completed("a", 5, 5, null);
    DeliveryReport report = second.complete();

    assertThat(second.run()).isEqualTo(2);
    assertThat(report.ended().status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(file(id, "a").attempt()).isEqualTo(1);
  }

  @Test
  void whatTheServiceRefusesComesBackByName() {
    BlockingBatch batch = blocking.open(BatchSpec.builder().build());
    batch.started("good");
    batch.report(FileEvent.of(EventType.COMPLETED, "bad").rows(-1L).build());
    batch.completed("good", 1, 1, null);
    batch.flush();

    DeliveryReport report = batch.report();
    assertThat(report.acknowledged()).isEqualTo(2);
    assertThat(report.refused()).isEqualTo(1);
    assertThat(report.refusals())
        .singleElement()
        .satisfies(
            refused -> {
              assertThat(refused.file()).isEqualTo("bad");
              assertThat(refused.type()).isEqualTo(EventType.COMPLETED);
              assertThat(refused.position()).isEqualTo(2);
              assertThat(refused.problem()).isEqualTo("invalid-event");
              assertThat(refused.detail()).contains("-1");
            });
  }

  @Test
  void aRefusedOpeningIsTold() {
    assertThatThrownBy(() -> blocking.open(spec -> spec.period("x".repeat(2_000))))
        .isInstanceOfSatisfying(
            AuditException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_REQUEST));
  }

  @Test
  void aKeyThatIsNotKnownIsTold() {
    try (AuditClient stranger = server.client().key("ak_wrong").build()) {
      assertThatThrownBy(() -> stranger.blocking().open(BatchSpec.builder().build()))
          .isInstanceOfSatisfying(
              AuditException.class,
              e -> assertThat(e.type()).isEqualTo(ProblemType.UNAUTHENTICATED));
    }
  }

  @Test
  void aVerdictStopsTheLoaderWhereItStands() {
    BlockingBatch batch = blocking.open(BatchSpec.builder().build());
    batch.started("a");
    batch.flush();
    client.calls().status(batch.id(), 1, BatchStatus.CANCELLED, "wrong month").block(MOST);

    BatchEndedException ended =
        catchThrowableOfType(
            BatchEndedException.class,
            () -> {
              while (true) {
                batch.progress("a", 1, 1);
                batch.flush();
              }
            });

    assertThat(ended.verdict().status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(ended.verdict().message()).isEqualTo("wrong month");
    assertThatThrownBy(batch::alive).isSameAs(ended);
    assertThatThrownBy(batch::complete).isSameAs(ended);
  }

  @Test
  void aVerdictCancelsTheUpstream() {
    AuditBatch batch = client.open(BatchSpec.builder().build()).block(MOST);
    Sinks.Empty<Void> cancelled = Sinks.empty();
    Flux<FileEvent> endless =
        Flux.interval(Duration.ofMillis(1))
            .onBackpressureDrop()
            .map(i -> completed(i.intValue()))
            .doOnCancel(cancelled::tryEmitEmpty);

    StepVerifier.create(
            batch
                .send(endless)
                .doOnNext(
                    ack ->
                        client.calls().status(batch.id(), 1, BatchStatus.FAILED, null).subscribe()))
        .thenConsumeWhile(ack -> true)
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        BatchEndedException.class,
                        e -> assertThat(e.verdict().status()).isEqualTo(BatchStatus.FAILED)))
        .verify(MOST);
    // The error and the cancellation go their ways at once.
    StepVerifier.create(cancelled.asMono()).expectComplete().verify(MOST);
  }

  @Test
  void aStreamIsAcknowledgedAndBoundsItsSource() {
    AuditBatch batch = client.open(BatchSpec.builder().build()).block(MOST);
    AtomicLong given = new AtomicLong();
    AtomicLong ahead = new AtomicLong();
    AtomicLong answered = new AtomicLong();
    Flux<FileEvent> events =
        Flux.range(0, 50_000)
            .map(ClientTest::completed)
            .doOnNext(
                event ->
                    ahead.accumulateAndGet(given.incrementAndGet() - answered.get(), Math::max));

    List<Ack> acks =
        batch
            .send(events)
            .doOnNext(ack -> answered.addAndGet(ack.accepted()))
            .collectList()
            .block(MOST);

    assertThat(acks.stream().mapToLong(Ack::accepted).sum()).isEqualTo(50_000);
    assertThat(acks.get(acks.size() - 1).lastLine()).isEqualTo(50_000);
    assertThat(ahead.get()).isLessThanOrEqualTo(2 * 8_192);
    assertThat(batch.complete().block(MOST).ended().totals().rows()).isEqualTo(500_000);
  }

  @Test
  void acknowledgementsThatNobodyRequestsAreGathered() {
    AuditBatch batch = client.open(BatchSpec.builder().build()).block(MOST);
    Flux<FileEvent> events = Flux.range(0, 20_000).map(ClientTest::completed);

    StepVerifier.create(batch.send(events), 0)
        .thenAwait(Duration.ofMillis(1))
        .then(() -> awaitAcknowledged(batch, 20_000))
        .thenRequest(1)
        .assertNext(ack -> assertThat(ack.accepted()).isEqualTo(20_000))
        .expectComplete()
        .verify(MOST);
  }

  private static void awaitAcknowledged(AuditBatch batch, long events) {
    Mono.fromSupplier(() -> batch.report().acknowledged())
        .repeatWhen(ends -> ends.delayElements(Duration.ofMillis(5)))
        .takeUntil(count -> count == events)
        .blockLast(MOST);
  }

  @Test
  void theErrorOfASourceComesAfterWhatItGave() {
    AuditBatch batch = client.open(BatchSpec.builder().build()).block(MOST);
    Flux<FileEvent> events =
        Flux.concat(
            Flux.range(0, 3).map(ClientTest::completed),
            Mono.error(new IOException("source broke")));

    StepVerifier.create(batch.send(events).map(Ack::accepted).reduce(0L, Long::sum))
        .expectErrorMessage("source broke")
        .verify(MOST);
    assertThat(batch.report().acknowledged()).isEqualTo(3);
  }

  @Test
  void nothingHappensBeforeASubscription() {
    AuditBatch batch = client.open(BatchSpec.builder().build()).block(MOST);
    AtomicBoolean subscribed = new AtomicBoolean();
    Flux<Ack> lazy =
        batch.send(Flux.<FileEvent>empty().doOnSubscribe(subscription -> subscribed.set(true)));
    Mono<DeliveryReport> ending = batch.complete();

    assertThat(subscribed).isFalse();
    assertThat(snapshot(batch.id()).status()).isEqualTo(BatchStatus.PENDING);
    StepVerifier.create(lazy).expectComplete().verify(MOST);
    StepVerifier.create(ending).expectNextCount(1).expectComplete().verify(MOST);
    assertThat(snapshot(batch.id()).status()).isEqualTo(BatchStatus.COMPLETED);
  }

  @Test
  void aReactiveRunEndsTheBatch() {
    DeliveryReport report =
        client
            .run(
                spec -> spec.table("t"),
                batch -> batch.send(Flux.range(0, 10).map(ClientTest::completed)))
            .block(MOST);
    assertThat(report.ended().status()).isEqualTo(BatchStatus.COMPLETED);

    UUID[] id = new UUID[1];
    StepVerifier.create(
            client.run(
                spec -> spec.table("t"),
                batch -> {
                  id[0] = batch.id();
                  return Mono.error(new IOException("no"));
                }))
        .expectErrorMessage("no")
        .verify(MOST);
    assertThat(snapshot(id[0]).status()).isEqualTo(BatchStatus.FAILED);
  }

  @Test
  void eightThreadsShareOneBatch() throws Exception {
    BlockingBatch batch = blocking.open(BatchSpec.builder().build());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> done =
        IntStream.range(0, 8)
            .<Future<?>>mapToObj(
                thread ->
                    threads.submit(
                        () -> {
                          start.await();
                          for (int i = 0; i < 1_000; i++) {
                            String file = thread + "/" + i;
                            batch.started(file);
                            if (i % 10 == 0) {
                              batch.failed(file, "bad", null);
                            } else {
                              batch.completed(file, 100, 1_024, null);
                            }
                          }
                          return null;
                        }))
            .toList();
    start.countDown();
    for (Future<?> thread : done) {
      thread.get(20, TimeUnit.SECONDS);
    }
    threads.shutdown();
    batch.flush();

    Snapshot now = snapshot(batch.id());
    assertThat(now.totals().files().completed()).isEqualTo(7_200);
    assertThat(now.totals().files().failed()).isEqualTo(800);
    assertThat(now.totals().rows()).isEqualTo(720_000);
    assertThat(now.totals().bytes()).isEqualTo(7_372_800);
    assertThat(now.totals().events()).isEqualTo(16_000);
  }

  @Test
  void aLoaderThatMakesCallsIsHeard() {
    BlockingBatch batch =
        blocking.open(spec -> spec.limit(LimitName.IDLE, Limit.endAfter(Duration.ofMillis(600))));
    batch.started("a");
    Flux.interval(Duration.ofMillis(20))
        .doOnNext(tick -> batch.alive())
        .take(Duration.ofMillis(1_800))
        .blockLast(MOST);

    assertThat(snapshot(batch.id()).status()).isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void aLoaderThatHangsIsNotHeard() {
    BlockingBatch batch =
        blocking.open(spec -> spec.limit(LimitName.IDLE, Limit.endAfter(Duration.ofMillis(300))));
    batch.started("a");

    Snapshot ended =
        client
            .calls()
            .snapshot(batch.id())
            .repeatWhen(ends -> ends.delayElements(Duration.ofMillis(20)))
            .filter(snapshot -> !snapshot.status().isOpen())
            .blockFirst(MOST);

    assertThat(ended.status()).isEqualTo(BatchStatus.TIMED_OUT);
    assertThat(ended.verdict().reason()).isEqualTo(VerdictReason.IDLE);
  }

  @Test
  void aSubscribedUpstreamIsHeard() {
    AuditBatch batch =
        client
            .open(
                BatchSpec.builder()
                    .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMillis(600)))
                    .build())
            .block(MOST);
    Flux<FileEvent> slow =
        Flux.concat(
            Flux.just(completed(1)), Mono.delay(Duration.ofMillis(1_500)).map(i -> completed(2)));

    StepVerifier.create(batch.send(slow).map(Ack::accepted).reduce(0L, Long::sum))
        .expectNext(2L)
        .expectComplete()
        .verify(MOST);
  }

  @Test
  void aDisabledClientDoesNothingSuccessfully() {
    try (AuditClient off = AuditClient.builder().url("http://127.0.0.1:1").disabled(true).build()) {
      DeliveryReport report =
          off.blocking()
              .run(
                  spec -> spec.table("t"),
                  batch -> {
                    batch.started("a");
                    batch.alive();
                    batch.flush();
                  });
      assertThat(report.acknowledged()).isZero();
      StepVerifier.create(
              off.open(BatchSpec.builder().build())
                  .flatMapMany(batch -> batch.send(Flux.just(completed(1)))))
          .expectComplete()
          .verify(MOST);
    }
  }
}
