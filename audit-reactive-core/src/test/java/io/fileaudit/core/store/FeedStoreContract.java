package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.FeedStore.Mark;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What every store tells feeds. */
public abstract class FeedStoreContract implements StoreContract {
  private StoreDriver driver;

  /** The part of the store under test that feeds read. */
  protected abstract FeedStore feeds();

  @BeforeEach
  void begin() {
    driver = driver();
  }

  private List<Logged> logged(long number) {
    return driver.all(feeds().logged(driver.namespace, number, Integer.MAX_VALUE));
  }

  private long numberLog() {
    return driver.answer(feeds().numberLog());
  }

  @Test
  void everyChangeIsHinted() {
    ConcurrentLinkedQueue<BatchKey> heard = new ConcurrentLinkedQueue<>();
    Disposable listening = feeds().changes().subscribe(heard::add);
    try {
      BatchKey parent = driver.open();
      hinted(heard, parent);
      BatchKey child = driver.openBelow(parent);
      hinted(heard, child);
      driver.send(child, Lines.started("a"), "{\"type\":\"COMPLETED\"}");
      hinted(heard, child);
      driver.answer(
          driver.store.change(
              new ChangeBatch(
                  parent,
                  1,
                  new BatchChange(Map.of(LimitName.IDLE, Optional.of(Limit.off())), Map.of()),
                  LimitRules.DEFAULTS)));
      hinted(heard, parent);
      driver.answer(driver.store.dismiss(child, Set.of()));
      hinted(heard, child);
      driver.decide(parent, BatchStatus.FAILED);
      hinted(heard, parent, child);
    } finally {
      listening.dispose();
    }
  }

  private void hinted(ConcurrentLinkedQueue<BatchKey> heard, BatchKey... keys) {
    driver.await(() -> Mono.fromSupplier(() -> heard.containsAll(List.of(keys))));
    heard.clear();
  }

  @Test
  void marksAreOfOpenBatchesAndTellOfEveryChange() {
    BatchKey open = driver.open();
    driver.decide(driver.open(), BatchStatus.FAILED);
    Mark before = mark(open);
    assertThat(before.version()).isEqualTo(driver.find(open).state().version());

    driver.send(open, Lines.started("a"));
    Mark after = mark(open);

    assertThat(after.version()).isGreaterThan(before.version());
    assertThat(after.lastActivityAt()).isEqualTo(driver.find(open).state().lastActivityAt());
  }

  private Mark mark(BatchKey only) {
    List<Mark> marks = driver.all(feeds().open(driver.namespace));
    assertThat(marks).extracting(Mark::key).containsExactly(only);
    return marks.get(0);
  }

  @Test
  void batchesAreFoundTogetherWithWhatIsBelowThem() {
    BatchKey parent = driver.open();
    BatchKey child = driver.openBelow(parent);
    driver.send(child, Lines.started("a"));

    List<BatchRecord> found = driver.all(feeds().findAll(List.of(parent, child, driver.key())));

    assertThat(found).extracting(BatchRecord::key).containsExactlyInAnyOrder(parent, child);
    assertThat(found)
        .filteredOn(batch -> batch.key().equals(parent))
        .singleElement()
        .satisfies(batch -> assertThat(batch.below().versions()).isEqualTo(2));
    assertThat(driver.all(feeds().findAll(List.of()))).isEmpty();
  }

  @Test
  void decisionsOfABatchNameTheVersionTheyMade() {
    BatchKey key = driver.open(BatchSpec.builder().table("t").label("team", "rfb").build());
    driver.send(key, Lines.started("a"));
    long ended = driver.decide(key, BatchStatus.FAILED).batch().state().version();
    long resumed = driver.decide(key, 1, BatchStatus.RUNNING).batch().state().version();
    driver.send(key, 2, null, Lines.started("b"));
    long again = driver.decide(key, 2, BatchStatus.CANCELLED).batch().state().version();

    List<Logged> all = driver.all(feeds().decided(key, 0));

    assertThat(all).extracting(Logged::version).containsExactly(ended, resumed, again);
    assertThat(all).extracting(Logged::verdict).isEqualTo(driver.verdicts(key));
    assertThat(all).allMatch(one -> "t".equals(one.spec().table()));
    assertThat(all).allMatch(one -> "rfb".equals(one.labels().get("team")));
    assertThat(driver.all(feeds().decided(key, ended)))
        .extracting(Logged::version)
        .containsExactly(resumed, again);
    assertThat(driver.all(feeds().decided(key, again))).isEmpty();
  }

