package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.AuditStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/**
 * From the bytes of a loader to acknowledgements: order, demand, cancelling, errors, and OPENED and
 * ENDED on the way.
 */
class IngestTest {
  private final HeldStore store = new HeldStore();

  private Ingest ingest(int chunkSize) {
    return Loads.ingest(store, new WriteSettings(chunkSize, 3, Duration.ofSeconds(10)));
  }

  private Flux<Ack> lines(BatchKey key, Flux<byte[]> body) {
    return ingest(100).lines(Loads.source(key), body);
  }

  private static byte[] files(int from, int count) {
    return Loads.buffer(
        IntStream.range(from, from + count)
            .mapToObj(i -> Loads.completed("f" + i))
            .toArray(String[]::new));
  }

  private static String ended(BatchStatus status, String more) {
    return "{\"type\":\"ENDED\",\"status\":\"" + status + "\"" + more + "}";
  }

  @Test
  void nothingIsReadUntilSubscribed() {
    TestPublisher<byte[]> body = TestPublisher.create();
    Flux<Ack> acks = lines(Loads.open(store), body.flux());

    body.assertWasNotSubscribed();

    StepVerifier.create(acks).then(body::complete).expectComplete().verify(Loads.PATIENCE);
    body.assertWasSubscribed();
  }

