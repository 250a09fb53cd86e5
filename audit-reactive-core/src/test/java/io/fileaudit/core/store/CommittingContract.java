package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.ledger.Chunk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Commits: numbering, texts, figures, what is refused, and what is told. */
interface CommittingContract extends StoreContract {

  @Test
  default void rowsAreNumberedWithoutGapsOverManyCommits() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Random random = new Random(7);
    long expected = 0;
    for (int commit = 0; commit < 40; commit++) {
      String[] lines = new String[1 + random.nextInt(30)];
      for (int i = 0; i < lines.length; i++) {
        lines[i] =
            random.nextInt(5) == 0
                ? "{\"type\":\"NO SUCH\"}"
                : Lines.progress("file-" + random.nextInt(9), random.nextInt(1000));
      }
      Ack ack = driver.send(key, lines);
      assertThat(ack.accepted() + ack.refused()).isEqualTo(lines.length);
      if (ack.accepted() > 0) {
        assertThat(ack.firstSeq()).isEqualTo(expected);
        expected += ack.accepted();
        assertThat(ack.lastSeq()).isEqualTo(expected - 1);
      }
    }

    List<String> ledger = driver.ledger(key);
    assertThat(ledger).hasSize((int) expected);
    LedgerBodies.check(key, ledger);
    driver.checkAccount(key);
  }

  @Test
  default void bodySaysWhatWasSentByWhomAndWhen() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String numbered =
        Lines.completed(
            "landing/K3241.K03200Y0.D40511.EMPRECSV",
            4_494_860,
            "at",
            "2026-11-23T14:00:00.123Z",
            "attempt",
            2,
            "rejected_rows",
            3,
            "bytes",
            96_211_345,
            "checksum",
            "sha256:9f86",
            "position",
            17,
            "id",
            "0197",
            "attributes",
            Lines.map("worker", "w3", "z", List.of(1, 2.5, true), "a", Lines.map("n", 0)));
    String plain = Lines.failed("b", "error", Lines.map("code", "bad-date", "line", 12));

    Instant before = driver.find(key).now();
    driver.send(key, 1, "loader-1", numbered);
    driver.send(key, 1, null, plain);
    Instant after = driver.find(key).now();

    List<String> ledger = driver.ledger(key);
    LedgerBodies.check(key, ledger);
    Map<String, Object> first = Lines.parse(ledger.get(0));
    assertThat(first)
        .containsEntry("producer", "loader-1")
        .containsEntry("position", 17)
        .containsEntry("id", "0197")
        .containsEntry("run", 1)
        .containsEntry("event", Lines.parse(numbered));
    assertThat(Instant.parse((String) first.get("recorded_at"))).isBetween(before, after);
    assertThat(Lines.parse(ledger.get(1)))
        .containsEntry("producer", null)
        .containsEntry("position", null)
        .containsEntry("id", null)
        .containsEntry("event", Lines.parse(plain));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; DROP TABLE ledger; --",
        "<script>alert(1)</script>",
        "a\r\nb\tc\u001b[31m",
        "${jndi:ldap://x}",
        "=cmd|'/c calc'!A1",
        "back\\slash \\N \\. \"quoted\"",
        "\u007f\u0080\u2028\ufeff\uffff",
        "snow ☃ and 𝄞",
        "100%_done",
        "$1 $$ :name ?"
      })
  default void textIsStoredWordForWord(String text) {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String line =
        Lines.failed(
            text,
            "id",
            text,
            "error",
            Lines.map("code", text, "message", text),
            "attributes",
            Lines.map(text, text));

    assertThat(driver.send(key, 1, text, line).accepted()).isEqualTo(1);

    assertThat(driver.events(key)).containsExactly(Lines.parse(line));
    LedgerBodies.check(key, driver.ledger(key));
    Manifest file = driver.files(key).get(0);
    assertThat(file.file()).isEqualTo(text);
    assertThat(file.error().code()).isEqualTo(text);
    assertThat(file.error().message()).isEqualTo(text);
    assertThat(file.attributes()).isEqualTo(Map.of(text, text));
    assertThat(driver.send(key, 1, text, line).duplicate()).isTrue();
  }

  @Test
  default void firstEventStartsTheRun() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    BatchState before = driver.find(key).state();

    Ack ack = driver.send(key, Lines.event(EventType.DISCOVERED, "a"));

    BatchRecord batch = driver.find(key);
    BatchState state = batch.state();
    assertThat(ack.status()).isEqualTo(RUNNING);
    assertThat(ack.run()).isEqualTo(1);
    assertThat(ack.verdict()).isNull();
    assertThat(ack.version()).isEqualTo(state.version()).isGreaterThan(before.version());
    assertThat(state.status()).isEqualTo(RUNNING);
    assertThat(state.startedAt()).isBetween(batch.openedAt(), batch.now());
    assertThat(state.lastActivityAt()).isEqualTo(state.startedAt());
    assertThat(state.lastProgressAt()).isEqualTo(state.startedAt());

    driver.send(key, Lines.started("a"));

    BatchState later = driver.find(key).state();
    assertThat(later.startedAt()).isEqualTo(state.startedAt());
    assertThat(later.version()).isGreaterThan(state.version());
    assertThat(later.lastActivityAt()).isAfterOrEqualTo(state.lastActivityAt());
  }

  @Test
  default void heartbeatLeavesActivityAndNothingElse() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Ack ack = driver.send(key, Lines.HEARTBEAT, Lines.HEARTBEAT);

    assertThat(ack.accepted()).isZero();
    assertThat(ack.refused()).isZero();
    assertThat(ack.firstSeq()).isNull();
    assertThat(ack.lastSeq()).isNull();
    assertThat(ack.lastLine()).isEqualTo(2);
    BatchRecord batch = driver.find(key);
    assertThat(batch.state().lastActivityAt()).isBetween(batch.openedAt(), batch.now());
    assertThat(batch.state().status()).isEqualTo(PENDING);
    assertThat(batch.state().startedAt()).isNull();
    assertThat(batch.state().lastProgressAt()).isNull();
    assertThat(batch.state().nextSeq()).isZero();
    assertThat(driver.ledger(key)).isEmpty();
  }

  @Test
  default void badLineDoesNotSpoilItsNeighbours() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String[] lines =
        IntStream.range(0, 1_000)
            .mapToObj(
                i ->
                    i == 499
                        ? "{\"type\":\"COMPLETED\",\"file\":\"x\",\"chekcsum\":1}"
                        : Lines.completed("f" + i, 1))
            .toArray(String[]::new);

    Ack ack = driver.send(key, lines);

    assertThat(ack.accepted()).isEqualTo(999);
    assertThat(ack.refused()).isEqualTo(1);
    assertThat(ack.lastLine()).isEqualTo(1_000);
    Refusal refusal = ack.refusals().get(0);
    assertThat(refusal.line()).isEqualTo(500);
    assertThat(refusal.status()).isEqualTo(422);
    assertThat(refusal.type()).isEqualTo("invalid-event");
    assertThat(refusal.detail()).contains("chekcsum");
    assertThat(driver.files(key)).hasSize(999);
    assertThat(driver.snapshot(key).totals().refused()).isEqualTo(1);
    driver.checkAccount(key);
  }

  @Test
  default void eventADayAheadOfTheStoresClockIsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Instant now = driver.find(key).now();

    Ack ack =
        driver.send(
            key,
            Lines.started("ahead", "at", now.plus(Duration.ofDays(1)).toString()),
            Lines.started("just now", "at", now.toString()),
            Lines.started("long ago", "at", "2024-05-11T00:00:00Z"));

    assertThat(ack.accepted()).isEqualTo(2);
    assertThat(ack.refusals()).singleElement().returns(1L, Refusal::line);
    assertThat(ack.refusals().get(0).type()).isEqualTo(ProblemType.INVALID_EVENT.slug());
    assertThat(driver.files(key))
        .extracting(Manifest::file)
        .containsExactly("just now", "long ago");
  }

  @Test
  default void rowsOfFilesThatFailedAreNotCounted() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(
        key,
        Lines.completed("good", 100, "bytes", 1024, "rejected_rows", 2),
        Lines.progress("bad", 55, "bytes", 77),
        Lines.failed("bad", "rows", 60, "bytes", 80, "rejected_rows", 9),
        Lines.progress("going on", 30, "bytes", 40),
        Lines.progress("going on", 20),
        Lines.skipped("known", "rows", 5));

    var totals = driver.snapshot(key).totals();
    assertThat(totals.rows()).isEqualTo(100);
    assertThat(totals.bytes()).isEqualTo(1024);
    assertThat(totals.rejectedRows()).isEqualTo(2);
    assertThat(totals.rowsInFlight()).isEqualTo(30);
    assertThat(totals.events()).isEqualTo(6);
    assertThat(totals.files().completed()).isEqualTo(1);
    assertThat(totals.files().failed()).isEqualTo(1);
    assertThat(totals.files().running()).isEqualTo(1);
    assertThat(totals.files().skipped()).isEqualTo(1);
    driver.checkAccount(key);
  }

  @Test
  default void eventOfAnotherRunIsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));

    Ack ahead = driver.send(key, 2, null, Lines.completed("a", 1));
    driver.decide(key, FAILED);
    driver.decide(key, RUNNING);
    Ack behind = driver.send(key, 1, null, Lines.completed("a", 1), Lines.HEARTBEAT);

    assertThat(ahead.refusals()).extracting(Refusal::type).containsExactly("stale-run");
    assertThat(behind.refusals())
        .extracting(Refusal::type)
        .containsExactly("stale-run", "stale-run");
    assertThat(behind.refusals().get(0).status()).isEqualTo(409);
    assertThat(behind.run()).isEqualTo(2);
    assertThat(driver.find(key).state().lastActivityAt()).isNull();
    assertThat(driver.events(key)).filteredOn("type", "COMPLETED").isEmpty();
    assertThat(driver.send(key, 2, null, Lines.completed("a", 1)).accepted()).isEqualTo(1);
    driver.checkAccount(key);
  }

  @Test
  default void eventAfterCancellationChangesNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 100, "bytes", 1024));
    var verdict = driver.decide(key, CANCELLED).batch().state().verdict();
    BatchState ended = driver.find(key).state();
    List<String> ledger = driver.ledger(key);

    Ack ack = driver.send(key, Lines.completed("b", 100, "bytes", 1024), Lines.HEARTBEAT);

    assertThat(ack.accepted()).isZero();
    assertThat(ack.refusals())
        .extracting(Refusal::type)
        .containsExactly("batch-ended", "batch-ended");
    assertThat(ack.status()).isEqualTo(CANCELLED);
    assertThat(ack.verdict()).isEqualTo(verdict);
    assertThat(driver.ledger(key)).isEqualTo(ledger);
    assertThat(driver.find(key).state().tally()).isEqualTo(ended.tally());
    assertThat(driver.find(key).state().lastActivityAt()).isEqualTo(ended.lastActivityAt());
    assertThat(driver.find(key).state().nextSeq()).isEqualTo(ended.nextSeq());
    assertThat(driver.verdicts(key)).hasSize(1);
  }

  @Test
  default void failedInOneRunAndCompletedInTheNextIsCompleted() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.failed("a", "attempt", 3, "error", Lines.map("code", "disk")));
    driver.decide(key, COMPLETED);
    driver.decide(key, RUNNING);

    driver.send(key, 2, null, Lines.completed("a", 10));

    Manifest file = driver.file(key, "a");
    assertThat(file.state()).isEqualTo(FileState.COMPLETED);
    assertThat(file.run()).isEqualTo(2);
    assertThat(file.attempt()).isEqualTo(1);
    assertThat(file.attempts()).isEqualTo(2);
    assertThat(file.error()).isNull();
    assertThat(driver.decide(key, 2, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
    driver.checkAccount(key);
  }

  @Test
  default void chunksOfOneCommitAreAnsweredInTheirOrder() {
    StoreDriver driver = driver();
    List<BatchKey> keys = IntStream.range(0, 10).mapToObj(i -> driver.open()).toList();
    BatchKey missing = driver.key();
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      String[] lines =
          IntStream.rangeClosed(0, i)
              .mapToObj(j -> Lines.completed("f" + j, 1))
              .toArray(String[]::new);
      chunks.add(driver.chunk(keys.get(i), 1, null, lines));
    }
    chunks.add(4, driver.chunk(missing, 1, null, Lines.started("nowhere")));

    List<CommitOutcome> outcomes = driver.answer(driver.store.commit(chunks, false));

    assertThat(outcomes).hasSize(11);
    assertThat(outcomes.get(4)).isInstanceOf(CommitOutcome.Rejected.class);
    assertThat(((CommitOutcome.Rejected) outcomes.get(4)).error().type())
        .isEqualTo(ProblemType.NOT_FOUND);
    List<CommitOutcome> committed = new ArrayList<>(outcomes);
    committed.remove(4);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(StoreDriver.committed(committed.get(i)).accepted()).isEqualTo(i + 1);
      assertThat(driver.snapshot(keys.get(i)).totals().rows()).isEqualTo(i + 1);
      driver.checkAccount(keys.get(i));
    }
    assertThat(driver.store.find(missing).blockOptional(StoreDriver.PATIENCE)).isEmpty();
  }

  @Test
  default void batchOfAnotherNamespaceTakesNoChunk() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    BatchKey foreign = new BatchKey(new StoreDriver(store()).namespace, key.id());

    List<CommitOutcome> outcomes =
        driver.answer(
            driver.store.commit(
                List.of(driver.chunk(foreign, 1, null, Lines.started("a"))), false));

    assertThat(outcomes).singleElement().isInstanceOf(CommitOutcome.Rejected.class);
    assertThat(driver.ledger(key)).isEmpty();
  }

  @Test
  default void chunkTriedAgainIsAnsweredAsBefore() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Chunk chunk =
        driver.chunk(key, 1, null, Lines.completed("a", 1), "not JSON", Lines.started("b"));
    Ack first = driver.commit(chunk);
    driver.send(key, Lines.started("c"));
    driver.decide(key, FAILED);
    List<Object> before = driver.everything(key);

    Ack again =
        StoreDriver.committed(driver.answer(driver.store.commit(List.of(chunk), true)).get(0));

    assertThat(again).isEqualTo(first);
    assertThat(driver.everything(key)).isEqualTo(before);
  }

  @Test
  default void chunkThatNeverCommittedIsCommittedWhenTriedAgain() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    BatchKey other = driver.open();
    Chunk committed = driver.chunk(key, 1, null, Lines.completed("a", 1));
    Chunk lost = driver.chunk(other, 1, null, Lines.completed("b", 1));
    Ack first = driver.commit(committed);

    List<CommitOutcome> again = driver.answer(driver.store.commit(List.of(committed, lost), true));

    assertThat(StoreDriver.committed(again.get(0))).isEqualTo(first);
    assertThat(StoreDriver.committed(again.get(1)).accepted()).isEqualTo(1);
    assertThat(driver.ledger(key)).hasSize(1);
    assertThat(driver.ledger(other)).hasSize(1);
  }

  @Test
  default void commitsAtOneTimeAllFindTheirPlace() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    List<Ack> acks =
        driver.all(
            Flux.range(0, 60)
                .flatMap(
                    i ->
                        Mono.fromSupplier(
                                () ->
                                    driver.chunk(
                                        key,
                                        1,
                                        "p" + i % 6,
                                        Lines.completed("f" + i, 1, "position", i),
                                        Lines.progress("shared", i, "position", i + 1_000)))
                            .flatMap(chunk -> driver.store.commit(List.of(chunk), false))
                            .map(outcomes -> StoreDriver.committed(outcomes.get(0)))
                            .subscribeOn(Schedulers.boundedElastic()),
                    6));

    assertThat(acks)
        .hasSize(60)
        .allMatch(ack -> ack.accepted() == 2 && ack.lastSeq() == ack.firstSeq() + 1);
    assertThat(acks).extracting(Ack::firstSeq).doesNotHaveDuplicates();
    List<String> ledger = driver.ledger(key);
    assertThat(ledger).hasSize(120);
    LedgerBodies.check(key, ledger);
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(60);
    assertThat(driver.snapshot(key).totals().rowsInFlight()).isEqualTo(59);
    driver.checkAccount(key);
  }

  @Test
  default void commitDoesNothingUntilSubscribed() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Chunk chunk = driver.chunk(key, 1, null, Lines.completed("a", 1));

    Mono<List<CommitOutcome>> call = driver.store.commit(List.of(chunk), false);

    assertThat(driver.ledger(key)).isEmpty();
    assertThat(driver.find(key).state().tally()).isEqualTo(Tally.ZERO);
    assertThat(StoreDriver.committed(driver.answer(call).get(0)).accepted()).isEqualTo(1);
    assertThat(driver.ledger(key)).hasSize(1);
  }

  @Test
  default void cancelledCommitIsCarriedOut() {
    StoreDriver driver = driver();
    List<BatchKey> keys = IntStream.range(0, 5).mapToObj(i -> driver.open()).toList();

    for (BatchKey key : keys) {
      Chunk chunk = driver.chunk(key, 1, null, Lines.completed("a", 1), Lines.started("b"));
      driver.store.commit(List.of(chunk), false).subscribe().dispose();
    }

    for (BatchKey key : keys) {
      driver.await(() -> driver.store.ledger(key, 0).count().map(rows -> rows == 2));
      driver.checkAccount(key);
    }
  }

  @Test
  default void sumsBeyondWhatIntegersKeepAreRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    long most = (1L << 53) - 1;
    driver.send(key, Lines.completed("a", most - 5));

    Ack over = driver.send(key, Lines.completed("b", 6), Lines.HEARTBEAT);
    Ack fits = driver.send(key, Lines.completed("b", 5));

    assertThat(over.accepted()).isZero();
    assertThat(over.refusals())
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.detail()).contains("2^53"));
    assertThat(fits.accepted()).isEqualTo(1);
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(most);
    driver.checkAccount(key);
  }

  @Test
  default void eventThatIsTooMuchCostsItsNeighboursNothing() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    long most = (1L << 53) - 1;
    String[] lines = new String[1_001];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = Lines.completed("f" + i, 5);
    }
    lines[500] = Lines.completed("greedy", most);

    Ack ack = driver.send(key, lines);

    assertThat(ack.accepted()).isEqualTo(1_000);
    assertThat(ack.refusals())
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.line()).isEqualTo(501));
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(5_000);
    driver.checkAccount(key);
  }
}
