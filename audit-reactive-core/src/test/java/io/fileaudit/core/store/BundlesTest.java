package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.evidence.Bundle;
import io.fileaudit.api.evidence.BundleVerifier;
import io.fileaudit.api.evidence.BundleVerifier.Life;
import io.fileaudit.api.evidence.BundleVerifier.Verified;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.api.evidence.Seal;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.evidence.Verification.Outcome;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.evidence.Bundles;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.core.evidence.Notary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** A bundle shows that its ledger is what it was, and names the first row that is not. */
class BundlesTest {
  private static final int ROWS = 11; // ten events and the ending

  @TempDir private Path directory;

  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
  private final StoreDriver driver = new StoreDriver(store);
  private final NoteSigner signer = NoteSigner.generate("tests", new SecureRandom());
  private final Notary notary =
      new Notary(
          store.evidence(),
          new LogKeys(signer, List.of()),
          Notary.Memory.NONE,
          Schedulers.immediate(),
          new SimpleMeterRegistry(),
          error -> {});
  private final Bundles bundles = new Bundles(store, store.evidence(), notary);
  private BatchKey batch = new BatchKey("kit", UUID.randomUUID());

  /** A batch of two commits that has ended, in a log with others. */
  @BeforeEach
  void load() {
    driver.open();
    batch = driver.open();
    for (int from = 0; from < 10; from += 5) {
      String[] lines = new String[5];
      for (int i = 0; i < 5; i++) {
        lines[i] = "{\"type\":\"COMPLETED\",\"file\":\"f" + (from + i) + "\",\"rows\":7}";
      }
      driver.send(batch, lines);
    }
    driver.decide(batch, BatchStatus.COMPLETED);
    driver.open();
  }

  private static byte[] zip(Bundles by, BatchKey of) {
    List<byte[]> pieces =
        Objects.requireNonNull(by.bundle(of).flatMapMany(all -> all).collectList().block());
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    pieces.forEach(zip::writeBytes);
    return zip.toByteArray();
  }

  private Map<String, byte[]> files(BatchKey of) throws IOException {
    return files(bundles, of);
  }

