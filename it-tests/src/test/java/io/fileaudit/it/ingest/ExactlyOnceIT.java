package io.fileaudit.it.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.it.crash.Ledger;
import io.fileaudit.it.ingest.KeyedEvents.Key;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * One stream of several thousand events that is sent again, in another order, in parallel or cut by
 * crashes comes out as if it had been sent once, by position and by id.
 */
@Timeout(180)
class ExactlyOnceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FILES = 700;
  private static final int KILLS = 2;
  private static final int REQUESTS = 4;
  private static final Map<String, String> SMALL_COMMITS = Map.of("AUDIT_WRITE_CHUNK_SIZE", "100");
  private static final Map<Key, List<FileEvent>> EVENTS = new EnumMap<>(Key.class);
  private static final Map<Key, Account> SENT_ONCE = new EnumMap<>(Key.class);

  /** What is to be seen of a batch: its figures, its files, and its events in any order. */
  private record Account(Totals totals, List<Manifest> files, Set<JsonNode> events) {}

  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;
  private static AuditCalls client;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @BeforeAll
  static void sendOnce() throws Exception {
    home = new AuditHome(folder);
    serve();
    for (Key key : Key.values()) {
      List<FileEvent> events = KeyedEvents.of(key, FILES);
      EVENTS.put(key, events);
      UUID batch = open();
      assertThat(now(send(batch, key, events)).accepted()).isEqualTo(events.size());
      Account account = account(batch, events.size());
      assertThat(account.events())
          .containsExactlyInAnyOrderElementsOf(
              new HashSet<>(events.stream().map(Ledger::stored).toList()));
      SENT_ONCE.put(key, account);
    }
  }

  @AfterAll
  static void end() {
    client.close();
    home.close();
  }

  private static void serve() throws Exception {
    service = home.serve(SMALL_COMMITS);
    client = home.client();
  }

  private static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static UUID open() {
    return now(client.open(BatchSpec.builder().build())).id();
  }

  /** Sends events in one request; the acknowledgements as one. */
  private static Mono<Ack> send(UUID batch, Key key, List<FileEvent> events) {
    return client.send(batch, 1, key.producer(), Flux.fromIterable(events)).reduce(Ack::and);
  }

  /** The account of a batch, whose ledger has no gap and so many rows. */
  private static Account account(UUID batch, int rows) {
    Ledger ledger = Ledger.read(client, batch);
    assertThat(ledger.numbers()).isEqualTo(Ledger.countFromZero(rows));
    Set<JsonNode> events = new HashSet<>(ledger.events());
    assertThat(events).as("no event is there twice").hasSize(rows);
    return new Account(
        now(client.snapshot(batch)).totals(),
        now(client.allFiles(batch, FileFilter.all()).collectList()),
        events);
  }

  private void assertAsSentOnce(UUID batch, Key key) {
    Account account = account(batch, EVENTS.get(key).size());
    Account once = SENT_ONCE.get(key);
    assertThat(account.totals()).as("seed %d", seed).isEqualTo(once.totals());
    assertThat(account.files()).as("seed %d", seed).isEqualTo(once.files());
    assertThat(account.events().equals(once.events())).as("events, seed %d", seed).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void threeTimes(Key key) {
    List<FileEvent> events = EVENTS.get(key);
    UUID batch = open();
    assertThat(now(send(batch, key, events)).accepted()).isEqualTo(events.size());

    for (int time = 2; time <= 3; time++) {
      Ack again = now(send(batch, key, events));
      assertThat(again.duplicate()).isTrue();
      assertThat(again.duplicates()).isEqualTo(events.size());
    }

    assertAsSentOnce(batch, key);
  }

  @ParameterizedTest
  @EnumSource
  void shuffledAndSomeOfThemTwice(Key key) {
    List<FileEvent> events = new ArrayList<>(EVENTS.get(key));
    events.addAll(EVENTS.get(key).subList(0, 500));
    Collections.shuffle(events, random);
    UUID batch = open();

    Ack all = now(send(batch, key, events));

    assertThat(all.refused()).as("seed %d", seed).isZero();
    assertThat(all.duplicates()).as("seed %d", seed).isEqualTo(500);
    assertAsSentOnce(batch, key);
  }

  /** Each event in two of the requests, so that most come late and many come twice at one time. */
  @ParameterizedTest
  @EnumSource
  void inParallelRequestsOfOneProducer(Key key) {
    List<FileEvent> events = EVENTS.get(key);
    UUID batch = open();

    Ack all =
        now(
            Flux.range(0, REQUESTS)
                .flatMap(request -> send(batch, key, partOf(events, request)), REQUESTS)
                .reduce(Ack::and));

    assertThat(all.refused()).isZero();
    assertThat(all.accepted()).isEqualTo(events.size());
    assertThat(all.duplicates()).isEqualTo(events.size());
    if (key == Key.POSITION) {
      List<Long> positions = Ledger.read(client, batch).positions();
      AtomicLong mark = new AtomicLong(-1);
      assertThat(positions.stream().filter(p -> p < mark.getAndAccumulate(p, Math::max)))
          .as("positions that came late")
          .hasSizeGreaterThan(100);
    }
    assertAsSentOnce(batch, key);
  }

  private static List<FileEvent> partOf(List<FileEvent> events, int request) {
    return IntStream.range(0, events.size())
        .filter(i -> i % REQUESTS == request || (i + 1) % REQUESTS == request)
        .mapToObj(events::get)
        .toList();
  }

  /** A sending that is cut: what of it was acknowledged, line by line from the first one. */
  private static final class CutSending {
    private final Key key;
    private final UUID batch = open();
    private final AtomicLong acknowledged = new AtomicLong();

    CutSending(Key key) {
      this.key = key;
    }

    /** Sends all of it; ends when the service is gone. */
    Mono<Boolean> begin() {
      return client
          .send(batch, 1, key.producer(), Flux.fromIterable(EVENTS.get(key)))
          .doOnNext(ack -> acknowledged.accumulateAndGet(ack.lastLine(), Math::max))
          .then(Mono.just(false))
          .onErrorResume(UnreachableException.class, gone -> Mono.just(true));
    }

    void assertNothingAcknowledgedIsLost(long seed) {
      Set<JsonNode> stored = new HashSet<>(Ledger.read(client, batch).events());
      assertThat(
              EVENTS.get(key).stream()
                  .limit(acknowledged.get())
                  .map(Ledger::stored)
                  .allMatch(stored::contains))
          .as("acknowledged and stored, seed %d", seed)
          .isTrue();
    }
  }

  @Test
  void cutByKillsAtRandomMomentsAndSentAgain() throws Exception {
    System.out.println("seed " + seed);
    List<CutSending> sendings = Arrays.stream(Key.values()).map(CutSending::new).toList();
    for (int kill = 0; kill < KILLS; kill++) {
      long moment = 200L + random.nextInt(EVENTS.get(Key.ID).size() / 2);
      sendings.forEach(sending -> sending.acknowledged.set(0));
      Mono<List<Boolean>> cut =
          Flux.fromIterable(sendings).flatMap(CutSending::begin).collectList().cache();
      cut.subscribe();
      now(
          Mono.fromSupplier(() -> sendings.stream().anyMatch(s -> s.acknowledged.get() >= moment))
              .filter(Boolean.TRUE::equals)
              .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(1))));
      service.kill();
      assertThat(now(cut)).as("cut, seed %d", seed).contains(true);
      client.close();
      serve();
      sendings.forEach(sending -> sending.assertNothingAcknowledgedIsLost(seed));
    }

    for (CutSending sending : sendings) {
      Ack again = now(send(sending.batch, sending.key, EVENTS.get(sending.key)));
      assertThat(again.refused()).isZero();
      assertThat(again.duplicates()).as("seed %d", seed).isPositive();
      assertAsSentOnce(sending.batch, sending.key);
    }
  }
}
