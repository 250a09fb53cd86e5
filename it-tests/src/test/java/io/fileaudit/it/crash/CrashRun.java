package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.it.crash.Fault.Counts;
import io.fileaudit.it.crash.Fault.Deed;
import io.fileaudit.it.crash.Rules.Circumstances;
import io.fileaudit.it.crash.Violation.Rule;
import io.fileaudit.it.crash.proxy.Halt;
import io.fileaudit.it.crash.proxy.Point;
import io.fileaudit.it.crash.proxy.Proxy;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Loaders at work while one fault after the other strikes, and what all that came to. After each
 * fault the services must acknowledge quickly again before the next one comes.
 */
final class CrashRun implements AutoCloseable {
  /** A connection stands at its point until others were answered so often, or for so long. */
  private static final int OTHERS = 5;

  private static final Duration STAND = Duration.ofSeconds(2);

  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** A fault of the long form that nothing happens in ends all the same. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** What is kept up strikes again so often. */
  private static final Duration AGAIN = Duration.ofMillis(300);

  private static final Duration QUICK = Duration.ofSeconds(1);

  private static final Duration NEVER_QUICK = Duration.ofSeconds(5);

  /** Long behind what is promised a run is given up. */
  private static final Duration HOPELESS = Duration.ofSeconds(120);

  /** Batches that run into their limit together, and how often again. */
  private static final int TOGETHER = 24;

  private static final int ROUNDS = 20;

  /** How long the other service has to want the verdicts that are held. */
  private static final Duration WANTED = Duration.ofSeconds(5);

  private static final Clock CLOCK = Clock.systemUTC();

  private final Site site;
  private final Form form;
  private final Calls calls;
  private final Loaders loaders;
  private final Deeds deeds;
  private final List<Struck> struck = new ArrayList<>();
  private final List<Violation> late = new ArrayList<>();
  private final Map<Point, Integer> fired = new EnumMap<>(Point.class);
  private Duration quick = QUICK;

  /**
   * Begins to load.
   *
   * @param choose which services the loaders use
   */
  CrashRun(Site site, long seed, Function<Site, List<String>> choose) throws IOException {
    this(site, seed, choose, Form.SHORT, Means.NONE, loader -> {});
  }

  /**
   * The same in that form.
   *
   * @param begins is told of each loader before it begins
   */
  CrashRun(
      Site site,
      long seed,
      Function<Site, List<String>> choose,
      Form form,
      Means means,
      Consumer<Loader> begins)
      throws IOException {
    this.site = site;
    this.form = form;
    this.calls = site.calls();
    this.deeds = new Deeds(site, means, form.isLong());
    Random lot = new Random(seed);
    Supplier<String> service =
        () -> {
          List<String> services = choose.apply(site);
          return services.get(lot.nextInt(services.size()));
        };
    this.loaders = new Loaders(seed, form.crowd(), calls, service, means.traffic(), begins);
  }

  Loaders loaders() {
    return loaders;
  }

  /** The faults that struck, in order. */
  List<Struck> struck() {
    return struck;
  }

  /** How often a connection stood at each point. */
  Map<Point, Integer> fired() {
    return fired;
  }

  /** Measures acknowledgements for that time, in which nothing is broken. */
  Report.Quiet quiet(Duration time) {
    awaitWork();
    Mono.delay(time.dividedBy(2)).block(); // Services have just started.
    long begun = System.nanoTime();
    Mono.delay(time).block();
    List<Duration> took =
        loaders.answeredSince(begun).stream()
            .filter(attempt -> !attempt.slow())
            .map(Attempt::took)
            .sorted()
            .toList();
    assertThat(took).as("answers in a quiet time").hasSizeGreaterThan(form.answers());
    return new Report.Quiet(
        took.size(), took.get(took.size() / 2), took.get((int) (took.size() * 0.99)));
  }

