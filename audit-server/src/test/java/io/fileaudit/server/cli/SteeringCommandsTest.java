package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.server.cli.CommandRun.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code open}, {@code end}, {@code cancel}, {@code resume} and {@code alive}. */
class SteeringCommandsTest {
  private static final Duration MOST = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final TestService service = new TestService();
  private CommandRun command;

  @BeforeEach
  void callAsSomebodyWithTheKey() {
    command = new CommandRun().with(service).in(directory);
  }

  @Test
  void openPrintsTheIdAloneAndSaysWhatWasAskedFor() throws Exception {
    Files.writeString(
        directory.resolve("list"),
        "a b.csv\n\n{\"file\":\"c.csv\",\"rows\":7,\"checksum\":\"sha256:00\"}\n d\n");
    String parent = open("--table", "parent", "--period", "1");

    Result result =
        command.run(
            "open",
            "--table=empresa",
            "--period=2025-02",
            "--name=my load",
            "--label=team=rfb",
            "--label=host=a=b",
            "--limit=idle=PT10M",
            "--limit=operation=PT3H:flag",
            "--limit=start=off",
            "--parent=parent@1",
            "--expected-count=10",
            "--expected-pattern=*.EMPRECSV",
            "--expected-files=list",
            "--max-rejected-rows=1000",
            "--max-skipped=0",
            "--zero-rows=incomplete");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.err()).isEqualTo("PENDING\n");
    BatchRecord batch = service.batch();
    assertThat(result.out()).isEqualTo(batch.key().id() + "\n");
    assertThat(batch.spec().table()).isEqualTo("empresa");
    assertThat(batch.spec().period()).isEqualTo("2025-02");
    assertThat(batch.spec().name()).isEqualTo("my load");
    assertThat(batch.spec().labels()).containsEntry("team", "rfb").containsEntry("host", "a=b");
    assertThat(batch.spec().limits().idle()).isEqualTo(new Limit(Duration.ofMinutes(10), null));
    assertThat(batch.spec().limits().operation()).isEqualTo(Limit.flagAfter(Duration.ofHours(3)));
    assertThat(batch.spec().limits().get(LimitName.START)).isEqualTo(Limit.off());
    assertThat(batch.spec().parent()).hasToString(parent);
    assertThat(batch.spec().expected().count()).isEqualTo(10);
    assertThat(batch.spec().expected().pattern()).isEqualTo("*.EMPRECSV");
    assertThat(batch.spec().expected().files())
        .extracting(file -> file.file() + " " + file.rows() + " " + file.checksum())
        .containsExactly(" d null null", "a b.csv null null", "c.csv 7 sha256:00");
    assertThat(batch.spec().maxRejectedRows()).isEqualTo(1000);
    assertThat(batch.spec().maxSkipped()).isZero();
    assertThat(batch.spec().zeroRows()).hasToString("INCOMPLETE");
  }

  @Test
  void openUnderAnIdIsTheSameAgainAndAnotherIsAConflict() {
    String id = UUID.randomUUID().toString();
    assertThat(open("--id", id, "--table", "t")).isEqualTo(id);
    assertThat(open("--id", id, "--table", "t")).isEqualTo(id);
    Result other = command.run("open", "--id", id, "--table", "another");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.out()).isEmpty();
    assertThat(other.err()).startsWith("audit: The batch was opened differently: ");

    assertThat(command.run("end", id, "--status", "failed").exitCode()).isZero();
    Result resumed = command.run("open", "--id", id, "--table", "t", "--resume");
    assertThat(resumed.err()).isEqualTo("RUNNING, run 2\n");
  }

  @ParameterizedTest
  @CsvSource({
    "--resume, --resume needs --id",
    "--expected-pattern=*, --expected-pattern needs --expected-count",
    "--limit=idel=PT1M, '--limit names \"idel\", expected operation, idle, start or progress'",
    "--limit=idle=soon, --limit idle: not an ISO 8601 duration",
    "--limit=idle=PT1M:stop, --limit idle: unknown action",
    "--id=7, Invalid value for option '--id'",
    "--expected-files=gone, gone is not there",
    "--retry=soon, Invalid value for option '--retry'"
  })
  void whatCannotBeOpenedIsAUsageErrorThatSaysSo(String option, String said) {
    Result result = command.run("open", option);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(said);
    assertThat(service.batches()).isEmpty();
  }

  @Test
  void aBadLineOfTheExpectedListIsNamed() throws Exception {
    Files.writeString(directory.resolve("list"), "a\n{\"file\":\"b\",\"chekcsum\":\"1\"}\n");
    Result result = command.run("open", "--expected-files", "list");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("list, line 2: ", "chekcsum");
  }

  @Test
  void endIsJudgedAndTheExitCodeSaysWhatCameOfIt() {
    String complete = open("--table", "t");
    Result ended = command.run("end", complete);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(ended.lines()).contains("status    COMPLETED");
    assertThat(command.run("end", complete).exitCode()).as("asked again").isZero();

    String incomplete = open("--expected-count", "1");
    Result judged = command.run("end", incomplete, "-o", "json");
    assertThat(judged.exitCode()).isEqualTo(1);
    assertThat(AuditJson.lenient().readValue(judged.out(), Snapshot.class).status())
        .isEqualTo(BatchStatus.INCOMPLETE);

    String failed = open();
    Result asked =
        command.run("end", failed.substring(0, 13), "--status", "Failed", "--message", "disk full");
    assertThat(asked.exitCode()).as(asked.err()).isZero();
    assertThat(asked.lines()).contains("status    FAILED", "message   disk full");
    Result late = command.run("end", failed);
    assertThat(late.exitCode()).isEqualTo(1);
    assertThat(late.err()).startsWith("audit: The batch has ended: ");
  }

  @Test
  void aRunThatIsOverDoesNotEndTheNext() {
    String batch = open("--table", "t", "--period", "p");
    assertThat(command.run("cancel", "t@p", "--message", "wrong month").lines())
        .contains("status    CANCELLED", "message   wrong month");
    Result resumed = command.run("resume", "t@p", "--message", "right after all");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.lines()).contains("status    RUNNING  (run 2)");

    Result stale = command.run("end", batch, "--run", "1");
    assertThat(stale.exitCode()).isEqualTo(1);
    assertThat(stale.err()).startsWith("audit: Another run is present: ");
    assertThat(command.run("end", batch, "--run", "2").exitCode()).isZero();
    assertThat(command.run("resume", batch).exitCode()).as("COMPLETED is for good").isEqualTo(1);
  }

  @Test
  void aliveIsHeardAndSaysWhereTheBatchHasEnded() {
    String batch = open();
    Result alive = command.run("alive", batch);
    assertThat(alive.exitCode()).as(alive.err()).isZero();
    assertThat(alive.out()).isEmpty();
    assertThat(heard(batch)).isNotNull();

    command.run("cancel", batch);
    assertThat(command.run("alive", batch).exitCode()).isEqualTo(1);
  }

  @Test
  void aliveGoesOnAsLongAsAProcessLives() throws Exception {
    String batch = open();
    Process loader = new ProcessBuilder("sleep", "2").start();
    Instant begun = loader.info().startInstant().orElseThrow();
    Result alive =
        command.run("alive", batch, "--pid", Long.toString(loader.pid()), "--every", "PT0.2S");
    assertThat(alive.exitCode()).as(alive.err()).isZero();
    assertThat(loader.isAlive()).isFalse();
    assertThat(heard(batch)).isAfter(begun.plusMillis(1_000));
    assertThat(command.run("alive", batch, "--pid", "1", "--every", "PT0S").exitCode())
        .isEqualTo(2);
  }

  private Instant heard(String batch) {
    try (AuditCalls client = service.client()) {
      return client.snapshot(UUID.fromString(batch)).block(MOST).lastActivityAt();
    }
  }

  private String open(String... options) {
    String[] line = new String[options.length + 1];
    line[0] = "open";
    System.arraycopy(options, 0, line, 1, options.length);
    Result result = command.run(line);
    assertThat(result.exitCode()).as(result.err()).isZero();
    return result.out().strip();
  }
}
