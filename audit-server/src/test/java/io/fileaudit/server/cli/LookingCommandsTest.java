package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code show}, {@code files}, {@code ls} and {@code key}. */
class LookingCommandsTest {
  @TempDir Path directory;
  private final TestService service = new TestService();
  private CommandRun command;
  private String batch;

  @BeforeEach
  void scanSomething() throws IOException {
    command = new CommandRun().with(service).in(directory);
    Files.writeString(directory.resolve("a.csv"), "1\n2\n");
    Files.writeString(directory.resolve("=b \u001b[31m,\"\n"), "x");
    batch = scan("empresa", "2025-02", 1, ".", "gone");
  }

  @Test
  void aBatchIsFoundByItsIdItsBeginningAndItsTableAndPeriod() throws IOException {
    String other = scan("socios", "2025-02", 0, "a.csv");
    for (String name :
        List.of(batch, batch.toUpperCase(java.util.Locale.ROOT), "empresa@2025-02")) {
      assertThat(shown(name)).isEqualTo(batch);
    }
    assertThat(shown(unambiguous(batch, other))).isEqualTo(batch);
    String newer = scan("empresa", "2025-02", 0, "a.csv");
    assertThat(shown("empresa@2025-02")).isEqualTo(newer);
  }

  @Test
  void beginningOfSeveralIdsNamesThem() {
    String one = "abcd0000-0000-4000-8000-000000000001";
    String two = "abcd0000-0000-4000-8000-000000000002";
    assertThat(service.open(one)).isNotNull();
    assertThat(service.open(two)).isNotNull();
    Result result = command.run("show", "abcd");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("2 batches' ids begin with abcd:", one, two);
    assertThat(shown("abcd0000-0000-4000-8000-000000000002")).isEqualTo(two);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000-0000-0000-0000-000000000000",
        "0000000000",
        "abc",
        "nothing@2025-02",
        "empresa@",
        "no such thing",
        "\u001b[31m"
      })
  void whatNamesNoBatchIsAUsageErrorThatSaysSo(String name) {
    Result result = command.run("show", name);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("audit: ").doesNotContain("\u001b", "Exception");
  }

  @Test
  void showSaysWhyABatchIsIncomplete() {
    Result result = command.run("show", batch);
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.lines())
        .contains(
            "status    INCOMPLETE",
            "files     2 completed, 1 failed",
            "bytes     5",
            "rows      2",
            "because   1 failed")
        .anyMatch(line -> line.startsWith("verdict   REQUESTED, COMPLETED was asked for, at "));
  }

  @Test
  void showSaysByWhichTimesABatchTimedOut() {
    BatchSpec spec =
        BatchSpec.builder().limit(LimitName.START, Limit.endAfter(Duration.ofMillis(50))).build();
    Snapshot ended;
    try (AuditCalls client = service.client()) {
      ended =
          client
              .open(spec)
              .flatMap(
                  opened ->
                      client
                          .snapshot(opened.id())
                          .filter(snapshot -> !snapshot.status().isOpen())
                          .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50))))
              .block(Duration.ofSeconds(20));
    }

    Result result = command.run("show", ended.id().toString());

    assertThat(result.lines())
        .contains(
            "evidence  opened "
                + ended.verdict().openedAt()
                + ", first event never, last heard of never, last progress never")
        .anyMatch(line -> line.startsWith("verdict   NEVER_STARTED, limit start PT0.05S, at "));
  }

  @Test
  void showAsJsonIsTheSnapshotOfTheService() {
    Snapshot snapshot =
        AuditJson.lenient()
            .readValue(command.run("show", batch, "-o", "json").out(), Snapshot.class);
    assertThat(snapshot.id()).hasToString(batch);
    assertThat(snapshot.totals().files().failed()).isEqualTo(1);
    Result csv = command.run("show", batch, "-o", "csv");
    assertThat(csv.lines()).hasSize(2);
    assertThat(csv.lines().get(0)).startsWith("id,status,run,table,period,name");
    assertThat(csv.lines().get(1)).startsWith(batch + ",INCOMPLETE,1,empresa,2025-02,. gone");
  }

  @Test
  void filesAreAlignedAndHarmlessToPrint() {
    Result result = command.run("files", batch);
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).doesNotContain("\u001b");
    assertThat(result.lines()).hasSize(4);
    assertThat(result.lines().get(0)).matches("STATE +ROWS +BYTES +CHECKSUM +FILE +ERROR");
    assertThat(result.lines().get(1))
        .matches("COMPLETED +1  sha256:[0-9a-f]{64}  \\./=b \\\\u001b\\[31m,\"\\\\n");
    assertThat(result.lines().get(2)).matches("COMPLETED +2 +4  sha256:[0-9a-f]{64}  \\./a\\.csv");
    assertThat(result.lines().get(3)).matches("FAILED +gone +not-found: no such file");
    int at = result.lines().get(0).indexOf("FILE");
    assertThat(result.lines().subList(1, 4))
        .allSatisfy(line -> assertThat(line.charAt(at - 1)).isEqualTo(' '))
        .allSatisfy(line -> assertThat(line.charAt(at)).isNotEqualTo(' '));
  }

  @Test
  void failedFilesAlone() {
    assertThat(command.run("files", batch, "--failed", "-o", "jsonl").lines())
        .singleElement()
        .satisfies(
            line -> {
              Manifest file = AuditJson.lenient().readValue(line, Manifest.class);
              assertThat(file.file()).isEqualTo("gone");
              assertThat(file.error().code()).isEqualTo("not-found");
            });
  }

  @Test
  void filesAsJsonAreOneDocument() {
    JsonNode all = AuditJson.strict().readTree(command.run("files", batch, "-o", "json").out());
    assertThat(all.isArray()).isTrue();
    assertThat(all.size()).isEqualTo(3);
    String empty = scan("none", "p", 0, "empty");
    assertThat(command.run("files", empty, "--failed", "-o", "json").out()).isEqualTo("[]\n");
    assertThat(command.run("files", empty, "--failed").out()).isEmpty();
  }

  @Test
  void filesAsCsvCanBeOpenedInASpreadsheet() throws IOException {
    Files.writeString(directory.resolve("=HYPERLINK(1)"), "x");
    String formula = scan("formula", "p", 0, "=HYPERLINK(1)");
    assertThat(command.run("files", formula, "-o", "csv").lines().get(1))
        .startsWith("'=HYPERLINK(1),COMPLETED,1,1,,,1,sha256:");
    assertThat(command.run("files", batch, "-o", "csv").out())
        .contains("\"./=b \u001b[31m,\"\"\n\",COMPLETED");
  }

  @Test
  void nothingPrintedOnATerminalIsACommandToIt() {
    for (String format : List.of("table", "json", "jsonl", "csv")) {
      Result result = command.onTerminal().set("NO_COLOR", "1").run("files", batch, "-o", format);
      assertThat(result.out())
          .as(format)
          .doesNotContain("\u001b")
          .containsIgnoringCase("\\u001b[31m");
    }
    JsonNode all = AuditJson.strict().readTree(command.run("files", batch, "-o", "json").out());
    assertThat(all.get(0).get("file").asString()).isEqualTo("./=b \u001b[31m,\"\n");
  }

  @Test
  void statusIsColouredOnATerminalUnlessThatIsNotWanted() {
    assertThat(command.run("show", batch).out()).doesNotContain("\u001b");
    assertThat(command.onTerminal().run("show", batch).out())
        .contains("\u001b[31mINCOMPLETE\u001b[0m");
    assertThat(command.set("NO_COLOR", "1").run("show", batch).out()).doesNotContain("\u001b");
  }

  @Test
  void batchesAreListedNewestFirst() {
    String second = scan("socios", "2025-03", 0, "a.csv");
    List<String> lines = command.run("ls").lines();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("BATCH").contains("STATUS", "TABLE", "PERIOD");
    assertThat(lines.get(1)).startsWith(second + "  COMPLETED   socios");
    assertThat(lines.get(2)).startsWith(batch + "  INCOMPLETE  empresa");
    assertThat(ids("--status", "incomplete,failed")).containsExactly(batch);
    assertThat(ids("--status", "timed_out")).isEmpty();
    assertThat(ids("--table", "socios")).containsExactly(second);
    assertThat(ids("--period", "2025-02")).containsExactly(batch);
    assertThat(ids("-n", "1")).containsExactly(second);
  }

  @Test
  void listIsReadPastOnePage() {
    for (int i = 0; i < 5; i++) {
      scan("socios", "2025-03", 0, "a.csv");
    }
    assertThat(ids("-n", "2")).hasSize(2);
    assertThat(ids("-n", "6")).hasSize(6).doesNotHaveDuplicates().endsWith(batch);
    assertThat(command.run("ls", "-n", "0").exitCode()).isEqualTo(2);
  }

  @Test
  void unknownStatusNamesTheKnownOnes() {
    Result result = command.run("ls", "--status", "done");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("done", "COMPLETED", "TIMED_OUT");
  }

  @Test
  void wrongKeyIsAMatterOfAccess() {
    Result result = command.set("AUDIT_KEY", "ak_wrong").run("ls");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err()).contains("No valid key").doesNotContain("ak_wrong");
    assertThat(command.run("ls", "-o", "json").out()).isEmpty();
  }

  @Test
  void keyOfTheDataDirectoryIsFoundByItself() throws IOException {
    Files.createDirectories(directory.resolve("mine"));
    Files.writeString(directory.resolve("mine/admin.key"), TestService.KEY + "\n");
    CommandRun other =
        new CommandRun()
            .in(directory)
            .set("AUDIT_URL", service.url())
            .set("AUDIT_NAMESPACE", service.namespace());

    Result without = other.run("ls");
    assertThat(without.exitCode()).isEqualTo(4);
    assertThat(without.err()).contains("AUDIT_KEY", "admin.key", "audit serve");
    assertThat(other.run("ls", "--data", "mine").exitCode()).isZero();
    assertThat(other.run("key", "--data", "mine").out()).isEqualTo(TestService.KEY + "\n");
    Files.writeString(directory.resolve("file"), TestService.KEY + "\n");
    assertThat(
            new CommandRun()
                .in(directory)
                .set("AUDIT_URL", service.url())
                .set("AUDIT_ADMIN_KEY_FILE", "file")
                .run("ls")
                .exitCode())
        .isZero();
    other.set("AUDIT_DATA", "mine");
    assertThat(other.run("ls").exitCode()).isZero();
    assertThat(other.run("key").out()).isEqualTo(TestService.KEY + "\n");
  }

  @Test
  void keyOfThisMachineIsNotShownToAnother() throws IOException {
    Files.createDirectories(directory.resolve("mine"));
    Files.writeString(directory.resolve("mine/admin.key"), TestService.KEY + "\n");
    Result result =
        new CommandRun()
            .in(directory)
            .set("AUDIT_DATA", "mine")
            .run("ls", "--url", "http://audit.example");
    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err()).contains("set AUDIT_KEY to a key of http://audit.example");
  }

  @Test
  void keyDoesNotGoInClearToAnotherMachine() {
    CommandRun other = new CommandRun().set("AUDIT_KEY", TestService.KEY);

    Result refused = other.run("ls", "--url", "http://audit.invalid");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("in clear", "https", "AUDIT_ALLOW_INSECURE");
    assertThat(other.run("ls", "--url", "https://audit.invalid").exitCode()).isEqualTo(5);
    other.set("AUDIT_ALLOW_INSECURE", "true");
    assertThat(other.run("ls", "--url", "http://audit.invalid").exitCode()).isEqualTo(5);
  }

  @Test
  void serviceThatIsNotThereIsUnreachable() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    for (List<String> arguments :
        List.of(List.of("ls"), List.of("show", batch), List.of("scan", "a.csv", "--table", "t"))) {
      Result result =
          command
              .set("AUDIT_URL", "http://127.0.0.1:" + free)
              .run(arguments.toArray(String[]::new));
      assertThat(result.exitCode()).isEqualTo(5);
      assertThat(result.err()).contains("http://127.0.0.1:" + free, "connection refused");
      assertThat(result.out()).isEmpty();
    }
  }

  @Test
  void addressThatIsNoneIsAUsageError() {
    Result result = command.run("ls", "--url", "127.0.0.1");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("expected one such as http://127.0.0.1:8080");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan", "show", "files", "ls", "key", "keys"})
  void everyCommandHasHelpWithAnExample(String name) {
    Result result = command.run(name, "--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Usage: audit " + name, "Example", "audit " + name);
  }

  private String shown(String name) {
    Result result = command.run("show", name, "-o", "json");
    assertThat(result.exitCode()).as(result.err()).isZero();
    return AuditJson.lenient().readValue(result.out(), Snapshot.class).id().toString();
  }

  private List<String> ids(String... options) {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "ls";
    System.arraycopy(options, 0, arguments, 1, options.length);
    arguments[options.length + 1] = "-o";
    arguments[options.length + 2] = "jsonl";
    return command.run(arguments).lines().stream()
        .map(line -> AuditJson.lenient().readValue(line, Snapshot.class).id().toString())
        .toList();
  }

  private String scan(String table, String period, int exitCode, String... files) {
    if (files[0].equals("empty")) {
      directory.resolve("empty").toFile().mkdir();
    }
    String[] arguments = new String[files.length + 7];
    arguments[0] = "scan";
    System.arraycopy(files, 0, arguments, 1, files.length);
    String[] options = {"--table", table, "--period", period, "-o", "json"};
    System.arraycopy(options, 0, arguments, files.length + 1, options.length);
    Result result = command.run(arguments);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    return AuditJson.lenient().readValue(result.out(), Snapshot.class).id().toString();
  }

  /** As much of an id as another does not begin with, at least 4 characters. */
  private static String unambiguous(String id, String other) {
    int length = 4;
    while (other.startsWith(id.substring(0, length))) {
      length++;
    }
    return id.substring(0, length);
  }
}
