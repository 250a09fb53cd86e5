package io.fileaudit.core.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.live.FeedReader.Frame;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.Heartbeat;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What watchers are told, by a store in memory whose clock is virtual time. */
class FeedsTest {
  private static final Duration PULSE = Duration.ofMillis(250);
  private static final Duration GATHERED = Duration.ofMillis(10);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String STARTED = "{\"type\":\"STARTED\",\"file\":\"%s\"}";

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final MemoryAuditStore store = new MemoryAuditStore(this::now);
  private final List<String> asked = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final Feeds feeds =
      new Feeds(looked(store.feeds()), store, store.reports(), time, failures::add);
  private boolean away;
  private boolean deaf;
  private Disposable looking;

  private Instant now() {
    return Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS));
  }

  /** The store as feeds see it: it can be away, its hints can be lost, and it counts the looks. */
  private FeedStore looked(FeedStore real) {
    return (FeedStore)
        Proxy.newProxyInstance(
            FeedStore.class.getClassLoader(),
            new Class<?>[] {FeedStore.class},
            (proxy, method, arguments) -> {
              asked.add(method.getName());
              try {
                if (method.getName().equals("changes")) {
                  return ((Flux<?>) method.invoke(real)).filter(key -> !deaf);
                }
                if (away) {
                  AuditException error = new AuditException(ProblemType.UNAVAILABLE, "away");
                  return method.getReturnType() == Mono.class
                      ? Mono.error(error)
                      : Flux.error(error);
                }
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @BeforeEach
  void start() {
    looking = feeds.start();
  }

  @AfterEach
  void stop() {
    looking.dispose();
  }

  private BatchKey open(String table) {
    return open(BatchSpec.builder().table(table).build());
  }

  private BatchKey open(BatchSpec spec) {
    BatchKey key = new BatchKey("default", UUID.randomUUID());
    store.open(new OpenBatch(key, spec, LimitRules.DEFAULTS, null, "me", "n")).block();
    return key;
  }

  private void send(BatchKey key, int run, String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    Line event = new EventReader().read(1, bytes, 0, bytes.length);
    store
        .commit(List.of(new Chunk(UUID.randomUUID(), key, run, null, List.of(event))), false)
        .block();
  }

  private void start(BatchKey key, String file) {
    send(key, 1, STARTED.formatted(file));
  }

  private void decide(BatchKey key, int run, BatchStatus wanted) {
    store.decide(new Decide(key, new DecisionPlan.Wish(run, wanted, null, "me", "n"))).block();
  }

  private void pass(Duration duration) {
    time.advanceTimeBy(duration);
  }

  private FeedReader batch(BatchKey key, @Nullable Long after) {
    return read(feeds.batch(key, after), Long.MAX_VALUE);
  }

  private FeedReader ledger(BatchKey key, long from, @Nullable Long after) {
    return read(feeds.ledger(key, from, after), Long.MAX_VALUE);
  }

  /** Readers who come at one time are waited for a moment. */
  private FeedReader read(Flux<byte[]> feed, long requested) {
    FeedReader reader = FeedReader.of(feed, requested);
    pass(GATHERED);
    return reader;
  }

  private FeedReader many(@Nullable Long after) {
    return FeedReader.of(feeds.many(filter(Set.of(), null), after, true));
  }

  private static FeedFilter filter(Set<BatchStatus> statuses, @Nullable String table) {
    return new FeedFilter(
        new BatchQuery("default", statuses, table, null, Map.of(), null, null, null, 500),
        Set.of());
  }

  private static List<String> events(Collection<Frame> frames) {
    return frames.stream().map(Frame::event).toList();
  }

  private static List<Frame> verdicts(Collection<Frame> frames) {
    return frames.stream().filter(frame -> frame.event().equals("verdict")).toList();
  }

  @Test
  void aFeedBeginsWithASnapshotAndTellsWhatIsNewer() {
    BatchKey key = open("t");
    FeedReader reader = batch(key, null);
    Frame first = reader.one();
    assertThat(first.event()).isEqualTo("snapshot");
    assertThat(first.id()).isEqualTo(first.version());
    assertThat(first.status()).isEqualTo("PENDING");

    start(key, "a");
    assertThat(reader.taken()).as("a look comes with the next pulse").isEmpty();
    pass(PULSE);

    Frame second = reader.one();
    assertThat(second.event()).isEqualTo("status");
    assertThat(second.status()).isEqualTo("RUNNING");
    assertThat(second.id()).isEqualTo(second.version()).isEqualTo(first.version() + 1);
    pass(SECOND);
    assertThat(reader.taken()).as("nothing changed").isEmpty();
  }

  @Test
  void whatIsNotHintedIsFoundWithinASecond() {
    BatchKey key = open("t");
    FeedReader one = batch(key, null);
    FeedReader many = many(null);
    pass(SECOND);
    one.taken();
    many.taken();
    deaf = true;
    start(key, "a");
    pass(SECOND);
    assertThat(one.one().status()).isEqualTo("RUNNING");
    assertThat(many.one().status()).isEqualTo("RUNNING");
    decide(key, 1, BatchStatus.FAILED);
    pass(SECOND);
    assertThat(events(one.taken())).containsExactly("verdict", "status");
    assertThat(events(many.taken())).containsExactly("verdict", "status");
  }

  @Test
  void statusComesFourTimesASecondAtMostAndTheLatestWins() {
    BatchKey key = open("t");
    FeedReader reader = batch(key, null);
    FeedReader many = many(null);
    reader.taken();
    many.taken();
    for (int i = 0; i < 100; i++) {
      start(key, "f" + i);
      pass(Duration.ofMillis(20));
    }
    pass(PULSE);

    List<Frame> frames = reader.taken();
    assertThat(frames).hasSizeBetween(7, 9).allMatch(frame -> frame.event().equals("status"));
    assertThat(frames.get(frames.size() - 1).data().at("/totals/files/running").asInt())
        .isEqualTo(100);
    assertThat(many.taken()).hasSizeBetween(7, 9);
  }

  @Test
  void aVerdictComesOnceAndBeforeTheStatusThatKnowsOfIt() {
    BatchKey key = open("t");
    FeedReader reader = batch(key, null);
    reader.taken();
    decide(key, 1, BatchStatus.FAILED);
    decide(key, 1, BatchStatus.RUNNING);
    decide(key, 2, BatchStatus.CANCELLED);
    pass(SECOND);

    List<Frame> frames = reader.taken();
    assertThat(events(frames)).containsExactly("verdict", "verdict", "verdict", "status");
    assertThat(verdicts(frames))
        .extracting(frame -> frame.data().at("/verdict/status").asString())
        .containsExactly("FAILED", "RUNNING", "CANCELLED");
    assertThat(frames).extracting(Frame::id).isSorted().doesNotContainNull();
    assertThat(frames.get(0).data().get("table").asString()).isEqualTo("t");
    assertThat(frames.get(0).data().get("batch").asString()).isEqualTo(key.id().toString());
    pass(SECOND);
    assertThat(reader.taken()).isEmpty();
  }

  @Test
  void aResumedFeedTellsTheVerdictsMeanwhileAndNoOthers() {
    BatchKey key = open("t");
    decide(key, 1, BatchStatus.FAILED);
    FeedReader reader = batch(key, null);
    long seen = reader.one().version();
    reader.cancel();
    decide(key, 1, BatchStatus.RUNNING);
    decide(key, 2, BatchStatus.CANCELLED);

    FeedReader resumed = batch(key, seen);
    List<Frame> frames = resumed.taken();
    assertThat(events(frames)).containsExactly("snapshot", "verdict", "verdict");
    assertThat(frames.get(0).id()).as("who is cut off here resumes where it was").isNull();
    assertThat(frames.get(0).status()).isEqualTo("CANCELLED");
    assertThat(resumed.lastId()).isEqualTo(frames.get(0).version());

    assertThat(events(batch(key, resumed.lastId()).taken())).containsExactly("snapshot");
  }

  @Test
  void anIdOfAnotherHistoryIsAGap() {
    BatchKey key = open("t");
    FeedReader reader = batch(key, 77L);
    List<Frame> frames = reader.taken();
    assertThat(events(frames)).containsExactly("gap", "snapshot");
    assertThat(frames.get(0).data().get("asked").asLong()).isEqualTo(77);
    assertThat(frames.get(0).data().get("last").asLong()).isEqualTo(1);
    assertThat(frames.get(0).id()).isEqualTo(1);

    List<Frame> all = many(99L).taken();
    assertThat(events(all)).containsExactly("gap", "snapshot", "tick");
    assertThat(all.get(0).id()).isEqualTo(all.get(2).id());

    List<Frame> rows = ledger(key, 0, 5L).taken();
    assertThat(events(rows)).containsExactly("gap");
    assertThat(rows.get(0).id()).as("there is no row to resume behind").isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void feedsThatAreCutAtRandomMissNothingAndRepeatNothing(long seed) {
    Random random = new Random(seed);
    List<BatchKey> keys = List.of(open("a"), open("b"), open("c"));
    int[] runs = {1, 1, 1};
    FeedReader one = batch(keys.get(0), null);
    FeedReader all = many(null);
    List<Frame> ofOne = new ArrayList<>();
    List<Frame> ofAll = new ArrayList<>();
    List<String> decidedOne = new ArrayList<>();
    List<String> decidedAll = new ArrayList<>();
    int cuts = 0;
    while (cuts < 50) {
      int which = random.nextInt(keys.size());
      BatchKey key = keys.get(which);
      if (random.nextInt(3) == 0) {
        boolean isOpen = store.find(key).block().state().status().isOpen();
        BatchStatus wanted = isOpen ? BatchStatus.FAILED : BatchStatus.RUNNING;
        decide(key, runs[which], wanted);
        runs[which] += isOpen ? 0 : 1;
        String made = key.id() + " " + runs[which] + " " + wanted;
        decidedAll.add(made);
        if (which == 0) {
          decidedOne.add(made);
        }
      } else {
        send(key, runs[which], STARTED.formatted("f" + random.nextInt(100)));
      }
      pass(Duration.ofMillis(random.nextInt(700)));
      if (random.nextInt(4) == 0) {
        cuts++;
        ofOne.addAll(one.taken());
        ofAll.addAll(all.taken());
        one.cancel();
        all.cancel();
        pass(Duration.ofMillis(random.nextInt(2) * random.nextInt(3_000)));
        one = batch(keys.get(0), one.resumeFrom());
        all = many(all.resumeFrom());
        Long oneBefore = one.lastId();
        Long allBefore = all.lastId();
        // Cut again before the first event, or right behind it.
        if (random.nextInt(3) == 0 && oneBefore != null && allBefore != null) {
          pass(Duration.ofMillis(random.nextInt(300)));
        }
      }
    }
    pass(SECOND.multipliedBy(2));
    ofOne.addAll(one.taken());
    ofAll.addAll(all.taken());

    assertThat(made(ofOne)).isEqualTo(decidedOne);
    assertThat(made(ofAll)).isEqualTo(decidedAll);
    assertThat(feeds.ofBatches()).isEqualTo(1);
    assertThat(failures).isEmpty();
  }

  private static List<String> made(List<Frame> frames) {
    return verdicts(frames).stream()
        .map(
            frame ->
                frame.data().get("batch").asString()
                    + " "
                    + frame.data().at("/verdict/run").asInt()
                    + " "
                    + frame.data().at("/verdict/status").asString())
        .toList();
  }

  @Test
  void aReaderThatRequestsNothingGetsTheLatestStateAndEveryVerdict() {
    BatchKey key = open("t");
    FeedReader lazy = read(feeds.batch(key, null), 2);
    FeedReader lazyMany = FeedReader.of(feeds.many(filter(Set.of(), null), null, true), 3);
    assertThat(events(lazy.taken())).containsExactly("snapshot");
    lazyMany.taken();
    int run = 1;
    for (int i = 0; i < 300; i++) {
      decide(key, run, BatchStatus.FAILED);
      decide(key, run++, BatchStatus.RUNNING);
      send(key, run, STARTED.formatted("f" + i));
      pass(PULSE);
    }

    lazy.request(Long.MAX_VALUE);
    lazyMany.request(Long.MAX_VALUE);
    pass(SECOND);

    List<Frame> frames = lazy.taken();
    assertThat(verdicts(frames)).hasSize(600);
    assertThat(verdicts(frames)).extracting(Frame::id).isSorted().doesNotHaveDuplicates();
    assertThat(frames).as("of snapshots the latest alone").hasSizeLessThan(610);
    assertThat(feeds.passedOver()).as("the others are counted").isGreaterThan(290);
    assertThat(frames.get(frames.size() - 1).data().has("now")).isTrue();
    List<Frame> many = lazyMany.taken();
    assertThat(verdicts(many)).hasSize(600);
    assertThat(many).hasSizeLessThan(610);
  }

  @Test
  void ofBatchesThatEndedALimitedNumberIsKeptForReaders() {
    FeedReader lazy = FeedReader.of(feeds.many(filter(Set.of(), null), null, false), 1);
    int batches = 1_500;
    for (int done = 0; done < batches; done += 100) {
      List<BatchKey> some = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        some.add(open("t"));
      }
      pass(PULSE);
      some.forEach(key -> decide(key, 1, BatchStatus.FAILED));
      pass(PULSE);
    }
    lazy.request(Long.MAX_VALUE);
    pass(SECOND);

    List<Frame> frames = lazy.taken();
    assertThat(verdicts(frames)).hasSize(batches);
    assertThat(frames.stream().filter(frame -> frame.event().equals("status")))
        .as("the latest thousand")
        .hasSize(1_000);
  }

  @Test
  void whoIsFarBehindInTheLogReadsItPageByPage() {
    BatchKey key = open("t");
    FeedReader lazy = FeedReader.of(feeds.many(filter(Set.of(), null), null, false), 1);
    int run = 1;
    for (int i = 0; i < 6_000; i++) {
      decide(key, run, BatchStatus.FAILED);
      decide(key, run++, BatchStatus.RUNNING);
      if (i % 1_000 == 999) {
        pass(SECOND);
      }
    }
    pass(SECOND);
    lazy.request(Long.MAX_VALUE);
    pass(SECOND);

    List<Frame> frames = verdicts(lazy.taken());
    assertThat(frames).hasSize(12_000);
    assertThat(frames).extracting(Frame::id).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void framesAreEncodedOnceForAllReaders() {
    BatchKey key = open("t");
    FeedReader one = batch(key, null);
    FeedReader other = batch(key, null);
    FeedReader oneOfMany = many(null);
    FeedReader otherOfMany = many(null);
    one.taken();
    other.taken();
    oneOfMany.taken();
    otherOfMany.taken();
    start(key, "a");
    decide(key, 1, BatchStatus.FAILED);
    pass(SECOND);

    same(one.taken(), other.taken());
    same(oneOfMany.taken(), otherOfMany.taken());
  }

  private static void same(List<Frame> frames, List<Frame> others) {
    assertThat(frames).hasSize(2);
    for (int i = 0; i < frames.size(); i++) {
      assertThat(frames.get(i).bytes()).isSameAs(others.get(i).bytes());
    }
  }

  @Test
  void ticksComeEvery15SecondsAndNoneWhileTheStoreIsAway() {
    BatchKey key = open("t");
    FeedReader one = batch(key, null);
    FeedReader all = many(null);
    FeedReader rows = ledger(key, 0, null);
    pass(Duration.ofSeconds(61));
    assertThat(ticks(one)).hasSize(4);
    assertThat(ticks(all)).hasSize(5).allMatch(tick -> tick.id() != null);
    assertThat(ticks(rows)).hasSize(4);

    away = true;
    pass(Duration.ofSeconds(60));
    assertThat(one.taken()).isEmpty();
    assertThat(all.taken()).isEmpty();
    assertThat(failures).isNotEmpty();
    start(key, "a");
    away = false;
    pass(Duration.ofSeconds(2));
    assertThat(events(one.taken())).contains("status", "tick");
  }

  private static List<Frame> ticks(FeedReader reader) {
    return reader.taken().stream().filter(frame -> frame.event().equals("tick")).toList();
  }

  @Test
  void flagsAndHeartbeatsAreShownThoughTheVersionStays() {
    BatchKey key = open("t");
    start(key, "a");
    FeedReader one = batch(key, null);
    FeedReader all = many(null);
    long version = one.one().version();
    all.taken();
    pass(Duration.ofMinutes(16));

    Frame silent =
        one.taken().stream()
            .filter(frame -> frame.event().equals("status"))
            .findFirst()
            .orElseThrow();
    assertThat(silent.data().get("flags").get(0).asString()).isEqualTo(Flag.SILENT.wireName());
    assertThat(silent.version()).isEqualTo(version);
    assertThat(all.taken()).anyMatch(frame -> frame.data().path("flags").size() == 1);

    store.heartbeat(List.of(new Heartbeat(key, 1))).block();
    pass(SECOND);
    Frame heard = one.one();
    assertThat(heard.data().get("flags")).isEmpty();
    assertThat(heard.version()).isEqualTo(version);
    assertThat(all.one().data().get("flags")).isEmpty();
  }

  @Test
  void aParentIsShownWhenOneOfItsSubBatchesChanges() {
    BatchKey parent = open("t");
    BatchKey child = open(BatchSpec.builder().parent(parent.id()).build());
    FeedReader one = batch(parent, null);
    FeedReader all = many(null);
    one.taken();
    all.taken();
    start(child, "a");
    pass(PULSE.multipliedBy(2));
    pass(SECOND);

    assertThat(one.one().data().at("/totals/files/running").asInt()).isEqualTo(1);
    assertThat(all.taken())
        .extracting(frame -> frame.data().get("id").asString())
        .contains(parent.id().toString(), child.id().toString());
  }

  @Test
  void aFeedOfManyIsFiltered() {
    BatchKey mine = open("mine");
    BatchKey other = open("other");
    FeedReader reader = FeedReader.of(feeds.many(filter(Set.of(), "mine"), null, true));
    FeedReader running =
        FeedReader.of(feeds.many(filter(Set.of(BatchStatus.RUNNING), null), null, true));
    FeedReader timedOut =
        FeedReader.of(feeds.many(filter(Set.of(BatchStatus.TIMED_OUT), null), null, true));
    FeedReader none = FeedReader.of(feeds.many(filter(Set.of(), "mine"), null, false));
    assertThat(events(reader.taken())).containsExactly("snapshot", "tick");
    assertThat(events(running.taken())).as("none is").containsExactly("tick");
    assertThat(events(timedOut.taken())).containsExactly("tick");
    assertThat(events(none.taken())).containsExactly("tick");

    start(other, "a");
    start(mine, "a");
    decide(mine, 1, BatchStatus.FAILED);
    pass(SECOND);

    assertThat(events(reader.taken())).containsExactly("verdict", "status");
    assertThat(events(running.taken()))
        .as("mine is running no longer, which its verdict says")
        .containsExactlyInAnyOrder("verdict", "status");
    assertThat(timedOut.taken()).isEmpty();
    assertThat(events(none.taken())).containsExactly("verdict", "status");
  }

  @Test
  void aNewBatchIsTold() {
    FeedReader all = many(null);
    all.taken();
    BatchKey key = open("t");
    pass(PULSE);
    assertThat(all.one().data().get("id").asString()).isEqualTo(key.id().toString());
  }

  @Test
  void aLedgerIsFollowedRowByRow() {
    BatchKey key = open("t");
    start(key, "a");
    start(key, "b");
    FeedReader rows = ledger(key, 1, null);
    assertThat(rows.one().id()).isEqualTo(1);
    start(key, "c");
    decide(key, 1, BatchStatus.FAILED);
    pass(SECOND);
    List<Frame> more = rows.taken();
    assertThat(more).extracting(Frame::id).containsExactly(2L, 3L);
    assertThat(more.get(1).data().get("seq").asLong()).isEqualTo(3);
    assertThat(ledger(key, 0, 1L).taken()).extracting(Frame::id).containsExactly(2L, 3L);
  }

  @Test
  void whoLeavesIsForgottenAndNobodyLooksForIt() {
    BatchKey key = open("t");
    FeedReader one = batch(key, null);
    FeedReader all = many(null);
    FeedReader rows = ledger(key, 0, null);
    assertThat(List.of(feeds.ofBatches(), feeds.ofMany(), feeds.ofLedgers()))
        .containsExactly(1, 1, 1);
    one.cancel();
    all.cancel();
    rows.cancel();
    assertThat(List.of(feeds.ofBatches(), feeds.ofMany(), feeds.ofLedgers()))
        .containsExactly(0, 0, 0);
    asked.clear();
    start(key, "a");
    pass(Duration.ofSeconds(10));
    assertThat(asked).containsOnly("numberLog");
  }

  @Test
  void whoComesAtOneTimeIsReadForTogether() {
    BatchKey key = open("t");
    BatchKey other = open("t");
    asked.clear();
    List<FeedReader> crowd = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      crowd.add(FeedReader.of(feeds.batch(i % 2 == 0 ? key : other, null)));
    }
    pass(GATHERED);
    assertThat(crowd).allSatisfy(reader -> assertThat(reader.one().event()).isEqualTo("snapshot"));
    assertThat(asked).containsOnly("findAll").hasSize(1);
  }

  @Test
  void whoComesWhileTheStoreIsAwayIsToldSo() {
    BatchKey key = open("t");
    away = true;
    assertThat(batch(key, null).error)
        .isInstanceOfSatisfying(
            AuditException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.UNAVAILABLE));
    away = false;
    assertThat(batch(key, null).one().event()).isEqualTo("snapshot");
  }

  @Test
  void aBatchThatIsNotThereIsAnErrorAndCostsNothing() {
    FeedReader reader = batch(new BatchKey("default", UUID.randomUUID()), null);
    assertThat(reader.error)
        .isInstanceOfSatisfying(
            AuditException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.NOT_FOUND));
    assertThat(feeds.ofBatches()).isZero();
  }

  @Test
  void ratesAreThoseOfTheLastMinute() {
    BatchKey key = open("t");
    FeedReader one = batch(key, null);
    assertThat(one.one().data().get("rates").isNull()).isTrue();
    for (int i = 1; i <= 30; i++) {
      send(key, 1, "{\"type\":\"COMPLETED\",\"file\":\"f" + i + "\",\"rows\":500,\"bytes\":1000}");
      pass(SECOND);
    }
    List<Frame> frames =
        one.taken().stream().filter(frame -> frame.event().equals("status")).toList();
    var rates = frames.get(frames.size() - 1).data().get("rates");
    assertThat(rates.get("rows_per_second").asDouble()).isBetween(480.0, 530.0);
    assertThat(rates.get("bytes_per_second").asDouble()).isBetween(960.0, 1060.0);
    assertThat(rates.get("files_per_second").asDouble()).isBetween(0.9, 1.1);
  }
}
