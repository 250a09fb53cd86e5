package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.file.FileAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/**
 * Reading: files and batches by pages and filters, the ledger from a number on, and nothing of
 * another namespace.
 */
interface ReadingContract extends StoreContract {

  private static FileQuery query(
      FileState state, String error, String text, String after, int limit) {
    return new FileQuery(state, error, text, after, limit);
  }

  private static List<String> names(StoreDriver driver, BatchKey key, FileQuery query) {
    return driver.all(driver.store.files(key, query)).stream().map(Manifest::file).toList();
  }

  @Test
  default void filesAreListedInTheOrderOfCodePoints() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    List<String> sorted =
        List.of(
            "",
            "A",
            "B",
            "Z",
            "_",
            "a",
            "a/b",
            "a0",
            "ab",
            "b",
            "é",
            "\u2603",
            "\ufffd",
            "\ud83d\ude00");
    List<String> shuffled = new ArrayList<>(sorted.subList(1, sorted.size()));
    java.util.Collections.shuffle(shuffled, new java.util.Random(3));
    driver.send(key, shuffled.stream().map(name -> Lines.started(name)).toArray(String[]::new));

    assertThat(names(driver, key, FileQuery.all())).isEqualTo(sorted.subList(1, sorted.size()));
    for (int i = 1; i < sorted.size(); i++) {
      assertThat(names(driver, key, query(null, null, null, sorted.get(i), 3)))
          .isEqualTo(sorted.subList(i + 1, Math.min(i + 4, sorted.size())));
    }
  }

  @Test
  default void pagesOfFilesHoldEachFileOnce() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key, IntStream.range(0, 257).mapToObj(i -> Lines.started("f" + i)).toArray(String[]::new));

    List<String> paged = new ArrayList<>();
    String after = null;
    List<String> page;
    do {
      page = names(driver, key, query(null, null, null, after, 50));
      assertThat(page.size()).isLessThanOrEqualTo(50);
      paged.addAll(page);
      after = page.isEmpty() ? after : page.get(page.size() - 1);
    } while (!page.isEmpty());

    assertThat(paged).hasSize(257).doesNotHaveDuplicates();
    assertThat(paged).isEqualTo(names(driver, key, FileQuery.all()));
  }

  @Test
  default void filesAreFilteredByStateErrorAndText() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        Lines.failed("bad-1", "error", Lines.map("code", "bad-date")),
        Lines.failed("bad-2", "error", Lines.map("code", "disk")),
        Lines.failed("bad-3"),
        Lines.completed("good-1", 1),
        Lines.completed("good%_\\2", 1),
        Lines.started("going"));

    assertThat(names(driver, key, query(FileState.FAILED, null, null, null, 99)))
        .containsExactly("bad-1", "bad-2", "bad-3");
    assertThat(names(driver, key, query(FileState.RUNNING, null, null, null, 99)))
        .containsExactly("going");
    assertThat(names(driver, key, query(FileState.SKIPPED, null, null, null, 99))).isEmpty();
    assertThat(names(driver, key, query(null, "disk", null, null, 99))).containsExactly("bad-2");
    assertThat(names(driver, key, query(null, null, "-1", null, 99)))
        .containsExactly("bad-1", "good-1");
    assertThat(names(driver, key, query(null, null, "%_\\", null, 99)))
        .containsExactly("good%_\\2");
    assertThat(names(driver, key, query(null, null, "%", null, 99))).containsExactly("good%_\\2");
    assertThat(names(driver, key, query(null, null, "_", null, 99))).containsExactly("good%_\\2");
    assertThat(names(driver, key, query(null, null, "GOOD", null, 99)))
        .as("names are compared exactly")
        .isEmpty();
    assertThat(names(driver, key, query(FileState.FAILED, null, "bad", "bad-1", 1)))
        .containsExactly("bad-2");
  }

  @Test
  default void filesAreFoundByEveryPartOfTheirNames() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Random random = new Random(11);
    String[] words = {
      "norte/", "sul ", "K03200Y", "-", "é", "100%", "_x", "\\", "EMPRE", "7", "\ud83d\ude00"
    };
    Set<String> names = new TreeSet<>();
    while (names.size() < 80) {
      StringBuilder name = new StringBuilder("n");
      for (int i = random.nextInt(6); i >= 0; i--) {
        name.append(words[random.nextInt(words.length)]).append(random.nextInt(3));
      }
      names.add(name.toString());
    }
    driver.send(key, names.stream().map(name -> Lines.started(name)).toArray(String[]::new));
    List<String> sorted = names(driver, key, FileQuery.all());
    assertThat(sorted).hasSize(80);

    for (int i = 0; i < 300; i++) {
      String name = sorted.get(random.nextInt(sorted.size()));
      int[] characters = name.codePoints().toArray();
      int from = random.nextInt(characters.length);
      int length = 1 + random.nextInt(characters.length - from);
      String part = new String(characters, from, length);
      List<String> with = sorted.stream().filter(one -> one.contains(part)).toList();
      String after = i % 2 == 0 ? null : with.get(random.nextInt(with.size()));
      List<String> expected = with.stream().filter(one -> isBehind(one, after)).toList();
      for (int limit : new int[] {1, 3, 100}) {
        assertThat(names(driver, key, query(null, null, part, after, limit)))
            .as("\"%s\" behind %s", part, after)
            .isEqualTo(expected.subList(0, Math.min(limit, expected.size())));
      }
      assertThat(names(driver, key, query(FileState.FAILED, null, part, after, 9))).isEmpty();
    }
  }

  private static boolean isBehind(String name, String after) {
    return after == null || MemoryBatch.BY_CODE_POINT.compare(name, after) > 0;
  }

  @Test
  default void errorIsLookedForAmongFailedFilesAlone() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    Map<String, Object> disk = Lines.map("code", "disk");
    driver.send(
        key,
        Lines.failed("failed", "error", disk),
        Lines.completed("loaded after all", 1, "error", disk),
        Lines.skipped("skipped", "error", disk));

    assertThat(names(driver, key, query(null, "disk", null, null, 99))).containsExactly("failed");
    assertThat(names(driver, key, query(FileState.COMPLETED, "disk", null, null, 99))).isEmpty();
    assertThat(driver.file(key, "loaded after all").error().code()).isEqualTo("disk");
  }

  @Test
  default void fileMovesBetweenStatesInTheFilterToo() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));
    driver.send(key, Lines.failed("a", "error", Lines.map("code", "x")));
    driver.send(key, Lines.completed("a", 1, "attempt", 2));

    assertThat(names(driver, key, query(FileState.RUNNING, null, null, null, 9))).isEmpty();
    assertThat(names(driver, key, query(FileState.FAILED, null, null, null, 9))).isEmpty();
    assertThat(names(driver, key, query(null, "x", null, null, 9))).isEmpty();
    assertThat(names(driver, key, query(FileState.COMPLETED, null, null, null, 9)))
        .containsExactly("a");
  }

  @Test
  default void accountOfAFileIsTheOneThatIsShown() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key,
        Lines.progress("a/é", 5),
        Lines.completed("a/é", 7, "attributes", Lines.map("k", "v")));

    FileAccount account = driver.answer(driver.store.account(key, "a/é"));

    assertThat(account.toManifest("a/é")).isEqualTo(driver.file(key, "a/é"));
    assertThat(account.attempts()).hasSize(1);
    assertThat(driver.store.account(key, "a/e").blockOptional(StoreDriver.PATIENCE)).isEmpty();
  }

  @Test
  default void ledgerIsReadFromANumberOn() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    for (int i = 0; i < 10; i++) {
      driver.send(key, Lines.progress("a", i), Lines.progress("b", i));
    }
    List<String> whole = driver.ledger(key);

    assertThat(whole).hasSize(20);
    assertThat(driver.all(driver.store.ledger(key, 13))).isEqualTo(whole.subList(13, 20));
    assertThat(driver.all(driver.store.ledger(key, 20))).isEmpty();
    assertThat(driver.all(driver.store.ledger(key, 99))).isEmpty();
  }

  @Test
  default void readersGetWhatTheyRequest() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(
        key, IntStream.range(0, 300).mapToObj(i -> Lines.started("f" + i)).toArray(String[]::new));

    StepVerifier.create(driver.store.ledger(key, 0), 0)
        .expectSubscription()
        .thenRequest(2)
        .expectNextCount(2)
        .thenRequest(298)
        .expectNextCount(298)
        .expectComplete()
        .verify(StoreDriver.PATIENCE);
    StepVerifier.create(driver.store.files(key, FileQuery.all()), 0)
        .thenRequest(1)
        .expectNextCount(1)
        .thenCancel()
        .verify(StoreDriver.PATIENCE);
    assertThat(driver.files(key)).as("a cancelled reader leaves the store well").hasSize(300);
  }

  @Test
  default void batchesAreListedNewestFirstAndInPages() {
    StoreDriver driver = driver();
    List<BatchKey> keys = IntStream.range(0, 23).mapToObj(i -> driver.open()).toList();

    List<BatchRecord> all = driver.all(driver.store.list(BatchQuery.all(driver.namespace, 100)));

    assertThat(all).extracting(BatchRecord::key).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(all)
        .extracting(BatchRecord::openedAt)
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
    List<BatchKey> paged = new ArrayList<>();
    BatchQuery.Place after = null;
    List<BatchRecord> page;
    do {
      page =
          driver.all(
              driver.store.list(
                  new BatchQuery(
                      driver.namespace, Set.of(), null, null, Map.of(), null, null, after, 5)));
      page.forEach(batch -> paged.add(batch.key()));
      if (!page.isEmpty()) {
        BatchRecord last = page.get(page.size() - 1);
        after = new BatchQuery.Place(last.openedAt(), last.key().id());
      }
    } while (!page.isEmpty());
    assertThat(paged).isEqualTo(all.stream().map(BatchRecord::key).toList());
  }

  private static List<BatchKey> list(
      StoreDriver driver,
      Set<BatchStatus> statuses,
      String table,
      String period,
      Map<String, String> labels,
      UUID parent,
      String text) {
    return driver
        .all(
            driver.store.list(
                new BatchQuery(
                    driver.namespace, statuses, table, period, labels, parent, text, null, 100)))
        .stream()
        .map(BatchRecord::key)
        .toList();
  }

  @Test
  default void batchesAreFiltered() {
    StoreDriver driver = driver();
    BatchKey may =
        driver.open(
            BatchSpec.builder()
                .name("Empresa of May")
                .table("empresa")
                .period("2024-05")
                .label("team", "rfb")
                .label("zone", "a")
                .build());
    BatchKey june =
        driver.open(
            BatchSpec.builder()
                .name("Opção")
                .table("empresa")
                .period("2024-06")
                .label("team", "rfb")
                .build());
    BatchKey child =
        driver.open(
            BatchSpec.builder()
                .parent(may.id())
                .name("100%_of\\it")
                .label("team", "other")
                .build());
    driver.send(may, Lines.started("a"));
    driver.decide(june, CANCELLED);

    assertThat(list(driver, Set.of(), null, null, Map.of(), null, null))
        .containsExactlyInAnyOrder(may, june, child);
    assertThat(list(driver, Set.of(RUNNING), null, null, Map.of(), null, null))
        .containsExactly(may);
    assertThat(list(driver, Set.of(PENDING, CANCELLED), null, null, Map.of(), null, null))
        .containsExactlyInAnyOrder(june, child);
    assertThat(list(driver, Set.of(COMPLETED, FAILED), null, null, Map.of(), null, null)).isEmpty();
    assertThat(list(driver, Set.of(), "empresa", null, Map.of(), null, null))
        .containsExactlyInAnyOrder(may, june);
    assertThat(list(driver, Set.of(), "empresa", "2024-06", Map.of(), null, null))
        .containsExactly(june);
    assertThat(list(driver, Set.of(), null, null, Map.of("team", "rfb"), null, null))
        .containsExactlyInAnyOrder(may, june);
    assertThat(list(driver, Set.of(), null, null, Map.of("team", "rfb", "zone", "a"), null, null))
        .containsExactly(may);
    assertThat(list(driver, Set.of(), null, null, Map.of("team", "rf"), null, null)).isEmpty();
    assertThat(list(driver, Set.of(), null, null, Map.of(), may.id(), null)).containsExactly(child);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "EMPRESA"))
        .containsExactlyInAnyOrder(may, june);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "of may")).containsExactly(may);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "2024-06")).containsExactly(june);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "PÇÃO")).containsExactly(june);
    assertThat(list(driver, Set.of(CANCELLED), null, null, Map.of(), null, "06"))
        .containsExactly(june);
    assertThat(list(driver, Set.of(CANCELLED), null, "2024-06", Map.of(), null, null))
        .containsExactly(june);
    assertThat(list(driver, Set.of(), null, "2024-06", Map.of(), null, null)).containsExactly(june);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "%")).containsExactly(child);
    assertThat(list(driver, Set.of(), null, null, Map.of(), null, "_OF\\")).containsExactly(child);
    assertThat(
            list(driver, Set.of(RUNNING), "empresa", "2024-05", Map.of("zone", "a"), null, "may"))
        .containsExactly(may);
  }

  @Test
  default void nothingIsKnownOfABatchThatIsNotThere() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, 1, "p", Lines.completed("a", 1, "position", 1), "not JSON");
    driver.decide(key, FAILED);
    StoreDriver stranger = new StoreDriver(store());

    for (BatchKey other : List.of(driver.key(), new BatchKey(stranger.namespace, key.id()))) {
      assertThat(driver.store.find(other).blockOptional(StoreDriver.PATIENCE)).isEmpty();
      assertThat(driver.files(other)).isEmpty();
      assertThat(driver.ledger(other)).isEmpty();
      assertThat(driver.verdicts(other)).isEmpty();
      assertThat(driver.rejected(other)).isEmpty();
      assertThat(driver.marks(other)).isEmpty();
      assertThat(driver.store.account(other, "a").blockOptional(StoreDriver.PATIENCE)).isEmpty();
    }
    assertThat(driver.all(driver.store.list(BatchQuery.all(stranger.namespace, 10)))).isEmpty();
    assertThat(driver.files(key)).hasSize(1);
  }

  @Test
  default void storeAnswersAPing() {
    StepVerifier.create(store().ping()).expectComplete().verify(StoreDriver.PATIENCE);
  }
}