  @Test
  void loneEventIsAcknowledgedWhileTheBodyGoesOn() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(Loads.buffer(Loads.completed("a"))))
        .expectNextMatches(ack -> ack.accepted() == 1 && ack.lastLine() == 1)
        .then(() -> body.next(Loads.buffer("", Loads.completed("b"), "oops")))
        .expectNextMatches(ack -> ack.accepted() == 1 && ack.refused() == 1 && ack.lastLine() == 4)
        .then(body::complete)
        .expectComplete()
        .verify(Loads.PATIENCE);
  }

  @Test
  void linesThatComeDuringACommitAreCommittedTogetherInTheirOrder() {
    BatchKey key = Loads.open(store);
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(ingest(8).lines(Loads.source(key), body.flux()))
        .then(() -> body.next(files(0, 1)))
        .then(() -> body.next(files(1, 5)))
        .then(() -> body.next(files(6, 5)))
        .then(() -> assertThat(store.calls).hasSize(1))
        .then(store::releaseAll)
        .expectNextMatches(ack -> ack.lastLine() == 1)
        .expectNextMatches(ack -> ack.lastLine() == 9)
        .expectNextMatches(ack -> ack.lastLine() == 11)
        .then(body::complete)
        .expectComplete()
        .verify(Loads.PATIENCE);

    assertThat(store.calls).flatExtracting(HeldStore.Call::sizes).containsExactly(1, 8, 2);
    assertThat(Loads.filesInLedger(store, key))
        .isEqualTo(IntStream.range(0, 11).mapToObj(i -> "f" + i).toList());
  }

  @Test
  void emptyBodyIsAnsweredWithNothing() {
    BatchKey key = Loads.open(store);

    StepVerifier.create(lines(key, Flux.empty())).expectComplete().verify(Loads.PATIENCE);
    StepVerifier.create(lines(key, Flux.just("\r\n\n ".getBytes(StandardCharsets.UTF_8))))
        .expectComplete()
        .verify(Loads.PATIENCE);
    assertThat(store.calls).isEmpty();
  }

  @Test
  void lastLineNeedsNoEnd() {
    BatchKey key = Loads.open(store);
    store.releaseAll();

    List<Ack> acks =
        Loads.all(lines(key, Flux.just(Loads.completed("a").getBytes(StandardCharsets.UTF_8))));

    assertThat(acks).singleElement().returns(1L, Ack::accepted);
  }

  @Test
  void truncatedLastLineOfACompleteBodyIsRefused() {
    BatchKey key = Loads.open(store);
    store.releaseAll();

    Ack ack =
        Loads.all(lines(key, Flux.just("{\"type\":\"COMP".getBytes(StandardCharsets.UTF_8))))
            .get(0);

    assertThat(ack.refusals())
        .singleElement()
        .returns("malformed-json", Refusal::type)
        .returns(400, Refusal::status);
  }

  @Test
  void noMoreAcknowledgementsThanRequested() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    Flux<byte[]> body = Flux.just(files(0, 1), files(1, 1), files(2, 1));

    StepVerifier.create(ingest(1).lines(Loads.source(key), body), 0)
        .expectSubscription()
        .then(
            () ->
                assertThat(store.calls).as("nothing is committed that could not be told").isEmpty())
        .thenRequest(1)
        .expectNextCount(1)
        .then(() -> assertThat(store.calls).hasSize(1))
        .thenRequest(1)
        .expectNextCount(1)
        .then(() -> assertThat(store.calls).hasSize(2))
        .thenRequest(5)
        .expectNextCount(1)
        .expectComplete()
        .verify(Loads.PATIENCE);
  }

  /** A body without end that counts how much of it was taken. */
  private static Flux<byte[]> endless(AtomicLong taken, int linesOfABuffer) {
    return Flux.generate(
        sink -> sink.next(files((int) taken.getAndIncrement() * linesOfABuffer, linesOfABuffer)));
  }

  @Test
  void commitsThatStandStillStopTheBody() {
    BatchKey key = Loads.open(store);
    AtomicLong taken = new AtomicLong();

    StepVerifier.create(lines(key, endless(taken, 10)).take(20))
        .then(() -> assertThat(store.calls).hasSize(1))
        .then(
            () ->
                assertThat(taken.get())
                    .as("a chunk of 100 lines and a few buffers")
                    .isBetween(10L, 20L))
        .then(store::releaseAll)
        .expectNextCount(20)
        .expectComplete()
        .verify(Loads.PATIENCE);
    assertThat(taken.get() * 10)
        .as("never far ahead of what was acknowledged")
        .isLessThanOrEqualTo(Loads.filesInLedger(store, key).size() + 200L);
  }

  @Test
  void acknowledgementsThatAreNotReadStopTheBody() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    AtomicLong taken = new AtomicLong();

    StepVerifier.create(lines(key, endless(taken, 10)), 3)
        .expectNextCount(3)
        .then(() -> assertThat(store.calls).hasSize(3))
        .then(() -> assertThat(taken.get()).isLessThanOrEqualTo(50))
        .thenCancel()
        .verify(Loads.PATIENCE);
  }

  @Test
  void bodyIsRequestedBoundedlyAndNoBufferBeyond() {
    BatchKey key = Loads.open(store);
    AtomicLong requested = new AtomicLong();
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux().doOnRequest(requested::addAndGet)))
        .then(() -> assertThat(requested.get()).isBetween(1L, 16L))
        .thenCancel()
        .verify(Loads.PATIENCE);
  }

  @Test
  void cancellingGivesUpReadingAndTheCommitFinishes() {
    BatchKey key = Loads.open(store);
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(files(0, 2)))
        .then(() -> body.next(files(2, 3)))
        .thenCancel()
        .verify(Loads.PATIENCE);

    body.assertCancelled();
    assertThat(Loads.filesInLedger(store, key)).isEmpty();
    store.releaseAll();
    assertThat(Loads.filesInLedger(store, key))
        .as("what was under way, and nothing after")
        .containsExactly("f0", "f1");
    assertThat(store.calls).hasSize(1);
  }

  @Test
  void brokenBodyEndsWithItsErrorAndItsLastPartIsNotRefused() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    TestPublisher<byte[]> body = TestPublisher.create();
    IllegalStateException reset = new IllegalStateException("connection reset");

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(files(0, 2)))
        .expectNextMatches(ack -> ack.accepted() == 2)
        .then(() -> body.next("{\"type\":\"COMPLETED\",\"fi".getBytes(StandardCharsets.UTF_8)))
        .then(() -> body.error(reset))
        .expectErrorMatches(error -> error == reset)
        .verify(Loads.PATIENCE);

    assertThat(Loads.filesInLedger(store, key)).hasSize(2);
    assertThat(Loads.all(store.rejected(key, 0, 10))).isEmpty();
    assertThat(Loads.snapshot(store, key).totals().refused()).isZero();
  }

  @Test
  void commitUnderWayIsAcknowledgedBeforeTheErrorOfTheBody() {
    BatchKey key = Loads.open(store);
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(files(0, 2)))
        .then(() -> body.error(new IllegalStateException("connection reset")))
        .then(store::releaseAll)
        .expectNextMatches(ack -> ack.accepted() == 2)
        .expectErrorMessage("connection reset")
        .verify(Loads.PATIENCE);
  }

  @Test
  void errorOfACommitEndsTheStreamAndTheBody() {
    BatchKey key = Loads.open(store);
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(files(0, 2)))
        .then(() -> store.calls.get(0).fail(new AuditException(ProblemType.INTERNAL, "a bug")))
        .expectErrorMatches(
            error -> error instanceof AuditException audit && audit.type() == ProblemType.INTERNAL)
        .verify(Loads.PATIENCE);

    body.assertCancelled();
  }

  @Test
  void batchThatIsNotThereEndsTheStream() {
    store.releaseAll();
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(Loads.key(), body.flux()))
        .then(() -> body.next(files(0, 1)))
        .expectErrorMatches(
            error -> error instanceof AuditException audit && audit.type() == ProblemType.NOT_FOUND)
        .verify(Loads.PATIENCE);

    body.assertCancelled();
  }

  @Test
  void streamOpensAndEndsItsBatch() {
    BatchKey key = Loads.key();
    store.releaseAll();
    byte[] body =
        Loads.buffer(
            "{\"type\":\"OPENED\",\"table\":\"empresa\",\"expected\":{\"count\":2}}",
            Loads.completed("a"),
            Loads.completed("b"),
            ended(BatchStatus.COMPLETED, ",\"message\":\"done\""),
            Loads.completed("too late"),
            ended(BatchStatus.COMPLETED, ",\"message\":\"done\""));

    List<Ack> acks = Loads.all(lines(key, Flux.just(body)));

    assertThat(acks).extracting(Ack::lastLine).containsExactly(1L, 3L, 4L, 5L, 6L);
    assertThat(acks).extracting(Ack::accepted).containsExactly(1L, 2L, 1L, 0L, 0L);
    assertThat(acks).extracting(Ack::firstSeq).containsExactly(0L, 1L, 3L, null, null);
    assertThat(acks.get(2).status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(acks.get(2).verdict()).isNotNull().returns("done", verdict -> verdict.message());
    assertThat(acks.get(2).verdict().by()).isEqualTo("tester");
    assertThat(acks.get(3).refusals())
        .singleElement()
        .returns("batch-ended", Refusal::type)
        .returns(5L, Refusal::line);
    assertThat(acks.get(4).duplicate()).as("asked again for the ending it has").isTrue();
    assertThat(Loads.snapshot(store, key).table()).isEqualTo("empresa");
    assertThat(Loads.filesInLedger(store, key)).hasSize(4);
  }

  @Test
  void wholeStreamAgainIsAllDuplicates() {
    BatchKey key = Loads.key();
    store.releaseAll();
    byte[] body =
        Loads.buffer(
            "{\"type\":\"OPENED\",\"table\":\"empresa\",\"position\":1}",
            "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1,\"position\":2}",
            "{\"type\":\"FAILED\",\"file\":\"b\",\"position\":3}",
            ended(BatchStatus.COMPLETED, ",\"position\":4"));
    Source source = new Source(key, 1, "p", null);

    Ack first =
        Loads.all(ingest(100).lines(source, Flux.just(body))).stream()
            .reduce(Ack::and)
            .orElseThrow();
    List<String> ledger = Loads.all(store.ledger(key, 0));
    Ack second =
        Loads.all(ingest(100).lines(source, Flux.just(body))).stream()
            .reduce(Ack::and)
            .orElseThrow();

    assertThat(first.accepted()).isEqualTo(4);
    assertThat(first.status()).isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(second.duplicates()).isEqualTo(4);
    assertThat(second.duplicate()).isTrue();
    assertThat(second.refused()).isZero();
    assertThat(Loads.all(store.ledger(key, 0))).isEqualTo(ledger);
    assertThat(Loads.snapshot(store, key).run()).isEqualTo(1);
  }

  @Test
  void refusedEndingDoesNotEndTheStream() {
    BatchKey parent = Loads.open(store);
    BatchKey child = Loads.open(store, BatchSpec.builder().parent(parent.id()).build());
    store.releaseAll();

    List<Ack> acks =
        Loads.all(
            lines(
                parent,
                Flux.just(
                    Loads.buffer(ended(BatchStatus.COMPLETED, ""), Loads.completed("after")))));

    assertThat(acks.get(0).refusals())
        .singleElement()
        .returns("sub-batches-open", Refusal::type)
        .returns(1L, Refusal::line);
    assertThat(acks.get(1).accepted()).isEqualTo(1);
    assertThat(Loads.snapshot(store, child).status()).isEqualTo(BatchStatus.PENDING);
    assertThat(Loads.snapshot(store, parent).status()).isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void openingThatConflictsIsRefusedAlone() {
    BatchKey key = Loads.open(store, BatchSpec.builder().table("socios").build());
    store.releaseAll();

    List<Ack> acks =
        Loads.all(
            lines(
                key,
                Flux.just(
                    Loads.buffer(
                        "{\"type\":\"OPENED\",\"table\":\"empresa\"}", Loads.completed("a")))));

    assertThat(acks.get(0).refusals()).singleElement().returns("batch-conflict", Refusal::type);
    assertThat(acks.get(1).accepted()).isEqualTo(1);
  }

  @Test
  void endingByTheServiceReachesAStreamThatGoesOn() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    Batches batches = Loads.batches(store);
    TestPublisher<byte[]> body = TestPublisher.create();

    StepVerifier.create(lines(key, body.flux()))
        .then(() -> body.next(files(0, 1)))
        .expectNextMatches(ack -> ack.verdict() == null)
        .then(
            () ->
                assertThat(
                        batches
                            .decide(key, 1, BatchStatus.CANCELLED, "stop", "admin")
                            .block(Loads.PATIENCE))
                    .isNotNull())
        .then(() -> body.next(files(1, 1)))
        .expectNextMatches(
            ack ->
                ack.refused() == 1
                    && ack.status() == BatchStatus.CANCELLED
                    && ack.verdict() != null
                    && "admin".equals(ack.verdict().by()))
        .then(body::complete)
        .expectComplete()
        .verify(Loads.PATIENCE);
    assertThat(Loads.snapshot(store, key).totals().files().completed()).isEqualTo(1);
  }

  @Test
  void streamsOfManyBatchesShareTheWriter() {
    HeldStore racing = new HeldStore(Schedulers.parallel());
    Ingest ingest = Loads.ingest(racing, new WriteSettings(50, 3, Duration.ofSeconds(10)));
    List<BatchKey> keys = IntStream.range(0, 20).mapToObj(i -> Loads.open(racing)).toList();
    racing.releaseAll();

    List<Ack> acks =
        Loads.all(
            Flux.fromIterable(keys)
                .flatMap(
                    key ->
                        ingest
                            .lines(
                                Loads.source(key),
                                Flux.range(0, 30)
                                    .map(i -> files(i * 7, 7))
                                    .publishOn(Schedulers.boundedElastic()))
                            .reduce(Ack::and),
                    20));

    assertThat(acks).hasSize(20).allMatch(ack -> ack.accepted() == 210 && ack.lastLine() == 210);
    assertThat(racing.most()).isLessThanOrEqualTo(3);
    assertThat(racing.overlapped()).isFalse();
    for (BatchKey key : keys) {
      assertThat(Loads.filesInLedger(racing, key))
          .isEqualTo(IntStream.range(0, 210).mapToObj(i -> "f" + i).toList());
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /**
   * However the bytes are cut and however slow commits and readers are, every line is answered once
   * and in order.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void everyLineIsAnsweredOnceAndInOrder(long seed) {
    Random random = new Random(seed);
    AuditStore slow =
        new HeldStore(random.nextBoolean() ? Schedulers.parallel() : Schedulers.immediate());
    ((HeldStore) slow).releaseAll();
    BatchKey key = Loads.open(slow);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<String> good = new ArrayList<>();
    List<Long> bad = new ArrayList<>();
    int count = random.nextInt(120);
    for (long line = 1; line <= count; line++) {
      if (random.nextInt(6) == 0) {
        bad.add(line);
        bytes.writeBytes(("bad " + line + "\n").getBytes(StandardCharsets.UTF_8));
      } else {
        good.add("f" + line);
        bytes.writeBytes(Loads.buffer(Loads.completed("f" + line)));
      }
    }
    byte[] all = bytes.toByteArray();
    List<byte[]> buffers = new ArrayList<>();
    int from = 0;
    for (int cut : random.ints(random.nextInt(40), 0, all.length + 1).sorted().toArray()) {
      buffers.add(Arrays.copyOfRange(all, from, cut));
      from = cut;
    }
    buffers.add(Arrays.copyOfRange(all, from, all.length));
    Ingest ingest =
        Loads.ingest(
            slow,
            new WriteSettings(
                1 + random.nextInt(40), 1 + random.nextInt(3), Duration.ofSeconds(5)));
    Flux<byte[]> body = Flux.fromIterable(buffers);
    if (random.nextBoolean()) {
      body = body.publishOn(Schedulers.boundedElastic());
    }

    List<Ack> acks =
        Loads.all(ingest.lines(Loads.source(key), body).limitRate(1 + random.nextInt(3)));

    assertThat(Loads.filesInLedger(slow, key)).isEqualTo(good);
    assertThat(acks.stream().mapToLong(Ack::accepted).sum()).isEqualTo(good.size());
    assertThat(acks.stream().flatMap(ack -> ack.refusals().stream()).map(Refusal::line).toList())
        .isEqualTo(bad);
    assertThat(acks.stream().map(Ack::lastLine).toList()).isSorted().doesNotHaveDuplicates();
    assertThat(acks.isEmpty() ? 0 : acks.get(acks.size() - 1).lastLine()).isEqualTo(count);
  }

  private static final String RESUMING =
      "{\"type\":\"OPENED\",\"table\":\"t\",\"resume\":true,\"position\":9}";

  private List<Ack> sendFor(int run, BatchKey key, String... lines) {
    Source source = new Source(key, run, "p", "tester");
    return Loads.all(ingest(100).lines(source, Flux.just(Loads.buffer(lines))));
  }

  private BatchKey ended() {
    BatchKey key = Loads.open(store, BatchSpec.builder().table("t").build());
    store.releaseAll();
    Loads.batches(store).decide(key, 1, BatchStatus.FAILED, null, "tester").block(Loads.PATIENCE);
    return key;
  }

  @Test
  void openedTakesUpTheRunThatTheMessageNamesAndNoOther() {
    BatchKey key = ended();

    Ack again = sendFor(1, key, RESUMING).get(0);
    Ack far = sendFor(3, key, RESUMING).get(0);

    assertThat(again.refusals()).extracting(Refusal::type).containsExactly("batch-ended");
    assertThat(far.refusals()).extracting(Refusal::type).containsExactly("stale-run");
    assertThat(Loads.snapshot(store, key).run()).isEqualTo(1);
  }

  @Test
  void openedThatResumesAndIsSentTwiceResumesOnce() {
    BatchKey key = ended();

    List<Ack> first = sendFor(2, key, RESUMING, Loads.completed("a"));
    Loads.batches(store).decide(key, 2, BatchStatus.FAILED, null, "tester").block(Loads.PATIENCE);
    Ack repeat = sendFor(2, key, RESUMING).get(0);

    assertThat(first).extracting(Ack::accepted).containsExactly(1L, 1L);
    assertThat(repeat.duplicates()).isEqualTo(1);
    assertThat(Loads.snapshot(store, key).run()).isEqualTo(2);
    assertThat(Loads.snapshot(store, key).status()).isEqualTo(BatchStatus.FAILED);
  }

  @Test
  void openedForALaterRunMakesNoBatch() {
    store.releaseAll();
    BatchKey key = Loads.key();

    StepVerifier.create(
            ingest(100).lines(new Source(key, 2, null, "t"), Flux.just(Loads.buffer(RESUMING))))
        .verifyErrorSatisfies(
            error -> assertThat(((AuditException) error).type()).isEqualTo(ProblemType.STALE_RUN));
    assertThat(store.find(key).blockOptional(Loads.PATIENCE)).isEmpty();
  }

  @Test
  void openedThatCannotBeSaysWhyAndNotThatTheBatchIsMissing() {
    store.releaseAll();
    String contradiction =
        "{\"type\":\"OPENED\",\"limits\":{\"idle\":\"PT2H\",\"operation\":\"PT1H\"}}";

    StepVerifier.create(lines(Loads.key(), Flux.just(Loads.buffer(contradiction))))
        .verifyErrorSatisfies(
            error -> {
              assertThat(((AuditException) error).type()).isEqualTo(ProblemType.INVALID_REQUEST);
              assertThat(((AuditException) error).detail()).contains("limits.idle");
            });
  }

  @Test
  void unreadableFirstLineOfAMissingBatchIsNamedToo() {
    store.releaseAll();

    StepVerifier.create(
            lines(Loads.key(), Flux.just(Loads.buffer("{\"type\":\"OPENED\",\"tabel\":\"t\"}"))))
        .verifyErrorSatisfies(
            error -> {
              assertThat(((AuditException) error).type()).isEqualTo(ProblemType.NOT_FOUND);
              assertThat(((AuditException) error).detail()).contains("line 1", "tabel");
            });
  }

  @Test
  void keyConflictNamesTheKeyThatWasUsed() {
    BatchKey key = Loads.open(store);
    store.releaseAll();

    List<Ack> acks =
        sendFor(
            1,
            key,
            "{\"type\":\"COMPLETED\",\"file\":\"a\",\"id\":\"x\",\"position\":1}",
            "{\"type\":\"COMPLETED\",\"file\":\"b\",\"id\":\"x\",\"position\":2}",
            "{\"type\":\"COMPLETED\",\"file\":\"c\",\"id\":\"y\",\"position\":1}");

    assertThat(acks.get(0).refusals())
        .extracting(Refusal::detail)
        .satisfiesExactly(
            id -> assertThat(id).startsWith("id \"x\""),
            position -> assertThat(position).startsWith("position 1"));
  }

  @Test
  void whatFailsWithinAStepEndsTheStream() {
    BatchKey key = Loads.open(store);
    store.releaseAll();
    WriteSettings settings = new WriteSettings(100, 3, Duration.ofSeconds(10));
    Ingest broken =
        new Ingest(
            Loads.batches(store),
            Loads.writer(store, settings),
            () -> {
              throw new IllegalStateException("no more ids");
            });

    StepVerifier.create(broken.lines(Loads.source(key), Flux.just(files(0, 1))))
        .expectErrorMessage("no more ids")
        .verify(Loads.PATIENCE);
  }
}
