package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.EvidenceStore.Leaf;
import io.fileaudit.core.store.EvidenceStore.LogEntry;
import io.fileaudit.core.store.EvidenceStore.LogPlace;
import io.fileaudit.core.store.EvidenceStore.Signed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What every store keeps as evidence. */
public abstract class EvidenceContract implements StoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private StoreDriver driver;

  /** The evidence of the store under test. */
  protected abstract EvidenceStore evidence();

  @BeforeEach
  void begin() {
    driver = driver();
  }

  private BatchKey open() {
    return driver.open(BatchSpec.builder().table("t").period("2025-02").build());
  }

  private long number() {
    return driver.answer(evidence().size());
  }

  private List<LogEntry> entries(BatchKey key) {
    return driver.all(evidence().entries(key));
  }

  private static JsonNode json(LogEntry entry) {
    return AuditJson.strict().readTree(entry.body());
  }

  private Hash root(long size) {
    List<Node> peaks = Proofs.trees(0, size);
    Map<Node, Hash> found = driver.answer(evidence().nodes(peaks));
    return Proofs.hashes(List.of(peaks), found::get).get(0);
  }

  @Test
  void logSaysOpeningsAndEndingsWithSealsInTheirOrder() {
    BatchKey key = open();
    driver.send(key, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1}");
    driver.decide(key, BatchStatus.FAILED);
    BatchRecord first = driver.find(key);
    driver.decide(key, BatchStatus.RUNNING);
    driver.decide(key, 2, BatchStatus.COMPLETED);
    BatchRecord second = driver.find(key);
    number();

    List<LogEntry> entries = entries(key);

    assertThat(entries)
        .extracting(entry -> json(entry).get("kind").asString())
        .containsExactly("opened", "ended", "opened", "ended");
    assertThat(entries)
        .extracting(entry -> json(entry).get("run").asInt())
        .containsExactly(1, 1, 2, 2);
    assertThat(entries).extracting(LogEntry::number).isSorted().doesNotHaveDuplicates();
    assertThat(json(entries.get(0)).at("/open/period").asString()).isEqualTo("2025-02");
    assertThat(json(entries.get(1)).at("/verdict/status").asString()).isEqualTo("FAILED");
    assertSealed(entries.get(1), first);
    assertSealed(entries.get(3), second);
    assertThat(json(entries.get(2)).get("seal")).isNull();
    assertThat(entries)
        .allSatisfy(
            entry -> {
              assertThat(entry.key()).isEqualTo(key);
              assertThat(json(entry).get("batch").asString()).isEqualTo(key.id().toString());
              assertThat(json(entry).get("namespace").asString()).isEqualTo(key.namespace());
              assertThat(
                      CanonicalJson.text(AuditJson.strict().readValue(entry.body(), Object.class)))
                  .isEqualTo(entry.body());
            });
  }

  private static void assertSealed(LogEntry entry, BatchRecord batch) {
    assertThat(json(entry).at("/seal/size").asLong()).isEqualTo(batch.state().nextSeq());
    assertThat(json(entry).at("/seal/root").asString())
        .isEqualTo(batch.state().tree().root().base64());
  }

  @Test
  void treeOfTheLogIsThatOfItsEntries() {
    for (int i = 0; i < 5; i++) {
      driver.decide(open(), BatchStatus.CANCELLED);
      number();
    }
    long size = number();

    List<LogPlace> all = driver.all(evidence().log(0));

    assertThat(all).extracting(LogPlace::number).hasSize((int) size).startsWith(1L).isSorted();
    CompactRange.Growing tree = CompactRange.EMPTY.grow();
    for (LogPlace place : all) {
      Hash leaf = Hash.leaf(place.entry().body().getBytes(StandardCharsets.UTF_8));
      assertThat(place.leaf()).isEqualTo(leaf);
      assertThat(place.entry().number()).isEqualTo(place.number());
      assertThat(place.isThere()).isTrue();
      tree.add(leaf);
    }
    assertThat(tree.range().root()).isEqualTo(root(size));
    assertThat(driver.all(evidence().log(size - 2)))
        .isEqualTo(all.subList((int) size - 2, (int) size));
  }

  @Test
  void everyRowHasItsLeafAndEveryCommitItsHead() {
    BatchKey key = open();
    driver.send(
        key, "{\"type\":\"STARTED\",\"file\":\"a\"}", "{\"type\":\"STARTED\",\"file\":\"ä\"}");
    TreeHead one = TreeHead.of(driver.find(key).state().tree());
    driver.send(key, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1}");
    TreeHead two = TreeHead.of(driver.find(key).state().tree());
    driver.decide(key, BatchStatus.FAILED);

    assertThat(driver.all(evidence().heads(key))).containsExactly(one, two);
    List<String> ledger = driver.all(store().ledger(key, 0));
    List<Leaf> leaves = driver.all(evidence().leaves(key));
    assertThat(ledger).hasSize(4);
    assertThat(leaves).extracting(Leaf::seq).containsExactly(0L, 1L, 2L, 3L);
    assertThat(leaves)
        .extracting(Leaf::hash)
        .containsExactlyElementsOf(
            ledger.stream().map(body -> Hash.leaf(body.getBytes(StandardCharsets.UTF_8))).toList());
  }

  private void keep(long size, String note) {
    evidence().keep(new Signed(size, note)).block(PATIENCE);
  }

  @Test
  void lastSignedIsTheLargestAndTheFirstOfItsSize() {
    long size = number() + 1_000;

    keep(size + 1, "two");
    keep(size, "one");
    keep(size + 1, "three");

    assertThat(driver.answer(evidence().lastSigned())).isEqualTo(new Signed(size + 1, "two"));
  }

  @Test
  void whatIsNotThereHasNoEvidence() {
    BatchKey nobody = new BatchKey("nobody", UUID.randomUUID());

    assertThat(entries(nobody)).isEmpty();
    assertThat(driver.all(evidence().heads(nobody))).isEmpty();
    assertThat(driver.all(evidence().leaves(nobody))).isEmpty();
    assertThat(driver.answer(evidence().nodes(List.of(new Node(40, 7))))).isEmpty();
  }
}
