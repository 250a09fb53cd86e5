package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Events under keys that come again: in part, after a commit of unknown outcome, or in several
 * requests at one time. Each is stored once.
 */
interface RepeatsContract extends StoreContract {
  @Test
  default void ofAChunkThatIsPartlyKnownTheRestIsTaken() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String[] lines = new String[12];
    for (int i = 0; i < lines.length; i++) {
      Object[] name = i % 2 == 0 ? new Object[] {"position", i} : new Object[] {"id", "id-" + i};
      lines[i] = Lines.completed("f" + i, i, name);
    }
    driver.send(key, 1, "p", Arrays.copyOfRange(lines, 0, 6));

    Ack ack = driver.send(key, 1, "p", Arrays.copyOfRange(lines, 3, 12));

    assertThat(ack.accepted()).isEqualTo(6);
    assertThat(ack.duplicates()).isEqualTo(3);
    assertThat(ack.duplicate()).isFalse();
    assertThat(ack.refused()).isZero();
    assertThat(ack.firstSeq()).isEqualTo(6);
    assertThat(ack.lastSeq()).isEqualTo(11);
    assertThat(driver.ledger(key)).hasSize(12);
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(66);
    driver.checkAccount(key);
  }

  @Test
  default void commitOfUnknownOutcomeTriedAgainIsNoRepeat() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Chunk chunk =
        driver.chunk(
            key,
            1,
            "p",
            Lines.completed("a", 1, "position", 4),
            Lines.completed("b", 2, "id", "x"),
            Lines.completed("b", 2, "id", "x"));
    Ack first = driver.commit(chunk);
    List<Object> before = driver.everything(key);

    Ack again =
        StoreDriver.committed(driver.answer(driver.store.commit(List.of(chunk), true)).get(0));

    assertThat(again).isEqualTo(first);
    assertThat(again.accepted()).as("it is the sender's first answer").isEqualTo(2);
    assertThat(driver.everything(key)).isEqualTo(before);
    Ack resent =
        driver.send(
            key,
            1,
            "p",
            Lines.completed("a", 1, "position", 4),
            Lines.completed("b", 2, "id", "x"));
    assertThat(resent.duplicate()).isTrue();
  }

  /** Commits chunks at one time, so many together, and gives their acknowledgements as one. */
  private static Ack atOneTime(StoreDriver driver, List<Chunk> chunks, int together) {
    return driver.answer(
        Flux.fromIterable(chunks)
            .flatMap(
                chunk ->
                    Mono.defer(() -> driver.store.commit(List.of(chunk), false))
                        .map(outcomes -> StoreDriver.committed(outcomes.get(0)))
                        .subscribeOn(Schedulers.boundedElastic()),
                together)
            .reduce(Ack::and));
  }

  /** Chunks of eight events each; the events of neighbours alternate, so that most come late. */
  private static List<Chunk> interleaved(StoreDriver driver, BatchKey key) {
    return IntStream.range(0, 24)
        .mapToObj(
            chunk ->
                driver.chunk(
                    key,
                    1,
                    "p",
                    IntStream.range(0, 8)
                        .map(i -> chunk / 4 * 32 + chunk % 4 + 4 * i)
                        .mapToObj(i -> Lines.completed("f" + i, i, "position", i))
                        .toArray(String[]::new)))
        .toList();
  }

  @Test
  default void requestsOfOneProducerAtOneTimeAllCount() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    Ack first = atOneTime(driver, interleaved(driver, key), 4);
    List<String> ledger = driver.ledger(key);
    Ack again = atOneTime(driver, interleaved(driver, key), 4);

    assertThat(first.accepted()).isEqualTo(192);
    assertThat(first.duplicates() + first.refused()).as("no position is taken for known").isZero();
    assertThat(again.duplicates()).as("and each is known from then on").isEqualTo(192);
    assertThat(driver.ledger(key)).hasSize(192).isEqualTo(ledger);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 191L));
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(191 * 192 / 2);
    driver.checkAccount(key);
  }

  @Test
  default void samePositionsAtOneTimeAreStoredOnce() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String[] lines =
        IntStream.range(0, 10)
            .mapToObj(i -> Lines.completed("f" + i, 1, "position", i))
            .toArray(String[]::new);

    Ack all = atOneTime(driver, sameEvents(driver, key, "p", lines), 8);

    assertStoredOnce(driver, key, all);
    assertThat(driver.marks(key)).isEqualTo(Map.of("p", 9L));
  }

  @Test
  default void sameIdsAtOneTimeAreStoredOnce() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String[] lines =
        IntStream.range(0, 10)
            .mapToObj(i -> Lines.completed("f" + i, 1, "id", "id-" + i))
            .toArray(String[]::new);

    assertStoredOnce(driver, key, atOneTime(driver, sameEvents(driver, key, null, lines), 8));
  }

  private static List<Chunk> sameEvents(
      StoreDriver driver, BatchKey key, String producer, String... lines) {
    return Collections.nCopies(16, lines).stream()
        .map(same -> driver.chunk(key, 1, producer, same))
        .toList();
  }

  private static void assertStoredOnce(StoreDriver driver, BatchKey key, Ack all) {
    assertThat(all.accepted()).isEqualTo(10);
    assertThat(all.duplicates()).isEqualTo(150);
    assertThat(all.refused()).isZero();
    assertThat(driver.ledger(key)).hasSize(10);
    assertThat(driver.snapshot(key).totals().rows()).isEqualTo(10);
    driver.checkAccount(key);
  }

  @Test
  default void ofDifferentEventsUnderOneIdAtOneTimeOneIsTaken() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    List<Chunk> chunks =
        IntStream.range(0, 12)
            .mapToObj(i -> driver.chunk(key, 1, null, Lines.completed("a", i, "id", "x")))
            .toList();

    Ack all = atOneTime(driver, chunks, 8);

    assertThat(all.accepted()).isEqualTo(1);
    assertThat(all.refusals()).hasSize(11).extracting(Refusal::type).containsOnly("key-conflict");
    assertThat(driver.events(key)).hasSize(1);
    assertThat(driver.file(key, "a").rows())
        .isEqualTo(((Number) driver.events(key).get(0).get("rows")).longValue());
    driver.checkAccount(key);
  }
}
