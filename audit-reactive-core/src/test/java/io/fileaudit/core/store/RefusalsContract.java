package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.RefusalCounts;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Refused events: kept, told apart, bounded. */
interface RefusalsContract extends StoreContract {

  @Test
  default void refusedEventIsKeptWithItsTextAndReason() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String line =
        "{\"type\":\"COMPLETED\",\"file\":\"<b>\",\"rows\":-1,\"position\":7,\"id\":\"x\"}";

    driver.send(key, 1, "p", line);

    BatchRecord batch = driver.find(key);
    Rejected kept = driver.rejected(key).get(0);
    assertThat(kept.number()).isEqualTo(1);
    assertThat(kept.type()).isEqualTo("invalid-event");
    assertThat(kept.status()).isEqualTo(422);
    assertThat(kept.detail()).contains("rows", "-1");
    assertThat(kept.text()).isEqualTo(line);
    assertThat(kept.producer()).isEqualTo("p");
    assertThat(kept.position()).isEqualTo(7);
    assertThat(kept.id()).isEqualTo("x");
    assertThat(kept.run()).isEqualTo(1);
    assertThat(kept.times()).isEqualTo(1);
    assertThat(kept.firstAt()).isBetween(batch.openedAt(), batch.now());
    assertThat(kept.lastAt()).isEqualTo(kept.firstAt());
    assertThat(kept.resolution()).isNull();
    assertThat(batch.refusals()).isEqualTo(new RefusalCounts(1, 1));
  }

  @Test
  default void sameTextRefusedAgainIsKeptOnce() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(key, "not JSON", "not JSON", "not JSON either");
    driver.send(key, "not JSON");

    List<Rejected> kept = driver.rejected(key);
    assertThat(kept).extracting(Rejected::text).containsExactly("not JSON", "not JSON either");
    assertThat(kept).extracting(Rejected::times).containsExactly(3L, 1L);
    assertThat(kept).extracting(Rejected::number).doesNotHaveDuplicates().isSorted();
    assertThat(kept.get(0).lastAt()).isAfterOrEqualTo(kept.get(0).firstAt());
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(2, 2));
  }

  @Test
  default void theSameOfAnotherProducerIsAnotherEvent() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String bad = "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":-1,\"position\":1}";
    driver.send(key, 1, "one", bad);
    driver.send(key, 1, "other", bad);
    assertThat(driver.rejected(key)).extracting(Rejected::producer).containsExactly("one", "other");

    driver.send(key, 1, "one", bad.replace("-1", "1"));

    assertThat(driver.find(key).refusals())
        .as("what the other sent was neither taken nor corrected")
        .isEqualTo(new RefusalCounts(1, 1));
  }

  @Test
  default void whatNoDatabaseCanHoldIsKeptReadable() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(key, "a\0b", "{\"type\":\"COMPLETED\",\"file\":\"\\u0000\"}", "\ud83d\ude00 {");

    List<Rejected> kept = driver.rejected(key);
    assertThat(kept).extracting(Rejected::status).containsExactly(400, 422, 400);
    assertThat(kept.get(0).text()).startsWith("a").endsWith("b").doesNotContain("\0");
    assertThat(kept.get(1).text()).isEqualTo("{\"type\":\"COMPLETED\",\"file\":\"\\u0000\"}");
    assertThat(kept.get(2).text()).isEqualTo("\ud83d\ude00 {");
  }

  @Test
  default void refusedEventsArePaged() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, IntStream.range(0, 25).mapToObj(i -> "bad " + i).toArray(String[]::new));

    List<Rejected> first = driver.all(driver.store.rejected(key, 0, 10));
    List<Rejected> second = driver.all(driver.store.rejected(key, first.get(9).number(), 10));
    List<Rejected> third = driver.all(driver.store.rejected(key, second.get(9).number(), 10));

    assertThat(first).extracting(Rejected::text).first().isEqualTo("bad 0");
    assertThat(second).hasSize(10).extracting(Rejected::text).first().isEqualTo("bad 10");
    assertThat(third)
        .extracting(Rejected::text)
        .containsExactly("bad 20", "bad 21", "bad 22", "bad 23", "bad 24");
  }

  @Test
  default void whatCameAtTheWrongTimeIsKeptButNotHeldAgainstCompleting() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1, "id", "x"));
    driver.send(key, Lines.completed("a", 2, "id", "x"));
    driver.send(key, 9, null, Lines.completed("b", 1));
    driver.decide(key, FAILED);
    driver.send(key, Lines.completed("c", 1));

    assertThat(driver.rejected(key))
        .extracting(Rejected::type)
        .containsExactly("key-conflict", "stale-run", "batch-ended");
    assertThat(driver.rejected(key)).extracting(Rejected::run).containsExactly(1, 9, 1);
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(3, 0));
    driver.decide(key, RUNNING);
    assertThat(driver.decide(key, 2, COMPLETED).batch().state().status()).isEqualTo(COMPLETED);
  }

  @Test
  default void onlySoManyAreKeptAndTheRestIsCounted() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    int more = 250;
    int all = RejectedRules.MOST_KEPT + more;
    for (int from = 0; from < all; from += 125) {
      driver.send(
          key, IntStream.range(from, from + 125).mapToObj(i -> "bad " + i).toArray(String[]::new));
    }
    driver.send(key, 5, null, Lines.started("stale"));

    List<Rejected> kept = driver.rejected(key);
    assertThat(kept).as("one more for each reason").hasSize(RejectedRules.MOST_KEPT + 2);
    assertThat(kept.get(RejectedRules.MOST_KEPT).times()).isEqualTo(more);
    assertThat(kept).extracting(Rejected::number).doesNotHaveDuplicates().isSorted();
    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(all + 1L, all));
    assertThat(driver.decide(key, COMPLETED).batch().state().verdict().findings().refused())
        .isEqualTo(all);
  }

  @Test
  default void oneThatIsKeptByNameIsStillRecognisedWhenFull() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        IntStream.range(0, RejectedRules.MOST_KEPT + 1)
            .mapToObj(i -> "bad " + i)
            .toArray(String[]::new));

    driver.send(key, "bad 3");

    assertThat(driver.rejected(key).get(3).times()).isEqualTo(2);
    assertThat(driver.find(key).refusals().all()).isEqualTo(RejectedRules.MOST_KEPT + 1L);
  }

  @Test
  default void refusalMovesTheVersion() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.completed("a", 1));
    long before = driver.find(key).state().version();

    Ack ack = driver.send(key, "not JSON");

    assertThat(driver.find(key).state().version()).isGreaterThan(before).isEqualTo(ack.version());
  }

  @Test
  default void correctionInTheSameChunkResolves() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(
        key,
        1,
        "p",
        Lines.completed("a", -1, "position", 5),
        Lines.completed("b", -1, "id", "x"),
        Lines.completed("a", 1, "position", 5),
        Lines.completed("b", 1, "id", "x"));

    assertThat(driver.rejected(key))
        .extracting(Rejected::resolution)
        .containsExactly("replayed", "replayed");
    assertThat(driver.find(key).refusals()).isEqualTo(RefusalCounts.NONE);
  }

  @Test
  default void whatIsRefusedBehindAnAcceptedEventOfItsKeyStaysOpen() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    driver.send(
        key,
        1,
        "p",
        Lines.completed("a", 1, "position", 5),
        Lines.completed("b", -1, "position", 5));

    assertThat(driver.find(key).refusals()).isEqualTo(new RefusalCounts(1, 1));
  }

  @Test
  default void longLinesWithTheSameBeginningAreToldApartByTheirKeys() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    String message = "m".repeat(5000);

    driver.send(
        key,
        1,
        "p",
        "{\"attributes\":{\"m\":\"" + message + "\"},\"position\":1,\"type\":\"NONE\"}",
        "{\"attributes\":{\"m\":\"" + message + "\"},\"position\":2,\"type\":\"NONE\"}");

    assertThat(driver.rejected(key)).extracting(Rejected::position).containsExactly(1L, 2L);
  }
}
