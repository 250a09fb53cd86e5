package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.crash.CrashRun.Result;
import io.fileaudit.it.crash.Violation.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The long form held against broken builds: the same driver and rules find each of them out, by the
 * fault that shows it. Run by {@code .ci/crash}, not with the other tests.
 */
@Timeout(900)
class LongCrashBuilds {
  private static final long SEED = Long.getLong("audit.crash.seed", new Random().nextInt());

  /** Chance decides whether a fault strikes where the mistake is. */
  private static final int ROUNDS = 6;

  private static final int SOME = 60;

  /** Of so many batches one is followed. */
  private static final int ONE_OF = 4;

  @TempDir static Path folder;

  private static Site site;

  /** A mistake, the fault that shows it, and the rules by which it may be found out. */
  enum Mistake {
    ACKNOWLEDGES_BEFORE_THE_COMMIT(
        Build.ACKNOWLEDGES_BEFORE_THE_COMMIT,
        Fault.SERVICE_KILLED_BEFORE_THE_COMMIT,
        Site::both,
        Rule.ACKNOWLEDGED_IS_STORED),
    TAKES_REPEATS_FOR_NEW(
        Build.TAKES_REPEATS_FOR_NEW, Fault.LATENCY, Site::secondAlone, Rule.STORED_ONCE),
    NUMBERS_FROM_A_SEQUENCE(
        Build.NUMBERS_FROM_A_SEQUENCE,
        Fault.CONNECTION_BROKEN_BEFORE_THE_COMMIT,
        Site::secondAlone,
        Rule.NUMBERS_HAVE_NO_GAP),
    GOES_BY_ITS_OWN_CLOCK(
        Build.GOES_BY_ITS_OWN_CLOCK,
        Fault.CLOCK_AHEAD,
        Site::both,
        Rule.NO_VERDICT_BEFORE_ITS_LIMIT),
    DOES_NOT_WAIT_FOR_THE_DISK(
        Build.DOES_NOT_WAIT_FOR_THE_DISK,
        Fault.POSTMASTER_KILLED,
        Site::secondAlone,
        Rule.ACKNOWLEDGED_IS_STORED);

    private final Build build;
    private final Fault fault;
    private final Function<Site, List<String>> services;
    private final Rule rule;

    Mistake(Build build, Fault fault, Function<Site, List<String>> services, Rule rule) {
      this.build = build;
      this.fault = fault;
      this.services = services;
      this.rule = rule;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    System.out.println("the same again: .ci/crash " + SEED);
    site = new Site(folder, new Site.Setup("PT1S", true, Map.of()));
  }

  @AfterAll
  static void end() throws Exception {
    site.close();
  }

  private static Path compiled(Build build) throws Exception {
    return build.compile(Files.createTempDirectory(folder, "build"));
  }

  @ParameterizedTest
  @EnumSource
  void mistakeIsFoundOut(Mistake mistake) throws Exception {
    assertThat(Deeds.missing()).as("what the long form needs of this machine").isNull();
    Path classes = compiled(mistake.build);
    Random lot = new Random(SEED + mistake.ordinal());
    List<Violation> violations = List.of();
    for (int round = 0; round < ROUNDS && !isFoundOut(violations, mistake.rule); round++) {
      site.startSecond(classes);
      try (CrashRun run =
          new CrashRun(
              site, lot.nextLong(), mistake.services, Form.LONG, Means.NONE, loader -> {})) {
        await(run, SOME);
        run.strike(mistake.fault);
        violations = run.stop().violations();
      }
    }
    System.out.println(
        mistake + ": " + violations.stream().map(Violation::rule).distinct().toList());
    assertThat(violations).extracting(Violation::rule).contains(mistake.rule);
  }

  private static boolean isFoundOut(List<Violation> violations, Rule rule) {
    return violations.stream().anyMatch(violation -> violation.rule() == rule);
  }

  private static void await(CrashRun run, int answers) {
    long begun = System.nanoTime();
    Await.until("answers", () -> run.loaders().answeredSince(begun).size() >= answers);
  }

  /** The same is done to a build without the mistake, of which nothing is to be found. */
  @Test
  void feedThatOnlyHearsIsFoundOut() throws Exception {
    assertThat(violationsUnheard(Build.UNCHANGED)).isEmpty();
    assertThat(violationsUnheard(Build.NOTIFIES_AND_DOES_NOT_LOOK))
        .extracting(Violation::rule)
        .containsOnly(Rule.FEED_TELLS_ALL_ONCE);
  }

  /**
   * The first service writes and the second one is read from; what is notified at the end is lost
   * with the connection.
   */
  private static List<Violation> violationsUnheard(Build build) throws Exception {
    site.startSecond(compiled(build));
    Random lot = new Random(SEED);
    Supplier<List<String>> read = site::secondAlone;
    try (Watchers watchers = new Watchers(read, site.key(), lot.nextLong(), Duration.ZERO, ONE_OF);
        CrashRun run =
            new CrashRun(
                site,
                lot.nextLong(),
                there -> List.of(there.owner()),
                Form.LONG,
                Means.NONE,
                watchers::follow)) {
      await(run, SOME);
      site.proxy().holdAnswers();
      await(run, SOME);
      run.loaders().stop();
      site.proxy().cutAll();
      site.heal(site.calls());
      run.awaitJudged();
      Result result = run.stop();
      List<Violation> violations = new ArrayList<>(result.violations());
      violations.addAll(watchers.violations(result.accounts()));
      return violations;
    }
  }
}