  private static Map<String, byte[]> files(Bundles by, BatchKey of) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip(by, of)))) {
      for (ZipEntry next = in.getNextEntry(); next != null; next = in.getNextEntry()) {
        files.put(next.getName(), in.readAllBytes());
      }
    }
    return files;
  }

  private Verified verify(Map<String, byte[]> files, @Nullable NoteKey key, TreeHead... known)
      throws IOException {
    Path file = Files.createTempFile(directory, "bundle", ".zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> one : files.entrySet()) {
        out.putNextEntry(new ZipEntry(one.getKey()));
        out.write(one.getValue());
      }
    }
    return BundleVerifier.verify(file, key, List.of(known), row -> {});
  }

  private Verified changed(String file, UnaryOperator<List<String>> change) throws IOException {
    Map<String, byte[]> files = files(batch);
    change(files, file, change);
    return verify(files, signer.key());
  }

  private static void change(
      Map<String, byte[]> files, String file, UnaryOperator<List<String>> change) {
    String text = new String(Objects.requireNonNull(files.get(file)), StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
    files.put(file, String.join("\n", change.apply(lines)).getBytes(StandardCharsets.UTF_8));
  }

  private static UnaryOperator<List<String>> replacing(int line, String what, String with) {
    return lines -> {
      assertThat(lines.get(line)).contains(what);
      lines.set(line, lines.get(line).replace(what, with));
      return lines;
    };
  }

  private static void assertTampered(Verified found, String first) {
    assertThat(found.verification().outcome()).isEqualTo(Outcome.TAMPERED);
    assertThat(found.verification().tampered().get(0)).contains(first);
  }

  /** The bundle of a batch to which that happens once its bundle was begun. */
  private Verified meanwhile(BatchKey of, Runnable happens) throws IOException {
    Flux<byte[]> pieces = Objects.requireNonNull(bundles.bundle(of).block());
    happens.run();
    Path file = Files.createTempFile(directory, "bundle", ".zip");
    for (byte[] piece : Objects.requireNonNull(pieces.collectList().block())) {
      Files.write(file, piece, StandardOpenOption.APPEND);
    }
    return BundleVerifier.verify(file, signer.key(), List.of(), row -> {});
  }

  @Test
  void batchThatEndsWhileItsBundleIsMadeIsIncompleteAndNotTampered() throws IOException {
    BatchKey open = driver.open();
    driver.send(open, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7}");

    Verified found =
        meanwhile(
            open,
            () -> {
              driver.send(open, "{\"type\":\"COMPLETED\",\"file\":\"b\",\"rows\":7}");
              driver.decide(open, BatchStatus.COMPLETED);
            });

    assertThat(found.verification().outcome()).as("%s", found).isEqualTo(Outcome.INCOMPLETE);
    assertThat(found.life()).isEqualTo(Life.OPEN);
    assertThat(found.rows()).isEqualTo(1);
  }

  @Test
  void batchThatIsResumedWhileItsBundleIsMadeIsIntact() throws IOException {
    BatchKey failed = driver.open();
    driver.decide(failed, BatchStatus.FAILED);

    Verified found =
        meanwhile(
            failed,
            () -> {
              driver.decide(failed, BatchStatus.RUNNING);
              driver.send(failed, 2, null, "{\"type\":\"COMPLETED\",\"file\":\"b\",\"rows\":7}");
            });

    assertThat(found.verification().outcome()).as("%s", found).isEqualTo(Outcome.INTACT);
    assertThat(found.life()).isEqualTo(Life.ENDED);
    assertThat(found.rows()).isEqualTo(1);
  }

  @Test
  void checkpointOfAnEarlierKeyComesWithThatKey() throws IOException {
    NoteSigner next = NoteSigner.generate("tests", new SecureRandom());
    files(batch);
    Notary changed =
        new Notary(
            store.evidence(),
            new LogKeys(next, List.of(signer.key())),
            Notary.Memory.NONE,
            Schedulers.immediate(),
            new SimpleMeterRegistry(),
            error -> {});
    Map<String, byte[]> files = files(new Bundles(store, store.evidence(), changed), batch);

    assertThat(verify(files, signer.key()).verification().outcome()).isEqualTo(Outcome.INTACT);
    assertThat(verify(files, null).verification().tampered()).isEmpty();
  }

  @Test
  void linesThatLackWhatTheyNeedAreNamed() throws IOException {
    assertTampered(
        changed(Bundle.HEADS, lines -> List.of("{\"size\":3}")), "has a line that is no head");
    assertTampered(
        changed(Bundle.LOG, lines -> List.of("{\"number\":2}")), "has a line that is no entry");
    assertTampered(
        changed(
            Bundle.LOG,
            lines -> {
              lines.set(0, lines.get(0).replaceFirst("\"proof\":\\[[^]]*]", "\"proof\":[null]"));
              return lines;
            }),
        "the proof of entry 2 of the log is none");
  }

  @Test
  void bundleOfAnEndedBatchIsIntact() throws IOException {
    Verified found = verify(files(batch), signer.key());

    assertThat(found.verification().outcome()).as("%s", found).isEqualTo(Outcome.INTACT);
    assertThat(found.rows()).isEqualTo(ROWS);
    assertThat(found.about().batch()).isEqualTo(batch.id());
    assertThat(Objects.requireNonNull(found.checkpoint()).size()).isEqualTo(4 + 0L);
  }

  @Test
  void sameEvidenceIsTheSameBundle() {
    assertThat(zip(bundles, batch)).isEqualTo(zip(bundles, batch));
  }

  @Test
  void sealIsThatOfTheEndingAndItsEntryIsInTheLog() {
    Seal seal = Objects.requireNonNull(bundles.seal(batch).block());

    TreeHead head = TreeHead.of(driver.find(batch).state().tree());
    assertThat(seal.sealed()).isTrue();
    assertThat(new TreeHead(seal.size(), seal.root())).isEqualTo(head);
    assertThat(Objects.requireNonNull(seal.entry()).body()).contains("\"kind\":\"ended\"");
    assertThat(seal.entry().proof()).isNotEmpty();
    assertThat(seal.key()).isEqualTo(signer.key().toString());
  }

  @Test
  void batchThatIsOpenHasNoSealAndIsIncomplete() throws IOException {
    BatchKey open = driver.open();
    driver.send(open, "{\"type\":\"STARTED\",\"file\":\"a\"}");

    Seal seal = Objects.requireNonNull(bundles.seal(open).block());
    Verified found = verify(files(open), signer.key());

    assertThat(seal.sealed()).isFalse();
    assertThat(seal.size()).isEqualTo(1);
    assertThat(found.verification().outcome()).isEqualTo(Outcome.INCOMPLETE);
    assertThat(found.verification().missing().get(0)).contains("run 1 is open");
  }

  @Test
  void batchThatNobodyKnowsHasNoEvidence() {
    BatchKey nobody = new BatchKey("kit", UUID.randomUUID());

    assertThatThrownBy(() -> bundles.seal(nobody).block()).isInstanceOf(AuditException.class);
    assertThatThrownBy(() -> bundles.bundle(nobody).block()).isInstanceOf(AuditException.class);
  }

  @Test
  void alteredRowIsNamed() throws IOException {
    assertTampered(
        changed(Bundle.LEDGER, replacing(6, "\"rows\":7", "\"rows\":9")),
        "row 6 is not what was written");
  }

  @Test
  void alteredRowWhoseKeptLeafFitsIsNamedByItsCommit() throws IOException {
    Map<String, byte[]> files = files(batch);
    change(files, Bundle.LEDGER, replacing(6, "\"rows\":7", "\"rows\":9"));
    String row = new String(files.get(Bundle.LEDGER), StandardCharsets.UTF_8).split("\n", -1)[6];
    change(
        files,
        Bundle.LEAVES,
        lines -> {
          lines.set(6, Hash.leaf(row.getBytes(StandardCharsets.UTF_8)).base64());
          return lines;
        });

    assertTampered(verify(files, signer.key()), "one of the rows 5 to 9 was changed");
  }

  @Test
  void keptLeafThatWasChangedIsToldApartFromARow() throws IOException {
    Verified found = changed(Bundle.LEAVES, replacing(3, "", "A"));

    assertTampered(found, "what was kept of row 3 was changed; the row itself is what it was");
  }

  @Test
  void deletedRowIsNamed() throws IOException {
    assertTampered(changed(Bundle.LEDGER, without(4)), "row 4 is missing");
  }

  private static UnaryOperator<List<String>> without(int line) {
    return lines -> {
      lines.remove(line);
      return lines;
    };
  }

  @Test
  void lastRowThatIsMissingIsNamed() throws IOException {
    assertTampered(changed(Bundle.LEDGER, without(ROWS - 1)), "row 10 is missing");
  }

  @Test
  void swappedRowsAreNamed() throws IOException {
    assertTampered(
        changed(
            Bundle.LEDGER,
            lines -> {
              java.util.Collections.swap(lines, 2, 3);
              return lines;
            }),
        "row 2 is missing: row 3 stands in its place");
  }

  @Test
  void rowThatWasAddedBehindTheSealIsNamed() throws IOException {
    assertTampered(
        changed(
            Bundle.LEDGER,
            lines -> {
              lines.add(ROWS, lines.get(0).replace("\"seq\":0", "\"seq\":" + ROWS));
              return lines;
            }),
        "row 11 was added");
  }

  @Test
  void rowThatWasPutInIsNamed() throws IOException {
    assertTampered(
        changed(
            Bundle.LEDGER,
            lines -> {
              lines.add(3, lines.get(3));
              return lines;
            }),
        "row 4 says that it is row 3");
  }

  @Test
  void rowOfAnotherBatchIsNamed() throws IOException {
    assertTampered(
        changed(
            Bundle.LEDGER,
            replacing(0, batch.id().toString(), "01970000-0000-7000-8000-000000000001")),
        "row 0 is one of another batch");
  }

  @Test
  void alteredEntryOfTheLogIsNamed() throws IOException {
    assertTampered(
        changed(Bundle.LOG, replacing(1, "COMPLETED", "FAILED")),
        "entry 3 of the log is not what was there when the log was signed");
  }

  @Test
  void endingThatIsMissingInTheLogIsFoundByItsRow() throws IOException {
    assertTampered(changed(Bundle.LOG, without(1)), "row 10 says that the batch became COMPLETED");
  }

  @Test
  void openingThatIsMissingInTheLogIsFound() throws IOException {
    assertTampered(
        changed(Bundle.LOG, without(0)),
        "entry 3 of the log ends run 1, which is not open before it");
  }

  @Test
  void checkpointOfAnotherKeyIsFound() throws IOException {
    NoteSigner other = NoteSigner.generate("tests", new SecureRandom());

    assertTampered(verify(files(batch), other.key()), "the checkpoint is not what was signed");
  }

  @Test
  void alteredCheckpointIsFound() throws IOException {
    assertTampered(
        changed(Bundle.CHECKPOINT, replacing(1, "4", "5")),
        "the checkpoint is not what was signed");
  }

  @Test
  void withoutAKeyOfOnesOwnNothingIsShown() throws IOException {
    Verified found = verify(files(batch), null);

    assertThat(found.verification().outcome()).isEqualTo(Outcome.INCOMPLETE);
    assertThat(found.verification().missing()).containsExactly(BundleVerifier.NO_KEY);
  }

  @Test
  void headThatWasKeptElsewhereShowsWhatTheStoreHides() throws IOException {
    TreeHead before = TreeHead.of(driver.find(batch).state().tree());
    TreeHead other = new TreeHead(5, Hash.leaf(new byte[0]).base64());

    assertThat(verify(files(batch), signer.key(), before).verification().outcome())
        .isEqualTo(Outcome.INTACT);
    assertTampered(verify(files(batch), signer.key(), other), "one of the rows 0 to 4 was changed");
  }

  @Test
  void missingFilesAreToldAsMissing() throws IOException {
    Map<String, byte[]> files = files(batch);
    files.remove(Bundle.CHECKPOINT);

    Verified found = verify(files, signer.key());

    assertThat(found.verification().outcome()).isEqualTo(Outcome.INCOMPLETE);
    assertThat(found.verification().missing()).containsExactly("there is no signed checkpoint");
  }

  @Test
  void whatIsNoBundleIsNoBundle() throws IOException {
    Path text = Files.writeString(directory.resolve("a.txt"), "hello");
    Map<String, byte[]> files = files(batch);
    files.remove(Bundle.ABOUT);

    assertThatThrownBy(() -> BundleVerifier.verify(text, null, List.of(), row -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no ZIP file");
    assertThatThrownBy(() -> verify(files, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no bundle of evidence");
  }

  @Test
  void batchThatWasResumedIsSealedByItsLastEnding() throws IOException {
    BatchKey resumed = driver.open();
    driver.decide(resumed, BatchStatus.FAILED);
    driver.decide(resumed, BatchStatus.RUNNING);
    driver.send(resumed, 2, null, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7}");
    Verified open = verify(files(resumed), signer.key());
    driver.decide(resumed, 2, BatchStatus.COMPLETED);

    assertThat(open.verification().missing().get(0)).contains("run 2 is open");
    assertThat(open.verification().tampered()).isEmpty();
    assertThat(verify(files(resumed), signer.key()).verification().outcome())
        .isEqualTo(Outcome.INTACT);
  }
}
