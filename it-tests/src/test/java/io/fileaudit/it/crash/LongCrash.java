package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.crash.CrashRun.Result;
import io.fileaudit.it.crash.Fault.Counts;
import io.fileaudit.it.crash.proxy.Point;
import io.fileaudit.it.kafka.KafkaSite;
import io.fileaudit.it.kafka.KafkaTraffic;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The long form of the crash test: two services, PostgreSQL on a disk of its own, a broker, 60
 * loaders of which 15 use Kafka, readers of feeds, and some forty faults one after the other. Run
 * by {@code .ci/crash}, not with the other tests. It fails where it proved too little, and leaves a
 * report in {@code target/crash}.
 */
@Timeout(5_400)
class LongCrash {
  private static final long SEED = Long.getLong("audit.crash.seed", new Random().nextInt());

  /** Names of faults that alone are to strike, for a run that is to show nothing else. */
  private static final String ONLY = System.getProperty("audit.crash.only", "");

  private static final int PARTITIONS = 6;
  private static final int DISK_MEGABYTES = 6_000;
  private static final int CONTENDED = 20;
  private static final Duration QUIET = Duration.ofSeconds(20);
  private static final Duration CUT = Duration.ofSeconds(5);

  /** The ledgers that are followed lie all over the run. */
  private static final int ONE_OF = 20;

  @TempDir Path folder;

  @Test
  void acknowledgedEventsAreStoredOnceWhateverCrashes() throws Exception {
    System.out.println("the same again: .ci/crash " + SEED);
    assertThat(Deeds.missing()).as("what the long form needs of this machine").isNull();
    Random lot = new Random(SEED);
    try (SmallDisk disk =
            SmallDisk.mount(folder.resolve("disk"), folder.resolve("owner"), DISK_MEGABYTES);
        BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start();
        KafkaTraffic traffic = new KafkaTraffic(broker.servers(), "")) {
      traffic.make(KafkaSite.EVENTS, PARTITIONS);
      try (Site site = new Site(folder, setup(broker))) {
        site.startSecond(null);
        Means means = new Means(broker, traffic, disk);
        try (Watchers watchers = new Watchers(site::both, site.key(), lot.nextLong(), CUT, ONE_OF);
            CrashRun run =
                new CrashRun(
                    site, lot.nextLong(), Site::both, Form.LONG, means, watchers::follow)) {
          strike(site, run, watchers, traffic, lot);
        }
      }
    }
  }

  private Site.Setup setup(BrokerProcess broker) throws Exception {
    Path properties =
        Files.writeString(
            folder.resolve("client.properties"),
            "session.timeout.ms=6000\nheartbeat.interval.ms=1000\n");
    return new Site.Setup(
        "PT1S",
        true,
        Map.of("AUDIT_KAFKA", broker.servers(), "AUDIT_KAFKA_PROPERTIES", properties.toString()));
  }

  private static void strike(
      Site site, CrashRun run, Watchers watchers, KafkaTraffic traffic, Random lot)
      throws Exception {
    Health health = new Health(site);
    watchers.awaitBegin();
    watchers.openNeverReading();
    Report report = new Report(SEED, run.quiet(QUIET));
    run.takeAsQuick(report.quiet().p99().multipliedBy(3));
    health.takeAsUsual();
    boolean seals = site.writes("audit.checkpoint");
    int contended = run.contend(lot, CONTENDED);
    List<Fault> faults = faults(seals, lot);
    for (Fault fault : faults) {
      run.strike(fault);
      health.poolRecovers(fault);
      watchers.openNeverReading();
    }
    Result result = run.finish(() -> deadLetters(traffic));
    List<Violation> violations = new ArrayList<>(result.violations());
    violations.addAll(watchers.violations(result.accounts(), site.log()));
    List<String> notes = site.seals();
    violations.addAll(Rules.seals(notes, site.logBodies()));
    health.memoryRecovers();
    violations.addAll(health.violations());
    report.write(run, result, violations, watchers, health, contended, notes.size());
    assertThat(violations).as("seed " + SEED).isEmpty();
    if (ONLY.isEmpty()) {
      assertShowsMuch(run, result.proof(), watchers, contended, seals);
    }
  }

  /** All of them, as often as each is to strike, in an order by lot. */
  private static List<Fault> faults(boolean seals, Random lot) {
    List<Fault> faults = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      boolean wanted =
          ONLY.isEmpty()
              ? seals || fault.point() != Point.BEFORE_A_SEALS_COMMIT
              : Arrays.asList(ONLY.split(",")).contains(fault.name());
      int times = ONLY.isEmpty() ? fault.times() : 1;
      faults.addAll(Collections.nCopies(wanted ? times : 0, fault));
    }
    Collections.shuffle(faults, lot);
    return faults;
  }

  private static Set<String> deadLetters(KafkaTraffic traffic) {
    return traffic.all(KafkaSite.DEAD_LETTERS).stream()
        .map(
            letter ->
                Rules.deadLetter(
                    KafkaTraffic.text(letter.key()), KafkaTraffic.text(letter.value())))
        .collect(Collectors.toSet());
  }

  private static void assertShowsMuch(
      CrashRun run, Proof proof, Watchers watchers, int contended, boolean seals) {
    Set<Point> points = EnumSet.allOf(Point.class);
    if (!seals) {
      // Nothing has signed the log yet: there is nothing that could be halted.
      points.remove(Point.BEFORE_A_SEALS_COMMIT);
    }
    assertThat(run.fired().keySet()).as("points at which something stood").isEqualTo(points);
    assertThat(run.struck())
        .as("faults, and what happened inside each")
        .allSatisfy(
            one ->
                assertThat(one.inside())
                    .as(one.fault() + ", " + one.fault().deed().counts())
                    .isGreaterThanOrEqualTo(Form.LONG.enough()));
    assertThat(run.struck())
        .as("faults in which something was acknowledged")
        .filteredOn(one -> one.fault().deed().counts() == Counts.ANSWERED)
        .hasSizeGreaterThan(20);
    assertThat(contended).as("verdicts that both nodes wanted").isGreaterThanOrEqualTo(CONTENDED);
    assertThat(proof.batches()).as("batches").isGreaterThanOrEqualTo(60);
    assertThat(proof.timedOut()).as("batches that timed out").isGreaterThanOrEqualTo(20);
    assertThat(proof.acknowledged()).as("acknowledged events").isGreaterThan(20_000);
    assertThat(proof.duplicates()).as("repeats answered as such").isGreaterThanOrEqualTo(100);
    assertThat(proof.refused()).as("lines refused").isGreaterThan(10);
    assertThat(proof.unknown()).as("requests of unknown outcome").isGreaterThan(20);
    assertThat(proof.unknownStored()).as("of unknown outcome, and stored").isPositive();
    assertThat(proof.unknownNotStored()).as("of unknown outcome, and not stored").isPositive();
    assertThat(proof.looks()).as("looks meanwhile").isGreaterThan(100);
    assertThat(watchers.followed()).as("ledgers that were followed").isGreaterThan(10);
  }
}