  @Test
  void theLogIsNumberedDenselyAndNamespacesAreTold() {
    long before = numberLog();
    BatchKey key = driver.open();
    driver.decide(key, BatchStatus.FAILED);
    driver.decide(key, 1, BatchStatus.RUNNING);
    StoreDriver other = driver();
    other.decide(other.open(), BatchStatus.FAILED);

    long last = numberLog();
    List<Logged> mine = logged(before);
    List<Logged> theirs = driver.all(feeds().logged(other.namespace, before, Integer.MAX_VALUE));

    assertThat(last).as("two openings and three decisions").isGreaterThanOrEqualTo(before + 5);
    assertThat(mine)
        .extracting(one -> one.verdict().status())
        .containsExactly(BatchStatus.FAILED, BatchStatus.RUNNING);
    assertThat(mine).allMatch(one -> one.key().equals(key));
    assertThat(mine).extracting(Logged::number).isSorted();
    assertThat(theirs).hasSize(1);
    assertThat(logged(mine.get(0).number())).containsExactly(mine.get(1));
    assertThat(driver.all(feeds().logged(driver.namespace, before, 1)))
        .containsExactly(mine.get(0));
    assertThat(numberLog()).isGreaterThanOrEqualTo(last);
    assertThat(logged(before)).as("a number is given once").isEqualTo(mine);
  }

  @Test
  void whatIsNumberedAtTheSameTimeIsNumberedOnceAndNeverBehindWhatWasTold() {
    int batches = 40;
    List<Logged> told = new ArrayList<>();
    Flux<BatchKey> ending =
        Flux.range(0, batches)
            .flatMap(
                n ->
                    driver
                        .store
                        .open(
                            driver.opening(
                                new BatchKey(driver.namespace, UUID.randomUUID()),
                                BatchSpec.builder().build()))
                        .flatMap(
                            opened ->
                                driver.store.decide(
                                    driver.wish(opened.batch().key(), 1, BatchStatus.FAILED)))
                        .map(decided -> decided.batch().key())
                        .subscribeOn(Schedulers.parallel()),
                8);
    Set<BatchKey> ended =
        driver.answer(
            ending
                .collectList()
                .map(HashSet::new)
                .zipWith(followed(told, batches).thenReturn(true), (keys, done) -> keys));

    assertThat(told).extracting(Logged::key).doesNotHaveDuplicates().hasSameElementsAs(ended);
    assertThat(told).extracting(Logged::number).isSorted().doesNotHaveDuplicates();
    assertThat(logged(0)).as("nothing came before what was told").isEqualTo(told);
  }

  /** Two nodes number, and one reader follows. */
  private Mono<Void> followed(List<Logged> told, int wanted) {
    return Mono.defer(
            () ->
                Flux.merge(feeds().numberLog(), feeds().numberLog())
                    .then(
                        Mono.defer(
                            () ->
                                feeds()
                                    .logged(
                                        driver.namespace,
                                        told.isEmpty() ? 0 : told.get(told.size() - 1).number(),
                                        7)
                                    .doOnNext(told::add)
                                    .then(Mono.fromSupplier(told::size)))))
        .filter(size -> size >= wanted)
        .repeatWhenEmpty(again -> again)
        .then();
  }

  @Test
  void theClockIsThatOfDecisions() {
    BatchKey key = driver.open();
    var before = driver.answer(feeds().clock());
    var decided = driver.decide(key, BatchStatus.FAILED).batch().state().verdict().decidedAt();
    assertThat(before).isBeforeOrEqualTo(decided);
    assertThat(driver.answer(feeds().clock())).isAfterOrEqualTo(decided);
  }
}
