package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.crash.CrashRun.Result;
import io.fileaudit.it.crash.Violation.Rule;
import io.fileaudit.it.crash.proxy.Halt;
import io.fileaudit.it.crash.proxy.Point;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is killed or broken at whatever point, what was acknowledged is stored once, and every
 * batch gets one ending in time. The harness is held against broken builds itself: it must find
 * each of them out by the rule that it breaks.
 */
@Timeout(300)
class ShortCrashIT {
  private static final long SEED = Long.getLong("audit.it.seed", new Random().nextInt());

  /** Every fault strikes once, and then by lot until this is over. */
  private static final Duration AT_LEAST = Duration.ofSeconds(Long.getLong("audit.it.seconds", 45));

  private static final int ENOUGH_ANSWERS = 60;
  private static final int ENOUGH_CRASHES = 8;

  private static final Point[] POINTS = {
    Point.BEFORE_THE_LEDGER,
    Point.BEFORE_THE_COMMIT,
    Point.AFTER_THE_COMMIT,
    Point.BEFORE_A_VERDICTS_COMMIT
  };

  @TempDir static Path folder;

  private static Site site;

  /** Another for each test: they share a database and must not share batches. */
  private Random lot;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("the same again: -Daudit.it.seed=" + SEED);
    site = new Site(folder);
  }

  @BeforeEach
  void draw(TestInfo test) {
    lot = new Random(SEED + test.getDisplayName().hashCode());
  }

  @AfterAll
  static void end() throws Exception {
    site.close();
  }

  @Test
  @Timeout(3_600)
  void acknowledgedEventsAreStoredOnceWhateverCrashes() throws Exception {
    long begun = System.nanoTime();
    try (CrashRun run = begin(Build.UNCHANGED, Site::both)) {
      List<Fault> faults = new ArrayList<>(Fault.ofTheShortForm());
      Collections.shuffle(faults, lot);
      for (Fault fault : faults) {
        run.strike(fault);
      }
      while (System.nanoTime() - begun < AT_LEAST.toNanos()) {
        run.strike(faults.get(lot.nextInt(faults.size())));
      }

      Result result = run.finish();

      System.out.println(result.proof());
      assertThat(result.violations()).as("seed " + SEED).isEmpty();
      assertThat(run.struck()).extracting(Struck::fault).containsAll(faults);
      assertThat(run.fired()).containsKeys(POINTS);
      assertShowsMuch(result.proof());
    }
  }

  private CrashRun begin(Build build, Function<Site, List<String>> services) throws Exception {
    site.startSecond(compiled(build));
    return run(services);
  }

  private static Path compiled(Build build) throws Exception {
    return build.compile(Files.createTempDirectory(folder, "build"));
  }

  private CrashRun run(Function<Site, List<String>> services) throws Exception {
    return new CrashRun(site, lot.nextLong(), services);
  }

  private static void assertShowsMuch(Proof proof) {
    assertThat(proof.batches()).as("batches").isGreaterThan(24);
    assertThat(proof.timedOut()).as("batches that timed out").isGreaterThan(4);
    assertThat(proof.acknowledged()).as("acknowledged events").isGreaterThan(2_000);
    assertThat(proof.duplicates()).as("repeats answered as such").isGreaterThan(100);
    assertThat(proof.refused()).as("lines refused").isGreaterThan(10);
    assertThat(proof.answeredWhileBroken()).as("answers amid faults").isGreaterThan(50);
    assertThat(proof.unknown()).as("requests of unknown outcome").isGreaterThan(5);
    assertThat(proof.unknownStored()).as("of unknown outcome, and stored").isPositive();
    assertThat(proof.unknownNotStored()).as("of unknown outcome, and not stored").isPositive();
    assertThat(proof.looks()).as("looks meanwhile").isGreaterThan(10);
  }

  /** Again where the commit that was held was of a loader that had gone away. */
  @Test
  void buildThatAcknowledgesBeforeTheCommitIsFoundOut() throws Exception {
    Path classes = compiled(Build.ACKNOWLEDGES_BEFORE_THE_COMMIT);
    List<Violation> violations = List.of();
    for (int crash = 0; crash < ENOUGH_CRASHES && violations.isEmpty(); crash++) {
      site.startSecond(classes);
      try (CrashRun run = run(Site::secondAlone)) {
        run.awaitWork();
        Halt halt = run.halt(Point.BEFORE_THE_COMMIT);
        site.killSecond();
        halt.drop();
        violations = run.stop().violations();
      }
    }
    assertThat(violations)
        .extracting(Violation::rule)
        .contains(Rule.ACKNOWLEDGED_IS_STORED)
        .isSubsetOf(Rule.ACKNOWLEDGED_IS_STORED, Rule.HEADS_ARE_OF_THE_LEDGER);
  }

  @Test
  void buildThatTakesRepeatsForNewIsFoundOut() throws Exception {
    try (CrashRun run = begin(Build.TAKES_REPEATS_FOR_NEW, Site::secondAlone)) {
      long begun = System.nanoTime();
      Await.until("answers", () -> run.loaders().answeredSince(begun).size() > ENOUGH_ANSWERS);

      assertThat(run.stop().violations())
          .extracting(Violation::rule)
          .containsOnly(Rule.STORED_ONCE);
    }
  }

  /** Again where all was written by chance before the crash. */
  @Test
  void buildThatDoesNotWaitForTheDiskIsFoundOut() throws Exception {
    site.startSecond(compiled(Build.DOES_NOT_WAIT_FOR_THE_DISK));
    List<Violation> violations = List.of();
    for (int crash = 0; crash < ENOUGH_CRASHES && violations.isEmpty(); crash++) {
      try (CrashRun run = run(Site::secondAlone)) {
        List<ProcessHandle> database = site.database();
        run.awaitWork();
        database.forEach(ProcessHandle::destroyForcibly);
        site.heal(site.calls());
        violations = run.stop().violations();
      }
    }
    assertThat(violations).extracting(Violation::rule).contains(Rule.ACKNOWLEDGED_IS_STORED);
  }
}
