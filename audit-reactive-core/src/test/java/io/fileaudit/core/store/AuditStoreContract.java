package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.core.batch.BatchKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The contract kit: what every {@link AuditStore} must do. An implementation's test extends it and
 * gives the store. The kit uses that port alone, puts every test into a namespace of its own, and
 * assumes of the store's clock only that it never goes back.
 */
public abstract class AuditStoreContract
    implements OpeningContract,
        CommittingContract,
        KeysContract,
        RepeatsContract,
        RefusalsContract,
        DecidingContract,
        CompletingContract,
        ChangingContract,
        ReadingContract {

  /** How many seeds the properties are tried with; a slow store may do with fewer. */
  protected int seeds() {
    return 200;
  }

  /**
   * Any permutation, repetition and split into commits of the same events gives the same accounts
   * and totals.
   */
  @TestFactory
  Stream<DynamicTest> sameEventsGiveTheSameAccountHoweverTheyCome() {
    return LongStream.range(0, seeds())
        .mapToObj(seed -> dynamicTest("seed " + seed, () -> sameAccount(new Random(seed))));
  }

  private void sameAccount(Random random) {
    StoreDriver driver = driver();
    RandomEvents events = new RandomEvents(random);
    BatchSpec spec = spec(random);
    List<List<String>> runs = new ArrayList<>();
    for (int run = 1 + random.nextInt(3); run > 0; run--) {
      runs.add(events.lines(1 + random.nextInt(25)));
    }
    BatchKey inOrder = driver.open(spec);
    BatchKey mixed = driver.open(spec);

    for (int run = 1; run <= runs.size(); run++) {
      List<String> lines = runs.get(run - 1);
      driver.send(inOrder, run, null, lines.toArray(String[]::new));
      for (String[] part : events.split(events.shuffledAndRepeated(lines))) {
        driver.send(mixed, run, null, part);
        driver.checkAccount(mixed);
      }
      assertThat(driver.files(mixed)).as("run %d", run).isEqualTo(driver.files(inOrder));
      assertThat(driver.find(mixed).state().tally())
          .isEqualTo(driver.find(inOrder).state().tally());
      driver.decide(inOrder, run, FAILED);
      driver.decide(mixed, run, FAILED);
      driver.decide(inOrder, run, RUNNING);
      driver.decide(mixed, run, RUNNING);
    }

    driver.checkAccount(inOrder);
    driver.checkAccount(mixed);
    LedgerBodies.check(mixed, driver.ledger(mixed));
    int last = runs.size() + 1;
    assertThat(driver.decide(mixed, last, COMPLETED).batch().state().verdict().findings())
        .isEqualTo(driver.decide(inOrder, last, COMPLETED).batch().state().verdict().findings());
  }

  private static BatchSpec spec(Random random) {
    List<ExpectedFile> files =
        random.nextBoolean()
            ? List.of()
            : List.of(
                new ExpectedFile("f0.csv", 2L, null, "md5:1"),
                new ExpectedFile("f9.csv", null, 1L, null));
    Long count = random.nextBoolean() ? null : Long.valueOf(random.nextInt(6));
    String pattern = count != null && random.nextBoolean() ? "*.csv" : null;
    return BatchSpec.builder().expected(new Expected(count, pattern, files)).build();
  }

  /** The same events with keys are stored once, however often and in whatever order they come. */
  @TestFactory
  Stream<DynamicTest> eventsWithKeysAreStoredOnceHoweverTheyCome() {
    return LongStream.range(0, seeds())
        .mapToObj(seed -> dynamicTest("seed " + seed, () -> storedOnce(new Random(seed))));
  }

  private void storedOnce(Random random) {
    StoreDriver driver = driver();
    RandomEvents events = new RandomEvents(random);
    List<String> lines = new ArrayList<>();
    for (String line : events.lines(1 + random.nextInt(40))) {
      String key = random.nextBoolean() ? "\"position\":" : "\"id\":\"";
      String end = key.endsWith("\"") ? "\"" : "";
      lines.add("{" + key + lines.size() + end + "," + line.substring(1));
    }
    BatchKey inOrder = driver.open();
    BatchKey mixed = driver.open();

    driver.send(inOrder, 1, "p", lines.toArray(String[]::new));
    for (String[] part : events.split(events.shuffledAndRepeated(lines))) {
      driver.send(mixed, 1, "p", part);
    }

    assertThat(driver.events(mixed))
        .containsExactlyInAnyOrderElementsOf(driver.events(inOrder))
        .hasSize(lines.size());
    assertThat(driver.files(mixed)).isEqualTo(driver.files(inOrder));
    assertThat(driver.snapshot(mixed).totals()).isEqualTo(driver.snapshot(inOrder).totals());
    assertThat(driver.marks(mixed)).isEqualTo(driver.marks(inOrder));
    driver.checkAccount(mixed);
  }

  /** A line with one figure that is none moves nothing, whatever else of it is good. */
  @TestFactory
  Stream<DynamicTest> refusedLineMovesNoFigure() {
    return LongStream.range(0, seeds())
        .mapToObj(seed -> dynamicTest("seed " + seed, () -> movesNothing(new Random(seed))));
  }

  private void movesNothing(Random random) {
    StoreDriver driver = driver();
    RandomEvents events = new RandomEvents(random);
    List<String> good = events.lines(1 + random.nextInt(30));
    List<String> all = new ArrayList<>(good);
    int bad = 1 + random.nextInt(15);
    for (int i = 0; i < bad; i++) {
      all.add(random.nextInt(all.size() + 1), events.withABadFigure(i));
    }
    BatchKey clean = driver.open();
    BatchKey mixed = driver.open();

    driver.send(clean, good.toArray(String[]::new));
    for (String[] part : events.split(all)) {
      Snapshot before = driver.snapshot(mixed);
      Ack ack = driver.send(mixed, part);
      if (ack.accepted() == 0) {
        assertThat(driver.snapshot(mixed).totals())
            .usingRecursiveComparison()
            .ignoringFields("refused")
            .isEqualTo(before.totals());
      }
      assertThat(ack.refusals()).extracting(Refusal::type).allMatch("invalid-event"::equals);
    }

    assertThat(driver.events(mixed)).isEqualTo(driver.events(clean));
    assertThat(driver.files(mixed)).isEqualTo(driver.files(clean));
    assertThat(driver.find(mixed).state().tally()).isEqualTo(driver.find(clean).state().tally());
    assertThat(driver.snapshot(mixed).totals().refused()).isEqualTo(bad);
    driver.checkAccount(mixed);
  }
}
