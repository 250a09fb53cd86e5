package io.fileaudit.it.crash;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.it.crash.proxy.Halt;
import io.fileaudit.it.crash.proxy.Point;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Loaders at work while one fault after the other strikes, and what all that came to. After each
 * fault the services must acknowledge quickly again before the next one comes.
 */
final class CrashRun implements AutoCloseable {
  /** A point that nothing comes to within this time would prove nothing. */
  private static final Duration REACH = Duration.ofSeconds(30);

  /** A connection stands at its point until others were answered so often, or for so long. */
  private static final int OTHERS = 5;

  private static final Duration STAND = Duration.ofSeconds(2);

  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** Ten seconds are promised; a machine that others use as well is given more. */
  private static final Duration RECOVER = Duration.ofSeconds(20);

  private static final Duration QUICK = Duration.ofSeconds(1);
  private static final int ANSWERS = 20;

  /**
   * A fault that struck.
   *
   * @param begun when it began, by {@link System#nanoTime()}
   * @param healed when both services answered again, by the same clock
   */
  record Struck(Fault fault, long begun, long healed) {
    boolean holds(Attempt attempt) {
      return attempt.ended() - begun > 0 && healed - attempt.ended() > 0;
    }
  }

  private final Site site;
  private final Calls calls;
  private final Loaders loaders;
  private final List<Struck> struck = new ArrayList<>();

  /**
   * Begins to load.
   *
   * @param choose which services the loaders use
   */
  CrashRun(Site site, long seed, Function<Site, List<String>> choose) throws IOException {
    this.site = site;
    this.calls = site.calls();
    Random lot = new Random(seed);
    Supplier<String> service =
        () -> {
          List<String> services = choose.apply(site);
          return services.get(lot.nextInt(services.size()));
        };
    this.loaders = new Loaders(seed, calls, service);
  }

  Loaders loaders() {
    return loaders;
  }

  /** The faults that struck, in order. */
  List<Struck> struck() {
    return struck;
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
    long begun = System.nanoTime();
    Halt halt = fault.point() == null ? null : halt(fault.point());
    perform(fault.deed());
    if (halt != null) {
      halt.drop();
    }
    site.heal(calls);
    long healed = System.nanoTime();
    Await.until("quick acknowledgements", RECOVER, () -> areQuick(loaders.answeredSince(healed)));
    System.out.printf(
        "%s: healed in %d ms, quick again %d ms later%n",
        fault, (healed - begun) / 1_000_000, (System.nanoTime() - healed) / 1_000_000);
    return new Struck(fault, begun, healed);
  }

  /** Waits until something is acknowledged: whoever strikes before that strikes nothing. */
  void awaitWork() {
    long now = System.nanoTime();
    Await.until("work is under way", () -> !loaders.answeredSince(now).isEmpty());
  }

  /** Stops a connection at the point and lets it stand there for a moment. */
  Halt halt(Point point) {
    Halt halt = site.proxy().haltAt(point);
    Await.until("a connection at the point " + point, REACH, halt::isReached);
    long standing = System.nanoTime();
    Await.holdsWithin(STAND, () -> loaders.answeredSince(standing).size() >= OTHERS);
    return halt;
  }

  private void perform(Fault.Deed deed) throws IOException {
    switch (deed) {
      case KILL_THE_SERVICE -> site.killSecond();
      case KILL_THE_OWNER -> site.killOwner();
      case KILL_THE_POSTMASTER -> site.killPostmaster();
      case BREAK_THE_CONNECTION -> {
        // Dropping what stands at the point is all.
      }
      case BREAK_ALL_CONNECTIONS -> site.proxy().cutAll();
      case FALL_SILENT -> {
        site.proxy().fallSilent();
        Mono.delay(SILENCE).block();
      }
    }
  }

  /** Of the last answers not one took long. */
  private static boolean areQuick(List<Attempt> answers) {
    return answers.size() >= ANSWERS
        && answers.stream()
            .sorted((one, other) -> Long.compare(other.ended(), one.ended()))
            .limit(ANSWERS)
            .allMatch(answer -> answer.took().compareTo(QUICK) < 0);
  }

  /** Lets all loaders finish, waits for the verdicts about what they abandoned, and takes stock. */
  Result finish() {
    Instant healed = now();
    loaders.finish();
    List<Loader> opened = loaders.opened();
    Await.until(
        "abandoned batches are judged", () -> opened.stream().noneMatch(this::isAbandonedAndOpen));
    return result(healed);
  }

  /** Stops all loaders where they are, and takes stock of what can be said then. */
  Result stop() {
    loaders.stop();
    return result(null);
  }

  private Result result(@Nullable Instant healed) {
    List<Account> accounts = loaders.accounts(site.owner());
    List<Violation> violations =
        accounts.stream().flatMap(account -> Rules.violations(account, healed).stream()).toList();
    return new Result(violations, Proof.of(accounts, struck));
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
   */
  record Result(List<Violation> violations, Proof proof) {}

  @Override
  public void close() {
    loaders.close();
    site.proxy().awaitNone();
  }
}