  /**
   * Lets batches run into their limit together, stops the verdicts of the second service before
   * their commit until the first one waits for the same batches, and breaks that connection: who
   * comes next decides, once. Again until both wanted so many verdicts; gives how many it were.
   */
  int contend(Random lot, int wanted) throws IOException {
    int contended = 0;
    for (int round = 0; round < ROUNDS && contended < wanted; round++) {
      loaders.abandonTogether(lot, TOGETHER);
      Halt halt = site.proxy().haltAt(Point.BEFORE_A_VERDICTS_COMMIT);
      Await.until("verdicts of the second service", form.reach(), halt::isReached);
      if (Await.holdsWithin(WANTED, site::isLockWaitedFor)) {
        contended += halt.judged().size();
      }
      halt.drop();
    }
    return contended;
  }

  /** Whatever takes longer than this is not quick. */
  Duration quick() {
    return quick;
  }

  /** On a machine that is slow when all is well, as much longer is quick, up to a bound. */
  void takeAsQuick(Duration longest) {
    quick = longest.compareTo(QUICK) < 0 ? QUICK : longest;
    quick = quick.compareTo(NEVER_QUICK) < 0 ? quick : NEVER_QUICK;
  }

  /** Lets a fault strike, heals what it broke, and waits until acknowledgements are quick again. */
  void strike(Fault fault) throws IOException, InterruptedException {
    try {
      awaitWork();
      struck.add(heal(fault));
    } catch (AssertionError e) {
      throw new AssertionError(fault + " is not overcome; the services said:\n" + site.said(), e);
    }
  }

  private Struck heal(Fault fault) throws IOException, InterruptedException {
    Instant from = CLOCK.instant();
    long begun = System.nanoTime();
    Point point = fault.point();
    Halt halt = point == null ? null : halt(point);
    deeds.begin(fault.deed());
    hold(fault.deed(), begun);
    if (halt != null) {
      halt.drop();
    }
    long inside = inside(fault.deed(), begun);
    long answered = loaders.acknowledgedSince(begun);
    deeds.end(fault.deed());
    site.heal(calls);
    long healed = System.nanoTime();
    Instant to = CLOCK.instant();
    Duration recovery = awaitQuick(fault, healed);
    System.out.printf(
        "%s: healed in %d ms, quick again %d ms later%s%n",
        fault,
        (healed - begun) / 1_000_000,
        recovery.toMillis(),
        form.isLong()
            ? "; " + inside + " " + fault.deed().counts() + ", " + answered + " answered"
            : "");
    return new Struck(fault, begun, healed, from, to, inside, answered, recovery);
  }

  private Duration awaitQuick(Fault fault, long healed) {
    Duration longest = form.isLong() ? HOPELESS : form.recover();
    Await.until("quick acknowledgements", longest, () -> areQuick(loaders.answeredSince(healed)));
    Duration recovery = Duration.ofNanos(System.nanoTime() - healed);
    if (recovery.compareTo(form.recover()) > 0 && form.isLong()) {
      late.add(
          new Violation(
              Rule.ANSWERS_QUICKLY_AGAIN,
              null,
              fault + " was healed, and answers took longer than " + quick + " for " + recovery));
    }
    return recovery;
  }

  private long inside(Deed deed, long begun) {
    return deed.counts() == Counts.ANSWERED
        ? loaders.acknowledgedSince(begun)
        : loaders.underWaySince(begun);
  }

  /** Lets it last until enough has happened inside it. */
  private void hold(Deed deed, long begun) throws IOException, InterruptedException {
    if (!form.isLong()) {
      if (deed == Deed.FALL_SILENT) {
        Mono.delay(SILENCE).block();
      }
      return;
    }
    long held = System.nanoTime();
    Duration least = deed.least();
    while (System.nanoTime() - held < LONGEST.toNanos()) {
      boolean over =
          System.nanoTime() - held >= least.toNanos() && inside(deed, begun) >= form.enough();
      if (over) {
        return;
      }
      deeds.again(deed);
      Mono.delay(AGAIN).block();
    }
  }

