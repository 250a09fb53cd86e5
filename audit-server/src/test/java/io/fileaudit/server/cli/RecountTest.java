package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.store.FileQuery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import tools.jackson.databind.node.ObjectNode;

/** Accounts that are shown are those that the ledger makes, or are named. */
class RecountTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final TestService service = new TestService();
  private final Recount recount = new Recount();
  private List<Manifest> files = List.of();
  private Snapshot batch;

  @BeforeEach
  void load() {
    String id = UUID.randomUUID().toString();
    service.open(id);
    CommandRun command = new CommandRun().with(service).in(directory);
    try (var client = service.client()) {
      client
          .sendJson(
              UUID.fromString(id),
              1,
              null,
              Flux.just(
                      "{\"type\":\"EXPECTED\",\"file\":\"a\",\"rows\":9}",
                      "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2026-11-23T14:00:00.123Z\"}",
                      "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":9,\"attributes\":{\"x\":1.50,\"y\":[1,\"é\"]}}",
                      "{\"type\":\"FAILED\",\"file\":\"b\",\"error\":{\"code\":\"bad\",\"line\":3}}",
                      "{\"type\":\"COMPLETED\",\"file\":\"b\",\"attempt\":2,\"rows\":1}",
                      "{\"type\":\"SKIPPED\",\"file\":\"c\"}")
                  .map(line -> line.getBytes(StandardCharsets.UTF_8)))
          .blockLast(PATIENCE);
      command.run("end", id);
      client
          .ledger(UUID.fromString(id), 0)
          .doOnNext(row -> recount.add(row.getBytes(StandardCharsets.UTF_8)))
          .blockLast(PATIENCE);
      batch = client.snapshot(UUID.fromString(id)).block(PATIENCE);
    }
    files = service.store().files(service.key(), FileQuery.all()).collectList().block(PATIENCE);
  }

  private static Manifest withRows(Manifest file, long rows) {
    return changed(file, file.file(), rows);
  }

  private static Manifest named(Manifest file, String name) {
    return changed(file, name, file.rows());
  }

  private static Manifest changed(Manifest file, String name, @Nullable Long rows) {
    return new Manifest(
        name,
        file.state(),
        file.run(),
        file.attempt(),
        file.attempts(),
        rows,
        file.rejectedRows(),
        file.bytes(),
        file.checksum(),
        file.startedAt(),
        file.endedAt(),
        file.discoveredAt(),
        file.expected(),
        file.expectedRows(),
        file.expectedBytes(),
        file.expectedChecksum(),
        file.conflict(),
        file.error(),
        file.attributes());
  }

  @Test
  void whatTheServiceShowsIsWhatTheLedgerMakes() {
    files.forEach(this::compare);

    assertThat(files).hasSize(3);
    assertThat(recount.differences()).isEmpty();
  }

  @Test
  void changedMissingAndAddedAccountsAreNamed() {
    compare(withRows(files.get(0), 10));
    compare(files.get(1));
    compare(named(files.get(1), "nobody"));

    assertThat(recount.differences()).hasSize(3);
    assertThat(recount.differences().get(0))
        .isEqualTo("the account of a is not what the ledger makes of it: rows 10 instead of 9");
    assertThat(recount.differences().get(1))
        .isEqualTo("the account of nobody is of a file that the ledger has not");
    assertThat(recount.differences().get(2)).isEqualTo("the account of c is gone");
  }

  @Test
  void whatIsShownOfTheBatchIsWhatWasAcknowledged() {
    recount.compare(batch, "{\"open\":{}}", true);
    files.forEach(this::compare);

    assertThat(recount.differences()).isEmpty();
  }

  @Test
  void changedStatusVerdictFiguresAndNamesAreNamed() {
    ObjectNode shown = AuditJson.lenient().valueToTree(batch);
    shown.put("status", "TIMED_OUT").put("run", 2).put("period", "2025-02");
    ((ObjectNode) shown.get("verdict")).put("by", "somebody");
    ((ObjectNode) shown.get("totals")).put("rows", 11);
    ((ObjectNode) shown.get("totals").get("files")).put("skipped", 0);
    recount.compare(
        AuditJson.lenient().treeToValue(shown, Snapshot.class),
        "{\"open\":{\"table\":\"socios\"}}",
        true);

    assertThat(recount.differences().stream().map(text -> text.split(" is shown as ")[0]))
        .contains(
            "the batch's status",
            "the batch's run",
            "the batch's verdict",
            "the batch's table",
            "the batch's period",
            "the batch's rows",
            "the batch's files skipped");
  }

  @Test
  void fileThatIsListedInAnotherStateIsNamed() {
    recount.compare(files.get(0), FileState.FAILED);
    files.stream().skip(1).forEach(this::compare);

    assertThat(recount.differences()).containsExactly("a is listed as FAILED, and is COMPLETED");
  }

  @Test
  void figuresOfSubBatchesAreNotTakenForItsOwn() {
    ObjectNode shown = AuditJson.lenient().valueToTree(batch);
    ((ObjectNode) shown.get("totals")).put("rows", 11);
    recount.compare(AuditJson.lenient().treeToValue(shown, Snapshot.class), null, false);
    files.forEach(this::compare);

    assertThat(recount.differences()).isEmpty();
  }

  private void compare(Manifest file) {
    recount.compare(file, file.state());
  }
}
