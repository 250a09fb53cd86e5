package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.ProducerMark;
import io.fileaudit.core.store.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From records of a log to ledgers: whose they are, their order, repeats, and what is refused. */
class RecordIngestTest {
  private final HeldStore store = new HeldStore();
  private final ConcurrentLinkedQueue<Throwable> troubles = new ConcurrentLinkedQueue<>();
  private long offset = 100;

  @BeforeEach
  void letPass() {
    store.releaseAll();
  }

  private RecordIngest ingest(int chunkSize) {
    return new RecordIngest(
        Loads.ingest(store, new WriteSettings(chunkSize, 3, Duration.ofSeconds(10))),
        Loads.runs(store),
        chunkSize,
        troubles::add);
  }

  private List<RecordIngest.Refused> take(Received... records) {
    return take(List.of(records));
  }

  private List<RecordIngest.Refused> take(List<Received> records) {
    RecordIngest ingest = ingest(100);
    return Objects.requireNonNull(ingest.carryOut(ingest.sort(records)).block(Loads.PATIENCE));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Received raw(String key, String value) {
    return new Received(
        "kafka:topic/0",
        "events",
        0,
        offset++,
        key == null ? null : bytes(key),
        value == null ? null : bytes(value));
  }

  private Received record(BatchKey batch, String fields) {
    return raw(
        batch.id().toString(),
        "{\"batch\":\"%s\",\"namespace\":\"%s\",%s}"
            .formatted(batch.id(), batch.namespace(), fields));
  }

  private Received completed(BatchKey batch, String file) {
    return record(batch, "\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":10");
  }

  @Test
  void recordsOfSeveralBatchesGoEachToItsOwnInOrder() {
    BatchKey one = Loads.open(store);
    BatchKey two = Loads.open(store);

    List<RecordIngest.Refused> refused =
        take(completed(one, "a"), completed(two, "x"), completed(one, "b"), completed(two, "y"));

    assertThat(refused).isEmpty();
    assertThat(Loads.filesInLedger(store, one)).containsExactly("a", "b");
    assertThat(Loads.filesInLedger(store, two)).containsExactly("x", "y");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"limits\":{\"idle\":\"PT2H\",\"operation\":\"PT1H\"} | invalid-request",
        "\"run\":2 | stale-run",
        "\"parent\":\"%s\" | batch-ended"
      })
  void batchThatCannotBeOpenedAsItSaysKeepsNobodyWaiting(String fields, String type) {
    BatchKey ended = Loads.open(store);
    take(record(ended, "\"type\":\"ENDED\",\"status\":\"FAILED\""));
    BatchKey other = Loads.open(store);
    Received opening =
        record(Loads.key(), "\"type\":\"OPENED\"," + String.format(fields, ended.id().toString()));

    List<RecordIngest.Refused> refused = take(opening, completed(other, "a"));

    assertThat(refused)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.record()).isEqualTo(opening);
              assertThat(one.refusal().type()).isEqualTo(type);
            });
    assertThat(Loads.filesInLedger(store, other)).containsExactly("a");
    assertThat(troubles).isEmpty();
  }

  @Test
  void whatWaitsForSeveralBatchesIsCommittedTogether() {
    BatchKey one = Loads.open(store);
    BatchKey two = Loads.open(store);
    HeldStore held = store;

    take(completed(one, "a"), completed(two, "x"), completed(one, "b"));

    assertThat(
            held.calls.stream()
                .mapToInt(call -> call.sizes().stream().mapToInt(i -> i).sum())
                .sum())
        .isEqualTo(3);
    assertThat(held.calls).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void offsetIsThePositionAndTheEnvelopeIsNoPartOfTheEvent() {
    BatchKey batch = Loads.open(store);
    Received record = record(batch, "\"type\":\"STARTED\",\"file\":\"a\",\"run\":1,\"position\":7");

    take(record);

    assertThat(Loads.all(store.ledger(batch, 0)))
        .singleElement()
        .asString()
        .contains("\"event\":{\"file\":\"a\",\"position\":7,\"type\":\"STARTED\"}")
        .contains("\"position\":" + record.offset())
        .contains("\"producer\":\"kafka:topic/0\"")
        .doesNotContain("namespace");
    assertThat(Loads.all(store.producers(batch)))
        .extracting(ProducerMark::producer, ProducerMark::position)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("kafka:topic/0", record.offset()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"type\":\"STARTED\",\"file\":\"a\"",
        "\"type\":\"STARTED\",\"file\":\"\\u0061é\"",
        "\"type\":\"HEARTBEAT\"",
        "\"type\":\"FAILED\",\"file\":\"a\",\"error\":{\"code\":\"c\"},\"run\":null"
      })
  void whatComesAgainIsKnown(String fields) {
    BatchKey batch = Loads.open(store);
    Received record = record(batch, fields);
    take(record);
    List<String> ledger = Loads.all(store.ledger(batch, 0));

    assertThat(take(record, record)).isEmpty();

    assertThat(Loads.all(store.ledger(batch, 0))).isEqualTo(ledger);
  }

  @Test
  void offsetOfAnotherPartitionIsAnother() {
    BatchKey batch = Loads.open(store);
    Received here = completed(batch, "a");
    Received there =
        new Received(
            "kafka:topic/1", "events", 1, here.offset(), here.key(), completed(batch, "b").value());

    assertThat(take(here, there)).isEmpty();

    assertThat(Loads.filesInLedger(store, batch)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void streamOpensAndEndsItsBatch() {
    BatchKey batch = Loads.key();

    assertThat(
            take(
                record(batch, "\"type\":\"OPENED\",\"name\":\"n\",\"table\":\"t\""),
                completed(batch, "a"),
                record(batch, "\"type\":\"ENDED\",\"status\":\"COMPLETED\"")))
        .isEmpty();

    Snapshot snapshot = Loads.snapshot(store, batch);
    assertThat(snapshot.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(snapshot.name()).isEqualTo("n");
    assertThat(snapshot.totals().files().completed()).isEqualTo(1);
  }

  @Test
  void wholeLifeThatComesAgainChangesNothing() {
    BatchKey batch = Loads.key();
    List<Received> life =
        List.of(
            record(batch, "\"type\":\"OPENED\""),
            completed(batch, "a"),
            record(batch, "\"type\":\"ENDED\",\"status\":\"COMPLETED\""));
    take(life);
    List<String> ledger = Loads.all(store.ledger(batch, 0));

    assertThat(take(life)).isEmpty();
    assertThat(take(life.subList(1, 3))).isEmpty();

    assertThat(Loads.all(store.ledger(batch, 0))).isEqualTo(ledger);
  }

  @Test
  void eventsBehindTheEndAreRefusedOneByOne() {
    BatchKey batch = Loads.open(store);
    Received late = completed(batch, "late");
    take(record(batch, "\"type\":\"ENDED\",\"status\":\"FAILED\""));

    List<RecordIngest.Refused> refused = take(late);

    assertThat(refused)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.record()).isSameAs(late);
              assertThat(one.refusal().type()).endsWith("batch-ended");
              assertThat(one.refusal().line()).isEqualTo(late.offset());
            });
  }

  @Test
  void anotherRunThanThePresentIsRefused() {
    BatchKey batch = Loads.open(store);

    List<RecordIngest.Refused> refused =
        take(
            completed(batch, "a"),
            record(batch, "\"type\":\"STARTED\",\"file\":\"b\",\"run\":2"),
            completed(batch, "c"));

    assertThat(refused).extracting(one -> one.refusal().type()).containsExactly("stale-run");
    assertThat(Loads.filesInLedger(store, batch)).containsExactly("a", "c");
  }

  @Test
  void eventOfABatchThatNobodyOpenedIsHandedBack() {
    List<RecordIngest.Refused> refused =
        take(completed(Loads.key(), "a"), completed(Loads.key(), "b"));

    assertThat(refused).hasSize(2).allMatch(one -> one.refusal().status() == 404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "null",
      textBlock =
          """
          null | the record has no value
          oops | not readable as JSON
          [] | an event is one JSON object
          {"type":"STARTED","file":"a"} | batch is missing
          {"type":"STARTED","file":"a","batch":"seven"} | batch is "seven", expected a UUID
          {"type":"STARTED","file":"a","batch":"zzzzzzzz-0000-0000-0000-000000000001"} | expected a UUID
          {"type":"STARTED","file":"a","batch":7} | batch is 7, expected a string
          {"type":"STARTED","file":"a","batch":"00000000-0000-0000-0000-000000000001","namespace":"NOT"} | namespace is
          {"type":"STARTED","file":"a","batch":"00000000-0000-0000-0000-000000000001","run":0} | run is 0
          {"type":"STARTED","file":"a","batch":"00000000-0000-0000-0000-000000000001","run":1.5} | run is 1.5
          """)
  void recordThatIsNobodysIsHandedBackWithItsReason(String value, String reason) {
    BatchKey batch = Loads.open(store);
    Received nobodys = raw(null, value);

    List<RecordIngest.Refused> refused =
        take(completed(batch, "a"), nobodys, completed(batch, "b"));

    assertThat(refused)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.record()).isSameAs(nobodys);
              assertThat(one.refusal().detail()).contains(reason);
            });
    assertThat(Loads.filesInLedger(store, batch)).containsExactly("a", "b");
  }

  @Test
  void keyOfAnotherBatchIsRefused() {
    BatchKey batch = Loads.open(store);
    Received stray =
        raw(
            Loads.id().toString(),
            new String(completed(batch, "a").value(), StandardCharsets.UTF_8));

    assertThat(take(stray))
        .singleElement()
        .satisfies(one -> assertThat(one.refusal().detail()).contains("expected the same"));
    assertThat(Loads.all(store.ledger(batch, 0))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oops",
        "{\"type\":\"NONE\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"chekcsum\":\"x\"}"
      })
  void unreadableRecordIsKeptWithTheBatchOfItsKey(String value) {
    BatchKey batch = Loads.open(store);
    Received poison = raw(batch.id().toString(), value);

    assertThat(take(poison, completed(batch, "b"))).hasSize(1);

    assertThat(Loads.all(store.rejected(batch, 0, 10)))
        .singleElement()
        .satisfies(
            kept -> {
              assertThat(kept.text()).isEqualTo(value);
              assertThat(kept.position()).isEqualTo(poison.offset());
              assertThat(kept.producer()).isEqualTo("kafka:topic/0");
            });
    assertThat(Loads.filesInLedger(store, batch)).containsExactly("b");
    assertThat(Loads.snapshot(store, batch).totals().refused()).isEqualTo(1);
  }

  @Test
  void tooLongARecordIsRefusedAsSuch() {
    BatchKey batch = Loads.open(store);
    String name = "x".repeat(EventReader.MAX_LINE_BYTES);

    assertThat(take(completed(batch, name), completed(batch, "b")))
        .extracting(one -> one.refusal().status())
        .containsExactly(413);
    assertThat(Loads.filesInLedger(store, batch)).containsExactly("b");
  }

  @Test
  void refusedEventThatIsReplayedIsKnownWhenItsRecordComesAgain() {
    BatchKey batch = Loads.open(store);
    Received record = completed(batch, "a");
    take(record(batch, "\"type\":\"ENDED\",\"status\":\"FAILED\""));
    assertThat(take(record)).hasSize(1);
    Loads.batches(store)
        .decide(batch, 1, BatchStatus.RUNNING, null, "tester")
        .block(Loads.PATIENCE);
    Replay replay = new Replay(store, Loads.writer(store, WriteSettings.DEFAULTS), Loads::id);
    replay.replay(batch, 2, Set.of()).block(Loads.PATIENCE);
    List<String> ledger = Loads.all(store.ledger(batch, 0));

    assertThat(take(record)).isEmpty();

    assertThat(Loads.all(store.ledger(batch, 0))).isEqualTo(ledger);
    assertThat(Loads.all(store.rejected(batch, 0, 10)))
        .extracting(Rejected::resolution)
        .containsExactly("replayed");
  }

  @Test
  void whatCannotBeCommittedIsTriedUntilItCanBe() {
    HeldStore failing = new HeldStore();
    BatchKey there = Loads.open(failing);
    RecordIngest ingest =
        new RecordIngest(
            Loads.ingest(failing, new WriteSettings(100, 3, Duration.ZERO)),
            Loads.runs(failing),
            100,
            troubles::add);

    reactor.test.StepVerifier.create(ingest.carryOut(ingest.sort(List.of(completed(there, "a")))))
        .then(() -> failing.calls.get(0).fail(new AuditException(ProblemType.UNAVAILABLE, "away")))
        .then(failing::releaseAll)
        .expectNext(List.of())
        .expectComplete()
        .verify(Loads.PATIENCE);

    assertThat(Loads.filesInLedger(failing, there)).containsExactly("a");
    assertThat(troubles).isNotEmpty();
  }

  @Test
  void batchThatChangesItsLifeWithEveryRecordIsCarriedOut() {
    BatchKey batch = Loads.key();
    List<Received> records = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      records.add(record(batch, "\"type\":\"OPENED\""));
    }

    assertThat(take(records)).isEmpty();

    assertThat(Loads.snapshot(store, batch).status()).isEqualTo(BatchStatus.PENDING);
  }

  private static String report(UUID run, String state, String inputs) {
    return """
        {"eventType":"%s","eventTime":"2026-11-01T10:00:00Z","run":{"runId":"%s"},
         "job":{"namespace":"spark","name":"load"},"inputs":[%s]}"""
        .formatted(state, run, inputs);
  }

  @Test
  void reportsOnRunsAreTakenAmongRecords() {
    UUID run = Loads.id();
    BatchKey other = Loads.open(store);
    Received complete = raw("run:spark/load", report(run, "COMPLETE", ""));
    Received start =
        raw("run:spark/load", report(run, "START", "{\"namespace\":\"s3://b\",\"name\":\"a\"}"));

    assertThat(take(complete, completed(other, "x"), start)).isEmpty();
    assertThat(take(start, complete)).isEmpty();

    BatchKey batch = new BatchKey("default", run);
    assertThat(Loads.snapshot(store, batch).status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(Loads.snapshot(store, batch).totals().files().completed()).isEqualTo(1);
    assertThat(Loads.filesInLedger(store, other)).containsExactly("x");
  }

  @Test
  void reportThatIsWrongIsRefusedByName() {
    List<RecordIngest.Refused> refused =
        take(
            raw(null, report(Loads.id(), "DONE", "")),
            raw(null, report(Loads.id(), "START", "").replace("2026-11-01", "9998-01-01")),
            raw(null, report(Loads.id(), "START", "").substring(3)));

    assertThat(refused)
        .extracting(one -> one.refusal().detail())
        .satisfiesExactlyInAnyOrder(
            first -> assertThat(first).contains("eventType is \"DONE\""),
            second -> assertThat(second).contains("eventTime is 9998").contains("ahead"),
            third -> assertThat(third).contains("not readable"));
  }

  @Test
  void largeReportIsTaken() {
    UUID run = Loads.id();
    String plan = "\"facets\":{\"plan\":{\"text\":\"" + "x".repeat(200_000) + "\"}},";

    assertThat(take(raw(null, report(run, "START", "").replace("\"runId\"", plan + "\"runId\""))))
        .isEmpty();

    assertThat(Loads.snapshot(store, new BatchKey("default", run)).status())
        .isEqualTo(BatchStatus.RUNNING);
  }

  @Test
  void plainRecordsAreReadAsAllOthersAre() {
    Random random = new Random(20261128);
    String id = Loads.id().toString();
    RecordReader reader = new RecordReader();
    for (int i = 0; i < 10_000; i++) {
      List<String> fields =
          new ArrayList<>(
              List.of(
                  "\"type\":\"PROGRESS\"",
                  "\"file\":\"f" + random.nextInt(9) + "\"",
                  "\"batch\":\"" + id + "\""));
      String[] more = {
        "\"run\":" + (1 + random.nextInt(3)),
        "\"namespace\":\"sales\"",
        "\"rows\":" + random.nextInt(99),
        "\"position\":4",
        "\"at\":\"2026-11-23T14:00:00.123Z\"",
        "\"id\":\"i" + i + "\"",
        "\"attributes\":{\"a\":1}"
      };
      for (String field : more) {
        if (random.nextBoolean()) {
          fields.add(field);
        }
      }
      java.util.Collections.shuffle(fields, random);
      String plain = "{" + String.join(",", fields) + "}";
      // The same text with one letter escaped takes the long way.
      String other = plain.replace("PROGRESS", "\\u0050ROGRESS");
      RecordReader.Addressed one = (RecordReader.Addressed) reader.read(raw(id, plain));
      offset--;
      RecordReader.Addressed two = (RecordReader.Addressed) reader.read(raw(id, other));
      assertThat(one.batch()).as(plain).isEqualTo(two.batch());
      assertThat(one.run()).as(plain).isEqualTo(two.run());
      assertThat(one.line().text())
          .as(plain)
          .asString()
          .isEqualTo(new String(two.line().text(), StandardCharsets.UTF_8));
      assertThat(((io.fileaudit.core.ledger.Line.Readable) one.line()).event())
          .as(plain)
          .isEqualTo(((io.fileaudit.core.ledger.Line.Readable) two.line()).event());
    }
  }
}
