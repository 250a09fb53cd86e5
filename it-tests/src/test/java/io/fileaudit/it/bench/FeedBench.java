package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.Page;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How old a status is when it reaches one of 5,000 watchers of one node, while 200 batches commit
 * once a second each; and the same beside 50 feeds that nobody reads, in alternating rounds. Most
 * watch one batch, some all batches of a table. Watchers, loaders, service and PostgreSQL share the
 * machine. Run it by {@code .ci/bench FeedBench}.
 */
class FeedBench {
  private static final int BATCHES = 200;
  private static final int TABLES = 20;
  private static final int FEEDS = Integer.getInteger("audit.bench.feeds", 5_000);
  private static final int OF_TABLES = FEEDS / 50;
  private static final int DEAF = 50;
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 3);
  private static final Duration ROUND = Duration.ofSeconds(20);
  private static final Duration SETTLED = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path folder;

  private record Round(
      double p50, double p99, double most, double frames, double cpu, double heap) {}

  @Test
  void ages() throws Exception {
    try (AuditHome home = AuditHome.asLaunched(folder)) {
      ServiceProcess service =
          home.serve(Map.of("AUDIT_KEY_CONCURRENCY", "100000", "AUDIT_KEY_RATE", "100000"));
      URI uri = URI.create(service.url());
      List<Round> read = new ArrayList<>();
      List<Round> besideDeaf = new ArrayList<>();
      try (AuditCalls client = home.client();
          FeedCrowd crowd = new FeedCrowd(uri, home.key())) {
        List<UUID> batches = open(client);
        long begun = System.nanoTime();
        for (int i = 0; i < FEEDS; i++) {
          crowd.watch(i < OF_TABLES ? ofTable(i) : of(batches.get(i % BATCHES)));
        }
        while (crowd.watching() < FEEDS && seconds(begun) < PATIENCE.toSeconds()) {
          pause(Duration.ofMillis(50));
        }
        System.out.printf("%d feeds begun in %.1f s%n", crowd.watching(), seconds(begun));
        assertThat(crowd.watching()).isEqualTo(FEEDS);
        Disposable loading = load(home, batches);
        pause(SETTLED);
        for (int round = 0; round < ROUNDS; round++) {
          read.add(round("read by all", crowd, service, client));
          List<SocketChannel> deaf = new ArrayList<>();
          for (int i = 0; i < DEAF; i++) {
            deaf.add(crowd.ignore(i % 2 == 0 ? "/api/v1/feed" : of(batches.get(i))));
          }
          pause(SETTLED);
          besideDeaf.add(round("beside 50 that read nothing", crowd, service, client));
          for (SocketChannel channel : deaf) {
            channel.close();
          }
          pause(SETTLED);
        }
        loading.dispose();
      }
      report(
          "p50 ms",
          read.stream().map(Round::p50).toList(),
          besideDeaf.stream().map(Round::p50).toList());
      report(
          "p99 ms",
          read.stream().map(Round::p99).toList(),
          besideDeaf.stream().map(Round::p99).toList());
      report(
          "events/s",
          read.stream().map(Round::frames).toList(),
          besideDeaf.stream().map(Round::frames).toList());
      report(
          "service cores",
          read.stream().map(Round::cpu).toList(),
          besideDeaf.stream().map(Round::cpu).toList());
      report(
          "heap MiB",
          read.stream().map(Round::heap).toList(),
          besideDeaf.stream().map(Round::heap).toList());
      assertThat(service.isAlive()).isTrue();
    }
  }

  private static List<UUID> open(AuditCalls client) {
    List<UUID> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      Snapshot opened =
          client
              .open(BatchSpec.builder().table("table-" + i % TABLES).period("p" + i).build())
              .block(PATIENCE);
      batches.add(Objects.requireNonNull(opened).id());
    }
    return batches;
  }

  private static String of(UUID batch) {
    return "/api/v1/batches/" + batch + "/feed";
  }

  private static String ofTable(int n) {
    return "/api/v1/feed?table=table-" + n % TABLES;
  }

  /** Each batch gets an event a second, spread over the second. */
  private static Disposable load(AuditHome home, List<UUID> batches) throws IOException {
    Disposable.Composite all = Disposables.composite();
    for (int i = 0; i < batches.size(); i++) {
      AuditCalls client = home.client(); // Of its own: a client has only so many connections.
      Flux<Event> events =
          Flux.interval(Duration.ofMillis(i * 1_000L / BATCHES), Duration.ofSeconds(1))
              .onBackpressureDrop()
              .map(n -> FileEvent.of(EventType.STARTED, "file-" + n).build());
      all.add(client.send(batches.get(i), 1, null, events).subscribe());
      all.add(client::close);
    }
    return all;
  }

  private static Round round(
      String name, FeedCrowd crowd, ServiceProcess service, AuditCalls client) throws Exception {
    crowd.begin();
    long events = events(client);
    double cpu = service.cpuSeconds();
    long begun = System.nanoTime();
    pause(ROUND);
    double took = seconds(begun);
    var ages = crowd.ages().copy();
    Round round =
        new Round(
            ages.getValueAtPercentile(50) / 1e3,
            ages.getValueAtPercentile(99) / 1e3,
            ages.getMaxValue() / 1e3,
            crowd.frames() / took,
            (service.cpuSeconds() - cpu) / took,
            service.heap().livingBytes() / 1048576.0);
    System.out.printf(
        Locale.ROOT,
        "%s: p50 %.0f ms, p99 %.0f ms, at most %.0f ms, %.0f events/s of %.0f commits/s, service %.2f cores, heap that lives %.0f MiB%n",
        name,
        round.p50(),
        round.p99(),
        round.most(),
        round.frames(),
        (events(client) - events) / took,
        round.cpu(),
        round.heap());
    return round;
  }

  /** What all batches have together; each event is a commit of its own here. */
  private static long events(AuditCalls client) {
    return Objects.requireNonNull(
        client
            .batches(BatchFilter.all().withPageSize(BATCHES), null)
            .flatMapIterable(Page::items)
            .map(batch -> batch.totals().events())
            .reduce(0L, Long::sum)
            .block(PATIENCE));
  }

  private static void report(String what, List<Double> read, List<Double> besideDeaf) {
    System.out.println(
        what
            + ": "
            + Measured.spread(read)
            + ", beside 50 that read nothing "
            + Measured.spread(besideDeaf));
  }

  private static void pause(Duration time) {
    Mono.delay(time).block();
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }
}
