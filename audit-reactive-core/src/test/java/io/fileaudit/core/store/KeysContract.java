package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Positions and ids: nothing is counted twice, nothing new is taken for a repeat. */
interface KeysContract extends StoreContract {

  @Test
  default void positionAboveTheMarkIsNewAndMovesIt() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(key, 1, "p", Lines.started("a", "position", 5));
    Ack ack =
        driver.send(
            key, 1, "p", Lines.started("b", "position", 6), Lines.started("c", "position", 900));

    assertThat(ack.accepted()).isEqualTo(2);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 900L));
  }

  @Test
  default void positionThatComesLateIsAcceptedAndLeavesTheMark() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.started("a", "position", 10));

    Ack late =
        driver.send(
            key, 1, "p", Lines.started("b", "position", 3), Lines.started("c", "position", 4));

    assertThat(late.accepted()).isEqualTo(2);
    assertThat(late.duplicates()).isZero();
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 10L));
    assertThat(driver.send(key, 1, "p", Lines.started("c", "position", 4)).duplicate()).isTrue();
  }

  @Test
  default void sameRequestThreeTimesIsOneLedger() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String[] request = new String[500];
    for (int i = 0; i < request.length; i++) {
      request[i] =
          i % 2 == 0
              ? Lines.completed("f" + i, i, "position", i)
              : Lines.completed("f" + i, i, "id", "id-" + i);
    }
    Ack first = driver.send(key, 1, "p", request);
    List<String> ledger = driver.ledger(key);
    List<?> files = driver.files(key);
    var tally = driver.find(key).state().tally();

    Ack second = driver.send(key, 1, "p", request);
    Ack third = driver.send(key, 1, "p", request);

    assertThat(first.accepted()).isEqualTo(500);
    assertThat(first.duplicate()).isFalse();
    for (Ack again : List.of(second, third)) {
      assertThat(again.accepted()).isZero();
      assertThat(again.duplicates()).isEqualTo(500);
      assertThat(again.duplicate()).isTrue();
      assertThat(again.refused()).isZero();
      assertThat(again.firstSeq()).isNull();
      assertThat(again.version()).isEqualTo(first.version());
    }
    assertThat(driver.ledger(key)).isEqualTo(ledger);
    assertThat(driver.files(key)).isEqualTo(files);
    assertThat(driver.find(key).state().tally()).isEqualTo(tally);
    driver.checkAccount(key);
  }

  @Test
  default void repeatIsRecognisedHoweverItIsWritten() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        1,
        "p",
        "{\"type\":\"COMPLETED\",\"file\":\"a/é\",\"rows\":1,\"position\":1,\"attributes\":{\"x\":1.0}}");

    Ack again =
        driver.send(
            key,
            1,
            "p",
            "{ \"position\" : 1, \"attributes\":{\"x\":1}, \"rows\":1, \"file\":\"a\\/\\u00e9\",\"type\":\"COMPLETED\" }");

    assertThat(again.duplicate()).isTrue();
    assertThat(driver.ledger(key)).hasSize(1);
  }

  @Test
  default void otherContentUnderAPositionIsAConflict() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.completed("a", 1, "position", 7));

    Ack ack =
        driver.send(
            key, 1, "p", Lines.completed("a", 2, "position", 7), Lines.started("b", "position", 8));

    assertThat(ack.accepted()).isEqualTo(1);
    Refusal refusal = ack.refusals().get(0);
    assertThat(refusal.type()).isEqualTo("key-conflict");
    assertThat(refusal.status()).isEqualTo(409);
    assertThat(refusal.line()).isEqualTo(1);
    assertThat(refusal.detail()).contains("position 7");
    assertThat(driver.file(key, "a").rows()).isEqualTo(1);
    driver.checkAccount(key);
  }

  @Test
  default void otherContentUnderAnIdIsAConflict() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1, "id", "x-1"));

    Ack ack = driver.send(key, Lines.completed("a", 2, "id", "x-1"));

    assertThat(ack.refusals()).extracting(Refusal::type).containsExactly("key-conflict");
    assertThat(ack.refusals().get(0).detail()).contains("x-1");
    assertThat(driver.file(key, "a").rows()).isEqualTo(1);
  }

  @Test
  default void keysHoldWithinOneChunk() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Ack ack =
        driver.send(
            key,
            1,
            "p",
            Lines.completed("a", 1, "position", 2),
            Lines.completed("a", 1, "position", 2),
            Lines.completed("a", 9, "position", 2),
            Lines.completed("b", 1, "id", "one"),
            Lines.completed("b", 1, "id", "one"),
            Lines.completed("b", 9, "id", "one"),
            Lines.completed("c", 1, "position", 1));

    assertThat(ack.accepted()).isEqualTo(3);
    assertThat(ack.duplicates()).isEqualTo(2);
    assertThat(ack.duplicate()).isFalse();
    assertThat(ack.refusals()).extracting(Refusal::line).containsExactly(3L, 6L);
    assertThat(ack.refusals()).allMatch(refusal -> refusal.type().equals("key-conflict"));
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 2L));
    driver.checkAccount(key);
  }

  @Test
  default void eventKnownByItsIdIsARepeatAtAnotherPosition() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "before", Lines.completed("a", 1, "id", "x", "position", 4));

    Ack ack = driver.send(key, 1, "after", Lines.completed("a", 1, "id", "x", "position", 0));

    assertThat(ack.duplicate()).isTrue();
    assertThat(driver.ledger(key)).hasSize(1);
  }

  @Test
  default void producersHaveTheirOwnPositions() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Ack one = driver.send(key, 1, "p-1", Lines.started("a", "position", 1));
    Ack other = driver.send(key, 1, "p-2", Lines.started("b", "position", 1));

    assertThat(one.accepted() + other.accepted()).isEqualTo(2);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p-1", 1L, "p-2", 1L));
  }

  @Test
  default void batchesHaveTheirOwnKeys() {
    StoreDriver driver = driver();
    BatchKey one = driver.open();
    BatchKey other = driver.open();
    driver.send(one, 1, "p", Lines.started("a", "position", 1, "id", "x"));

    Ack ack = driver.send(other, 1, "p", Lines.failed("b", "position", 1, "id", "x"));

    assertThat(ack.accepted()).isEqualTo(1);
    assertThat(driver.marks(one)).isEqualTo(driver.marks(other));
  }

  @Test
  default void positionWithoutAProducerIsNoKey() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(key, Lines.started("a", "position", 1));
    Ack ack = driver.send(key, Lines.started("b", "position", 1));

    assertThat(ack.accepted()).isEqualTo(1);
    assertThat(driver.marks(key)).isEmpty();
  }

  @Test
  default void positionsReachAsFarAsIntegersDo() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String first = Lines.started("a", "position", 0);
    String last = Lines.started("b", "position", CanonicalJson.MAX_INTEGER);

    driver.send(key, 1, "p", first, last);

    assertThat(driver.marks(key)).isEqualTo(Map.of("p", CanonicalJson.MAX_INTEGER));
    assertThat(driver.send(key, 1, "p", first, last).duplicates()).isEqualTo(2);
  }

  @Test
  default void afterTheEndRepeatsAreRecognisedAndNewEventsRefused() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String numbered = Lines.completed("a", 1, "position", 1);
    String named = Lines.completed("b", 1, "id", "x");
    driver.send(key, 1, "p", numbered, named);
    driver.decide(key, COMPLETED);

    Ack ack = driver.send(key, 1, "p", named, numbered, Lines.completed("c", 1, "position", 2));

    assertThat(ack.duplicates()).isEqualTo(2);
    assertThat(ack.refusals()).extracting(Refusal::type).containsExactly("batch-ended");
    assertThat(ack.status()).isEqualTo(COMPLETED);
    assertThat(driver.send(key, 1, "p", named, numbered).duplicate()).isTrue();
    assertThat(driver.send(key, 1, "p", Lines.completed("a", 2, "position", 1)).refusals())
        .extracting(Refusal::type)
        .containsExactly("key-conflict");
  }

  @Test
  default void repeatOfAnOlderRunIsStillARepeat() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String line = Lines.failed("a", "position", 1);
    driver.send(key, 1, "p", line);
    driver.decide(key, FAILED);
    driver.decide(key, RUNNING);

    assertThat(driver.send(key, 1, "p", line).duplicate()).isTrue();
    assertThat(driver.send(key, 2, "p", line).duplicate()).isTrue();
    assertThat(driver.file(key, "a").attempts()).isEqualTo(1);
  }

  @Test
  default void refusedEventUsesUpNoPosition() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.started("a", "position", 1));

    Ack refused =
        driver.send(
            key, 1, "p", "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":-1,\"position\":2}");

    assertThat(refused.refused()).isEqualTo(1);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 1L));
    assertThat(driver.snapshot(key).totals().refused()).isEqualTo(1);

    Ack corrected = driver.send(key, 1, "p", Lines.completed("a", 1, "position", 2));

    assertThat(corrected.accepted()).isEqualTo(1);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 2L));
    assertThat(driver.rejected(key)).extracting(Rejected::resolution).containsExactly("replayed");
    assertThat(driver.snapshot(key).totals().refused()).isZero();
    assertThat(driver.decide(key, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
  }

  @Test
  default void refusedEventIsCorrectedAfterLaterOnesWereAccepted() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        1,
        "p",
        Lines.started("a", "position", 1),
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":\"many\",\"position\":2}",
        Lines.completed("b", 1, "position", 3));

    Ack corrected = driver.send(key, 1, "p", Lines.completed("a", 1, "position", 2));

    assertThat(corrected.accepted()).isEqualTo(1);
    assertThat(driver.rejected(key)).extracting(Rejected::resolution).containsExactly("replayed");
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 3L));
  }

  @Test
  default void refusedEventIsCorrectedUnderItsId() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1.5,\"id\":\"x\"}",
        "{\"type\":\"COMPLETED\",\"file\":\"b\",\"rows\":1.5,\"id\":\"y\"}");

    driver.send(key, Lines.completed("a", 1, "id", "x"));

    assertThat(driver.rejected(key))
        .extracting(Rejected::resolution)
        .containsExactly("replayed", null);
    assertThat(driver.find(key).refusals().invalid()).isEqualTo(1);
  }

  @Test
  default void correctionOfAnotherProducerIsNone() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", "{\"type\":\"COMPLETED\",\"position\":2}");

    driver.send(key, 1, "q", Lines.completed("a", 1, "position", 2));
    driver.send(key, 1, null, Lines.completed("b", 1, "position", 2));

    assertThat(driver.rejected(key))
        .extracting(Rejected::resolution)
        .containsExactly((String) null);
    assertThat(driver.find(key).refusals().invalid()).isEqualTo(1);
  }

  @Test
  default void producersAreListedByNameWithTheTimeTheyWereHeard() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Instant before = driver.find(key).now();
    driver.send(key, 1, "z", Lines.started("a", "position", 1));
    driver.send(key, 1, "b", Lines.started("a", "position", 8));
    driver.send(key, 1, "a", "not JSON");

    List<ProducerMark> marks = driver.all(driver.store.producers(key));

    assertThat(marks).extracting(ProducerMark::producer).containsExactly("b", "z");
    assertThat(marks).extracting(ProducerMark::position).containsExactly(8L, 1L);
    Instant after = driver.find(key).now();
    assertThat(marks).allSatisfy(mark -> assertThat(mark.lastAt()).isBetween(before, after));
  }

  @Test
  default void numbersOfAnySizeAreTheSameWhenTheyComeAgain() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String line =
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"id\":\"x\",\"position\":1,\"attributes\":"
            + "{\"a\":1e300,\"b\":9007199254740993.0,\"c\":[1.5e17,-2E-7,5e-324],\"d\":0.1}}";
    driver.send(key, 1, "p", line);

    assertThat(driver.send(key, 1, "p", line).duplicates()).isEqualTo(1);
    assertThat(driver.send(key, 1, null, line).duplicates()).isEqualTo(1);
    assertThat(driver.ledger(key)).hasSize(1);
  }
}
