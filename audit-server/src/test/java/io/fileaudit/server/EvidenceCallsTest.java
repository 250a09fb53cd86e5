package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.evidence.BundleVerifier;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.LogLine;
import io.fileaudit.api.evidence.LogVerifier;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.api.evidence.Seal;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.evidence.Verification;
import io.fileaudit.api.evidence.Verification.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Evidence over HTTP, verified by the same code that verifies it without the service. */
class EvidenceCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static Node node;
  private static AuditCalls calls;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    node = Node.start();
    calls = AuditClient.builder().url("http://127.0.0.1:" + node.port()).key(Node.KEY).calls();
  }

  @AfterAll
  static void stop() {
    calls.close();
    node.close();
  }

  private static <T> T answer(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static <T> List<T> all(Flux<T> call) {
    return answer(call.collectList());
  }

  private static String ended() {
    String id = node.opened("");
    node.events(id, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1}\n").is(200);
    node.send("PUT", id + "/status", "{\"status\":\"COMPLETED\"}").is(200);
    return id;
  }

  private static UUID uuid(String path) {
    return UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
  }

  private Path bundle(String id) throws IOException {
    Path file = directory.resolve(uuid(id) + ".zip");
    Files.createFile(file);
    for (byte[] piece : all(calls.bundle(uuid(id)))) {
      Files.write(file, piece, StandardOpenOption.APPEND);
    }
    return file;
  }

  @Test
  void bundleOfAnEndedBatchIsIntactByTheKeyOfTheSeal() throws IOException {
    String id = ended();
    Seal seal = answer(calls.seal(uuid(id)));

    BundleVerifier.Verified found =
        BundleVerifier.verify(
            bundle(id), NoteKey.read(seal.key()), List.of(new TreeHead(seal.size(), seal.root())));

    assertThat(found.verification().outcome()).as("%s", found).isEqualTo(Outcome.INTACT);
    assertThat(found.rows()).isEqualTo(seal.size()).isEqualTo(2);
    assertThat(seal.sealed()).isTrue();
  }

  @Test
  void sealShowsItselfByItsProof() {
    Seal seal = answer(calls.seal(uuid(ended())));

    Checkpoint checkpoint = Checkpoint.open(seal.checkpoint(), NoteKey.read(seal.key()));
    var entry = Objects.requireNonNull(seal.entry());
    assertThat(
            Proofs.isIncluded(
                Hash.leaf(entry.body().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                entry.number() - 1,
                checkpoint.size(),
                Objects.requireNonNull(entry.proof()).stream().map(Hash::ofBase64).toList(),
                checkpoint.root()))
        .isTrue();
    assertThat(entry.body()).contains(seal.root());
  }

  @Test
  void bundleIsGivenAsAFile() {
    Answer answer = node.get(ended() + "/bundle").is(200);

    assertThat(answer.header("content-type")).isEqualTo("application/zip");
    assertThat(answer.header("content-disposition")).startsWith("attachment; filename=");
  }

  @Test
  void evidenceOfWhatIsNotThereIs404() {
    String nobody = Node.fresh();

    node.get(nobody + "/seal").is(404);
    node.get(nobody + "/bundle").is(404);
    node.get(ended() + "/seal?namespace=other").is(404);
    node.get(ended() + "/bundle?namespace=other").is(404);
  }

  @Test
  void checkpointGoesOnFromOneThatWasKept() {
    ended();
    SignedCheckpoint before = answer(calls.checkpoint(null));
    ended();
    SignedCheckpoint after = answer(calls.checkpoint(before.size()));

    assertThat(after.size()).isGreaterThan(before.size());
    assertThat(before.proof()).isNull();
    assertThat(after.since()).isEqualTo(before.size());
    assertThat(
            Proofs.isConsistent(
                before.size(),
                Hash.ofBase64(before.root()),
                after.size(),
                Hash.ofBase64(after.root()),
                Objects.requireNonNull(after.proof()).stream().map(Hash::ofBase64).toList()))
        .isTrue();
    assertThat(Checkpoint.open(after.checkpoint(), NoteKey.read(after.key())).root().base64())
        .isEqualTo(after.root());
  }

  @Test
  void checkpointIsAlsoTheNoteItself() {
    ended();

    Answer note = node.get("/api/v1/checkpoint", "Accept", "text/plain").is(200);

    SignedCheckpoint signed = answer(calls.checkpoint(null));
    assertThat(Checkpoint.open(note.body(), NoteKey.read(signed.key())).size())
        .isLessThanOrEqualTo(signed.size());
    node.get("/api/v1/checkpoint?since=" + (signed.size() + 1_000)).is(422);
    node.get("/api/v1/checkpoint?since=-1").is(400);
    node.get("/api/v1/checkpoint?since=many").is(400);
    node.get("/api/v1/checkpoint?sinse=1").is(400);
    node.get("/api/v1/log?after=x").is(400);
  }

  @Test
  void wholeLogIsIntact() {
    ended();
    SignedCheckpoint signed = answer(calls.checkpoint(null));
    LogVerifier verifier =
        new LogVerifier(Checkpoint.open(signed.checkpoint(), NoteKey.read(signed.key())));

    all(calls.log(0)).forEach(verifier::add);

    Verification found = verifier.end();
    assertThat(found.outcome()).as("%s", found).isEqualTo(Outcome.INTACT);
    assertThat(verifier.entries()).isEqualTo(signed.size());
    assertThat(all(calls.log(signed.size() - 1)))
        .extracting(LogLine::number)
        .contains(signed.size())
        .doesNotContain(signed.size() - 1);
  }

  @Test
  void entriesOfOtherNamespacesAreLeavesAlone() {
    ended();
    String key = node.key("only-sales", "read", "sales");
    try (AuditCalls sales =
        AuditClient.builder()
            .url("http://127.0.0.1:" + node.port())
            .namespace("sales")
            .key(key)
            .calls()) {
      SignedCheckpoint signed = answer(sales.checkpoint(null));
      LogVerifier verifier =
          new LogVerifier(Checkpoint.open(signed.checkpoint(), NoteKey.read(signed.key())));
      List<LogLine> lines = all(sales.log(0));
      lines.forEach(verifier::add);

      assertThat(lines).isNotEmpty().allMatch(line -> line.hidden() && line.body() == null);
      assertThat(verifier.end().outcome()).isEqualTo(Outcome.INTACT);
    }
  }
}