  /** Waits until something is acknowledged: whoever strikes before that strikes nothing. */
  void awaitWork() {
    long now = System.nanoTime();
    Await.until("work is under way", () -> !loaders.answeredSince(now).isEmpty());
  }

  /** Stops a connection at the point and lets it stand there for a moment. */
  Halt halt(Point point) {
    Proxy proxy = point == Point.MID_FEED ? site.front() : site.proxy();
    Halt halt = proxy.haltAt(point);
    Await.until("a connection at the point " + point, form.reach(), halt::isReached);
    fired.merge(point, 1, Integer::sum);
    long standing = System.nanoTime();
    Await.holdsWithin(STAND, () -> loaders.answeredSince(standing).size() >= OTHERS);
    return halt;
  }

  /** Of the last answers not one took long. */
  private boolean areQuick(List<Attempt> answers) {
    return answers.size() >= form.answers()
        && answers.stream()
            .sorted((one, other) -> Long.compare(other.ended(), one.ended()))
            .limit(form.answers())
            .allMatch(answer -> answer.quickly().compareTo(quick) < 0);
  }

  /** Lets all loaders finish, waits for the verdicts about what they abandoned, and takes stock. */
  Result finish() {
    return finish(Set::of);
  }

  /**
   * The same.
   *
   * @param deadLetters what a broker has of records that were refused, asked when all is over
   */
  Result finish(Supplier<Set<String>> deadLetters) {
    Instant healed = now();
    loaders.finish();
    awaitJudged();
    return result(healed, deadLetters.get());
  }

  /** Waits until no verdict about what is abandoned comes any more. */
  void awaitJudged() {
    List<Loader> opened = loaders.opened();
    Await.until(
        "abandoned batches are judged", () -> opened.stream().noneMatch(this::isAbandonedAndOpen));
  }

  /** Stops all loaders where they are, and takes stock of what can be said then. */
  Result stop() {
    loaders.stop();
    return result(null, Set.of());
  }

  private Result result(@Nullable Instant healed, Set<String> deadLetters) {
    List<Account> accounts = loaders.accounts(site.owner());
    Circumstances circumstances =
        form.isLong()
            ? new Circumstances(healed, broken(), deadLetters, now(), Form.stretched(Rules.LATE))
            : Circumstances.healed(healed);
    List<Violation> violations = new ArrayList<>(late);
    Map<Rule, Long> checks = new EnumMap<>(Rule.class);
    for (Account account : accounts) {
      Rules.Judgement judgement = Rules.judge(account, circumstances);
      violations.addAll(judgement.violations());
      judgement.checks().forEach((rule, times) -> checks.merge(rule, times, Long::sum));
    }
    checks.put(Rule.ANSWERS_QUICKLY_AGAIN, (long) struck.size());
    return new Result(violations, Proof.of(accounts, struck), checks, accounts);
  }

  private List<Rules.Broken> broken() {
    return struck.stream().map(one -> new Rules.Broken(one.from(), one.to())).toList();
  }

  private boolean isAbandonedAndOpen(Loader loader) {
    return loader.isAbandoned()
        && calls
            .snapshot(site.owner(), loader.batch())
            .filter(snapshot -> snapshot.status().isOpen())
            .isPresent();
  }

  /** The store's clock. */
  private Instant now() {
    return calls
        .snapshot(site.owner(), loaders.opened().get(0).batch())
        .map(Snapshot::now)
        .orElseThrow();
  }

  /**
   * What a run came to.
   *
   * @param violations what must never be; empty where all is well
   * @param proof how much that says
   * @param checks how often each rule was looked at
   * @param accounts all that was held against the rules
   */
  record Result(
      List<Violation> violations, Proof proof, Map<Rule, Long> checks, List<Account> accounts) {}

  @Override
  public void close() {
    loaders.close();
    deeds.close();
    site.proxy().awaitNone();
    site.front().awaitNone();
  }
}
