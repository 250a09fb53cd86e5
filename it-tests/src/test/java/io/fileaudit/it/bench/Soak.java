package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.it.kafka.KafkaTraffic;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether a service grows that works for long: half of what it can take by HTTP, records of Kafka
 * beside it, feeds open, batches that expire all the while and webhooks that tell of it. Every five
 * seconds it is looked at from outside, and nothing may rise over the last two thirds of the time.
 * Run it by {@code .ci/soak}; it leaves {@code soak.csv} and {@code soak.svg}.
 */
class Soak {
  private static final int MINUTES = Integer.getInteger("audit.soak.minutes", 30);
  private static final int CALIBRATION_EVENTS = 100_000;
  private static final int CALIBRATIONS = 5;
  private static final int FEEDS = 50;
  private static final int PARTITIONS = 4;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final double MIB = 1 << 20;
  private static final Path RESULT = Path.of("target", "soak");
  private static final Pattern DIRECT =
      Pattern.compile("jvm_buffer_memory_used_bytes\\{[^}]*id=\"direct\"[^}]*} ([0-9.E]+)");

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicLong told = new AtomicLong();

  private final Series heap = new Series("heap MiB", 16);
  private final Series direct = new Series("direct MiB", 8);
  private final Series resident = new Series("resident MiB", 48);
  private final Series threads = new Series("threads", 3);
  private final Series connections = new Series("connections", 1);
  private final Series files = new Series("files", 12);
  private final Series events = new Series("events/s", Double.MAX_VALUE);
  private final List<Series> all =
      List.of(heap, direct, resident, threads, connections, files, events);

  private AuditHome home;
  private ServiceProcess service;
  private String management;

