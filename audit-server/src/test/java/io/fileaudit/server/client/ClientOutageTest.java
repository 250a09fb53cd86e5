package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.AuditClientBuilder;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.client.UndeliveredEvent;
import io.fileaudit.api.client.UndeliveredException;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.InMemoryAuditServer;
import io.fileaudit.server.client.FaultyProxy.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** After every fault the ledger holds exactly what the report says was delivered. */
@Timeout(60)
class ClientOutageTest {
  private static final Duration MOST = Duration.ofSeconds(20);
  private static final BatchSpec.Builder BRIEF =
      BatchSpec.builder()
          .limit(LimitName.START, Limit.endAfter(Duration.ofMillis(700)))
          .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMillis(700)));
  private static InMemoryAuditServer server;

  @TempDir private Path spool;
  private FaultyProxy proxy;
  private AuditCalls calls;

  @BeforeAll
  static void start() {
    server = InMemoryAuditServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() throws IOException {
    proxy = new FaultyProxy(URI.create(server.url()).getPort());
    calls = server.client().calls();
  }

  @AfterEach
  void disconnect() throws IOException {
    calls.close();
    proxy.close();
  }

  private AuditClientBuilder client() {
    return server.client().url(proxy.url());
  }

  private Snapshot snapshot(UUID batch) {
    return calls.snapshot(batch).block(MOST);
  }

  /** The positions in the ledger, in its order; decisions have none. */
  private List<Long> positions(UUID batch) {
    return calls
        .ledger(batch, 0)
        .map(row -> AuditJson.lenient().readTree(row).path("position"))
        .filter(position -> position.isNumber())
        .map(position -> position.asLong())
        .collectList()
        .block(MOST);
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  private static void await(BooleanSupplier condition) {
    Boolean met =
        Mono.fromSupplier(condition::getAsBoolean)
            .subscribeOn(Schedulers.boundedElastic()) // Conditions may wait for answers.
            .repeatWhen(ends -> ends.delayElements(Duration.ofMillis(10)))
            .filter(value -> value)
            .blockFirst(MOST);
    assertThat(met).isTrue();
  }

  private static void report(BlockingBatch batch, int from, int to) {
    for (int i = from; i < to; i++) {
      batch.completed("file-" + i, 10, 100, null);
    }
  }

  private List<Path> spooledFiles() throws IOException {
    try (Stream<Path> files = Files.walk(spool)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void connectionsThatBreakHalfWayLoseAndRepeatNothing() {
    Random random = new Random(7);
    try (AuditClient client = client().build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.each(
          number ->
              number > 20
                  ? Fault.NONE
                  : number % 2 == 0
                      ? Fault.cutAnswer(random.nextInt(2_000))
                      : Fault.cutRequest(400 + random.nextInt(60_000)));
      report(batch, 0, 5_000);
      DeliveryReport report = batch.complete();

      assertThat(proxy.connections()).isGreaterThan(20);
      assertThat(report.acknowledged()).isEqualTo(5_000);
      assertThat(report.ended().totals().rows()).isEqualTo(50_000);
      assertThat(positions(batch.id())).isEqualTo(upTo(5_000));
    }
  }

  @Test
  void aServiceThatIsAwayIsWaitedFor() {
    proxy.all(Fault.RESET);
    try (AuditClient client = client().build()) {
      Mono.delay(Duration.ofMillis(600)).subscribe(now -> proxy.all(Fault.NONE));
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      report(batch, 0, 10);
      proxy.all(Fault.RESET);
      Mono.delay(Duration.ofMillis(600)).subscribe(now -> proxy.all(Fault.NONE));
      report(batch, 10, 20);

      assertThat(batch.complete().acknowledged()).isEqualTo(20);
      assertThat(positions(batch.id())).isEqualTo(upTo(20));
    }
  }

  @Test
  void aServiceThatIsBusyIsAskedAgainNotSoonerThanItSays() {
    try (AuditClient client = client().build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.each(
          number ->
              number == 1
                  ? Fault.answer(429, "1")
                  : number == 2 ? Fault.answer(503, "0") : Fault.NONE);
      long begun = System.nanoTime();
      report(batch, 0, 5);
      DeliveryReport report = batch.complete();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(proxy.connections()).isGreaterThanOrEqualTo(3);
      assertThat(report.acknowledged()).isEqualTo(5);
    }
  }

  @Test
  void aServiceThatTakesEverythingAndSaysNothingIsGivenUp() {
    try (AuditClient client = client().responseTimeout(Duration.ofMillis(400)).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.each(number -> number == 1 ? Fault.SILENT : Fault.NONE);
      report(batch, 0, 5);

      assertThat(batch.complete().acknowledged()).isEqualTo(5);
      assertThat(positions(batch.id())).isEqualTo(upTo(5));
    }
  }

  @Test
  void aSlowServiceIsWaitedFor() {
    try (AuditClient client = client().build()) {
      proxy.all(Fault.slow(50));
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      report(batch, 0, 500);

      assertThat(batch.complete().acknowledged()).isEqualTo(500);
      assertThat(positions(batch.id())).isEqualTo(upTo(500));
    }
  }

  @Test
  void aServiceThatStaysAwayIsGivenUpByName() {
    AuditClientBuilder builder = client().giveUpAfter(Duration.ofMillis(500)).window(50);
    try (AuditClient client = builder.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      report(batch, 0, 10);
      batch.flush();
      proxy.all(Fault.RESET);

      assertThatThrownBy(() -> report(batch, 10, 1_000))
          .isInstanceOf(UndeliveredException.class)
          .hasMessageContaining("PT0.5S");
      DeliveryReport report = batch.report();
      assertThat(report.acknowledged()).isEqualTo(10);
      assertThat(report.undelivered()).isEqualTo(50);
      assertThat(report.undeliveredEvents())
          .extracting(UndeliveredEvent::file)
          .startsWith("file-10", "file-11")
          .hasSize(50);
      assertThat(report.isDelivered()).isFalse();
      assertThatThrownBy(batch::complete).isInstanceOf(UndeliveredException.class);
      assertThat(positions(batch.id())).isEqualTo(upTo(10));
    }
  }

  @Test
  void whoDoesNotWaitFailsAtOnce() {
    proxy.all(Fault.RESET);
    try (AuditClient client = client().giveUpAfter(Duration.ZERO).build()) {
      assertThatThrownBy(() -> client.blocking().open(BatchSpec.builder().build()))
          .isInstanceOf(UnreachableException.class);
      proxy.all(Fault.NONE);
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.RESET);
      batch.started("a");
      assertThatThrownBy(batch::flush).isInstanceOf(UndeliveredException.class);
    }
  }

  @Test
  void closingInTimeNamesWhatIsNotDelivered() {
    try (AuditClient client = client().build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.SILENT);
      report(batch, 0, 3);
      DeliveryReport report = batch.close(Duration.ofMillis(300));

      assertThat(report.undelivered()).isEqualTo(3);
      assertThat(report.failure()).isInstanceOf(UndeliveredException.class);
      assertThat(report.ended()).isNull();
    }
  }

  @Test
  void theSpoolTakesWhatTheServiceDoesNotAndGivesItBack() throws IOException {
    try (AuditClient client = client().spool(spool).window(100).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      report(batch, 0, 10);
      batch.flush();
      proxy.all(Fault.RESET);
      report(batch, 10, 5_000);
      batch.flush();
      assertThat(batch.report().spooled()).isPositive();
      assertThat(batch.report().acknowledged() + batch.report().spooled()).isEqualTo(5_000);
      proxy.all(Fault.NONE);
      report(batch, 5_000, 6_000);
      await(() -> batch.report().acknowledged() == 6_000);
      DeliveryReport report = batch.complete();

      assertThat(report.spooled()).isZero();
      assertThat(report.ended().status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(report.ended().totals().events()).isEqualTo(6_000);
      assertThat(positions(batch.id())).containsExactlyInAnyOrderElementsOf(upTo(6_000));
      assertThat(spooledFiles()).isEmpty();
    }
  }

  @Test
  void aBatchThatTheServiceNeverSawIsDeliveredByTheNextClient() throws IOException {
    proxy.all(Fault.RESET);
    UUID id;
    AuditClientBuilder first = client().spool(spool).giveUpAfter(Duration.ofMillis(300));
    try (AuditClient client = first.build()) {
      BlockingBatch batch =
          client.blocking().open(BatchSpec.builder().table("t").expectedFiles(500).build());
      id = batch.id();
      report(batch, 0, 500);
      DeliveryReport report = batch.complete();

      assertThat(report.run()).isZero();
      assertThat(report.spooled()).isEqualTo(500);
      assertThat(report.endingSpooled()).isTrue();
      assertThat(report.isDelivered()).isFalse();
    }
    assertThat(spooledFiles()).isNotEmpty();

    proxy.all(Fault.NONE);
    try (AuditClient client = client().spool(spool).build()) {
      await(
          () ->
              client
                  .calls()
                  .snapshot(id)
                  .map(snapshot -> snapshot.status() == BatchStatus.COMPLETED)
                  .onErrorReturn(false)
                  .block(MOST));
      await(this::isSpoolEmpty);
    }
    assertThat(positions(id)).isEqualTo(upTo(500));
  }

  @Test
  void clientsThatLiveForAMomentEmptyTheSpoolStepByStep() {
    proxy.all(Fault.RESET);
    UUID id;
    AuditClientBuilder first = client().spool(spool).giveUpAfter(Duration.ofMillis(300));
    try (AuditClient client = first.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      id = batch.id();
      report(batch, 0, 30_000);
      assertThat(batch.complete().endingSpooled()).isTrue();
    }
    proxy.all(Fault.NONE);

    int clients = 0;
    while (!isSpoolEmpty()) {
      assertThat(clients++).as("clients").isLessThan(50);
      client().spool(spool).build().close(Duration.ofMillis(200 + 20 * clients)).block(MOST);
    }

    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(positions(id)).isEqualTo(upTo(30_000));
  }

  @Test
  void aClientThatIsClosedDeliversFirstWhatWasLeft() {
    proxy.all(Fault.RESET);
    UUID id;
    AuditClientBuilder first = client().spool(spool).giveUpAfter(Duration.ofMillis(300));
    try (AuditClient client = first.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      id = batch.id();
      report(batch, 0, 30_000);
      assertThat(batch.complete().endingSpooled()).isTrue();
    }
    proxy.all(Fault.NONE);

    client().spool(spool).build().close();

    assertThat(isSpoolEmpty()).isTrue();
    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.COMPLETED);
  }

  /** Opened, and then away: what is left in the spool is of a batch that is there. */
  private UUID leftByALoader(AuditClientBuilder loader) {
    try (AuditClient client = loader.spool(spool).giveUpAfter(Duration.ofMillis(300)).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.RESET);
      report(batch, 0, 20);
      assertThat(batch.complete().endingSpooled()).isTrue();
      return batch.id();
    }
  }

  @Test
  void aKeyThatMaySendAloneEmptiesTheSpool() {
    String key =
        Objects.requireNonNull(
                calls.addKey(new NewKey("sender", List.of("ingest"), null, null)).block(MOST))
            .key();
    UUID id = leftByALoader(client().key(key));
    proxy.all(Fault.NONE);

    client().key(key).spool(spool).build().close();

    assertThat(isSpoolEmpty()).isTrue();
    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(positions(id)).isEqualTo(upTo(20));
  }

  @Test
  void aKeyThatIsWrongLeavesTheSpoolToTheNextOne() throws IOException {
    UUID id = leftByALoader(client());
    proxy.all(Fault.NONE);
    List<Path> before = spooledFiles();

    client().key("audit_nobodys").spool(spool).build().close();

    assertThat(spooledFiles()).as("nothing is set aside").isEqualTo(before);
    client().spool(spool).build().close();
    assertThat(isSpoolEmpty()).isTrue();
    assertThat(positions(id)).isEqualTo(upTo(20));
  }

  @Test
  void whatCannotBeReadInTheSpoolKeepsNobodyWaiting() throws IOException {
    UUID id = leftByALoader(client());
    proxy.all(Fault.NONE);
    Path place = spooledFiles().get(0).getParent();
    Path broken = Files.createDirectory(place.resolveSibling("0-broken"));
    Files.writeString(broken.resolve("batch.json"), "{");

    client().spool(spool).build().close();

    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(positions(id)).isEqualTo(upTo(20));
    assertThat(Files.exists(broken.resolve("batch.json"))).isTrue();
  }

  private boolean isSpoolEmpty() {
    try {
      return spooledFiles().isEmpty();
    } catch (IOException | UncheckedIOException e) {
      return false; // Files go away meanwhile.
    }
  }

  @Test
  void aFullSpoolMakesCallersWaitAndThenFail() {
    AuditClientBuilder builder =
        client().spool(spool).spoolLimit(20_000).window(20).giveUpAfter(Duration.ofMillis(700));
    try (AuditClient client = builder.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.RESET);

      assertThatThrownBy(() -> report(batch, 0, 100_000)).isInstanceOf(UndeliveredException.class);
      DeliveryReport report = batch.report();
      assertThat(report.spooled()).isPositive();
      assertThat(report.undelivered()).isEqualTo(20);
    }
  }

  @Test
  void closingInTimeLeavesTheRestInTheSpool() throws IOException {
    UUID id;
    try (AuditClient client = client().spool(spool).build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      id = batch.id();
      proxy.all(Fault.SILENT);
      report(batch, 0, 300);
      DeliveryReport report = batch.close(Duration.ofMillis(300));

      assertThat(report.undelivered()).isZero();
      assertThat(report.spooled()).isEqualTo(300);
      assertThat(report.endingSpooled()).isTrue();
    }
    proxy.all(Fault.NONE);
    try (AuditClient client = client().spool(spool).build()) {
      await(this::isSpoolEmpty);
    }
    assertThat(positions(id)).isEqualTo(upTo(300));
    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.CANCELLED);
  }

  @Test
  void closingInTimeWithAFullSpoolNamesWhatIsNotDelivered() {
    AuditClientBuilder builder =
        client().spool(spool).spoolLimit(10).giveUpAfter(Duration.ofMillis(500));
    try (AuditClient client = builder.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.SILENT);
      report(batch, 0, 3);
      DeliveryReport report = batch.close(Duration.ofMillis(300));

      assertThat(report.undelivered()).isEqualTo(3);
      assertThat(report.failure()).isNotNull();
    }
  }

  @Test
  void aFullSpoolIsEmptiedWhenTheServiceIsBack() {
    AuditClientBuilder builder = client().spool(spool).spoolLimit(20_000).window(20);
    try (AuditClient client = builder.build()) {
      BlockingBatch batch = client.blocking().open(BatchSpec.builder().build());
      proxy.all(Fault.RESET);
      Mono.delay(Duration.ofSeconds(1)).subscribe(now -> proxy.all(Fault.NONE));
      report(batch, 0, 1_000);

      assertThat(batch.complete().acknowledged()).isEqualTo(1_000);
      assertThat(positions(batch.id())).containsExactlyInAnyOrderElementsOf(upTo(1_000));
    }
  }

  /** What a loader that was killed leaves: a place that nobody holds, with a line cut off. */
  @Test
  void whatAKilledLoaderLeftIsDeliveredUpToItsLastWholeLine() throws IOException {
    UUID id = UUID.randomUUID();
    abandon(id, 200);
    try (Stream<Path> files = Files.walk(spool)) {
      Path segment =
          files.filter(file -> file.toString().endsWith(".ndjson")).findFirst().orElseThrow();
      Files.writeString(segment, "{\"type\":\"COMPL", StandardOpenOption.APPEND);
    }

    try (AuditClient client = client().spool(spool).build()) {
      await(this::isSpoolEmpty);
      assertThat(client.calls().snapshot(id).block(MOST).status()).isEqualTo(BatchStatus.RUNNING);
    }
    assertThat(positions(id)).isEqualTo(upTo(200));
  }

  /** Leaves events of a batch in the spool, without an ending. */
  private void abandon(UUID id, int events) throws IOException {
    Path elsewhere = Files.createTempDirectory("spool");
    AuditClient client =
        client().spool(elsewhere).build(); // Closed at the end of the copy, to another place.
    BlockingBatch batch = client.blocking().open(id, BRIEF.build());
    proxy.all(Fault.RESET);
    report(batch, 0, events);
    batch.flush();
    try (Stream<Path> files = Files.walk(elsewhere)) {
      for (Path file : files.toList()) {
        Path copy = spool.resolve(elsewhere.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    Mono.from(client.close(Duration.ofMillis(1))).block(MOST);
    proxy.all(Fault.NONE);
  }

  @Test
  void aBatchThatTimedOutMeanwhileIsResumedForWhatWaited() throws IOException {
    UUID id = UUID.randomUUID();
    abandon(id, 50);
    await(() -> snapshot(id).status() == BatchStatus.TIMED_OUT);

    try (AuditClient client = client().spool(spool).build()) {
      await(this::isSpoolEmpty);
    }
    assertThat(snapshot(id).run()).isEqualTo(2);
    assertThat(snapshot(id).totals().files().completed()).isEqualTo(50);
  }

  @Test
  void whatCanNeverBeDeliveredIsSetAside() throws IOException {
    UUID id = UUID.randomUUID();
    abandon(id, 50);
    calls.status(id, 1, BatchStatus.CANCELLED, null).block(MOST);

    try (AuditClient client = client().spool(spool).build()) {
      await(() -> names().stream().anyMatch(name -> name.startsWith("undeliverable-" + id)));
      assertThat(spooledFiles()).anyMatch(file -> file.toString().endsWith(".ndjson"));
    }
    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.CANCELLED);
    assertThat(positions(id)).isEmpty();
  }

  private List<String> names() {
    try (Stream<Path> places = Files.list(spool)) {
      return places.map(place -> String.valueOf(place.getFileName())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatBelongsToAnotherNamespaceWaitsForItsOwnClient() throws IOException {
    UUID id = UUID.randomUUID();
    abandon(id, 5);

    try (AuditClient other = client().namespace("other").spool(spool).build()) {
      BlockingBatch batch = other.blocking().open(UUID.randomUUID(), BatchSpec.builder().build());
      batch.complete();
    }
    assertThat(spooledFiles()).isNotEmpty();
    assertThat(positions(id)).isEmpty();
  }

  @Test
  void openingABatchAgainDeliversWhatWaitedForItBefore() throws IOException {
    UUID id = UUID.randomUUID();
    abandon(id, 50);
    await(() -> snapshot(id).status() == BatchStatus.TIMED_OUT);

    try (AuditClient client = client().spool(spool).build()) {
      BlockingBatch batch = client.blocking().open(id, BRIEF.build().withResume(true));
      report(batch, 50, 60);
      batch.complete();
    }
    assertThat(snapshot(id).totals().files().completed()).isEqualTo(60);
    assertThat(snapshot(id).status()).isEqualTo(BatchStatus.COMPLETED);
  }

  @Test
  void aSpoolThatCannotBeUsedIsToldAtOnce() throws IOException {
    Path file = Files.writeString(spool.resolve("file"), "");

    assertThatThrownBy(() -> client().spool(file).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }
}