  @Test
  void nothingGrows() throws Exception {
    HttpServer receiver = receive();
    try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker")).start();
        KafkaTraffic records = new KafkaTraffic(broker.servers(), "");
        AuditHome started = AuditHome.asLaunched(Files.createDirectories(folder.resolve("one")))) {
      records.make("audit.file-events.v1", PARTITIONS);
      home = started;
      service =
          home.serve(Map.of("AUDIT_KAFKA", broker.servers(), "AUDIT_WEBHOOKS_ALLOW", "127.0.0.1"));
      // Said right after the line that the start waits for.
      Awaitility.await("address of health")
          .atMost(PATIENCE)
          .until(() -> service.said().contains("/actuator"));
      String said = service.said();
      int at = said.indexOf("http", said.indexOf("health     "));
      management = said.substring(at, said.indexOf("/actuator", at));
      tellBy(receiver.getAddress().getPort());
      try (AuditCalls calls = home.client();
          FeedCrowd crowd = new FeedCrowd(URI.create(service.url()), home.key())) {
        for (int i = 0; i < FEEDS; i++) {
          crowd.watch(i % 2 == 0 ? "/api/v1/feed" : "/api/v1/feed?table=soak");
        }
        int given = Integer.getInteger("audit.soak.rate", 0);
        int rate = given > 0 ? given : calibrate() / 2;
        SoakLoad load = new SoakLoad(URI.create(service.url()), home.key(), calls, records, rate);
        Duration time = Duration.ofMinutes(MINUTES);
        CompletableFuture<Void> loading = loading(load, time);
        look(loading);
        loading.join();
        try {
          Awaitility.await("verdicts of what was abandoned")
              .atMost(PATIENCE)
              .until(() -> count("status = 'TIMED_OUT'") >= load.abandoned());
          Awaitility.await("webhooks that tell of them")
              .atMost(PATIENCE)
              .until(() -> told.get() >= load.abandoned());
        } finally {
          String title =
              "%d minutes at %d events a second by HTTP, %d by Kafka in all, %d verdicts, %d webhooks, %d frames of feeds"
                  .formatted(
                      MINUTES,
                      rate,
                      load.sentByKafka(),
                      count("status <> 'RUNNING'"),
                      told.get(),
                      crowd.frames());
          System.out.println(title);
          SoakReport.write(RESULT, title, all);
        }
        assertThat(load.accepted())
            .as("events")
            .isGreaterThan((long) (0.7 * rate * time.toSeconds()));
        assertThat(count("status = 'RUNNING'")).as("batches that nobody ended").isZero();
        assertThat(load.abandoned()).as("verdicts").isGreaterThanOrEqualTo(10L * MINUTES);
        assertThat(crowd.frames()).as("frames").isGreaterThan(100L * FEEDS * MINUTES / 10);
      }
      service.terminate();
    } finally {
      receiver.stop(0);
    }
    for (Series series : all) {
      System.out.printf(
          Locale.ROOT,
          "%s: most %.1f, grows by %.1f%n",
          series.name(),
          series.greatest(),
          series.growth());
    }
    assertThat(all).allSatisfy(series -> assertThat(series.isFlat()).as(series.name()).isTrue());
  }

  private HttpServer receive() throws IOException {
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
          told.incrementAndGet();
        });
    receiver.start();
    return receiver;
  }

  private void tellBy(int port) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/webhooks/soak"))
                .header("Authorization", "Bearer " + home.key())
                .header("Content-Type", "application/json")
                .PUT(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"url\":\"http://127.0.0.1:%d/\",\"events\":[\"timed_out\"]}"
                            .formatted(port)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  /** The most events a second of a few streams one after the other; they warm it up as well. */
  private int calibrate() throws Exception {
    HttpLoads loads = new HttpLoads(URI.create(service.url()), home.key(), CALIBRATION_EVENTS);
    byte[] stream = loads.stream();
    double most = 0;
    for (int i = 0; i < CALIBRATIONS; i++) {
      UUID batch = UUID.randomUUID();
      most = Math.max(most, CALIBRATION_EVENTS / (loads.oneStream(batch, stream) / 1e9));
      try (AuditCalls calls = home.client()) {
        calls.status(batch, 1, BatchStatus.COMPLETED, null).block(PATIENCE);
      }
    }
    System.out.printf(Locale.ROOT, "at most %,.0f events a second%n", most);
    return (int) most;
  }

  private static CompletableFuture<Void> loading(SoakLoad load, Duration time) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                load.run(time);
                done.complete(null);
              } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
              }
            },
            "load");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  /** Looks until the load is over. */
  private void look(CompletableFuture<Void> loading) throws Exception {
    long begun = System.nanoTime();
    double before = 0;
    double eventsBefore = events();
    for (long n = 1; !loading.isDone(); n++) {
      long left = begun + n * LOOK_EVERY.toNanos() - System.nanoTime();
      LockSupport.parkNanos(Math.max(0, left));
      double now = (System.nanoTime() - begun) / 1e9;
      double eventsNow = events();
      heap.add(now, service.heap().livingBytes() / MIB);
      direct.add(now, figure(DIRECT, metrics()) / MIB);
      resident.add(now, status("VmRSS:\\s+(\\d+) kB") / 1024);
      threads.add(now, status("Threads:\\s+(\\d+)"));
      connections.add(
          now,
          (double) number("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'audit%'"));
      files.add(now, openFiles());
      events.add(now, (eventsNow - eventsBefore) / (now - before));
      before = now;
      eventsBefore = eventsNow;
    }
  }

  private double openFiles() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + service.pid() + "/fd"))) {
      return descriptors.count();
    }
  }

  private double status(String pattern) throws IOException {
    return figure(
        Pattern.compile(pattern), Files.readString(Path.of("/proc/" + service.pid() + "/status")));
  }

  private static double figure(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  private String metrics() throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(management + "/actuator/prometheus")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private double events() throws Exception {
    return figure(
        Pattern.compile("(?m)^audit_events_accepted_total(?:\\{[^}]*})? ([0-9.E]+)"), metrics());
  }

  private long count(String condition) throws Exception {
    return number("SELECT count(*) FROM audit.batch_state WHERE " + condition);
  }

  private long number(String sql) throws Exception {
    try (Connection connection = home.cluster().connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
