package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code reconcile}, {@code tail}, {@code check} and {@code show}: what is held against what. */
class JudgingCommandsTest {
  @TempDir Path directory;
  private final TestService service = new TestService();
  private CommandRun command;

  @BeforeEach
  void callAsSomebodyWithTheKey() {
    command = new CommandRun().with(service).in(directory);
  }

  @Test
  void reconcileNamesWhatDiffersAndItsExitCodeSaysWhetherItCounts() throws IOException {
    write("list", "gone", "{\"file\":\"short\",\"rows\":9}", "begun", "good");
    String batch = open("--expected-files", "list");
    send(
        batch,
        "{\"type\":\"COMPLETED\",\"file\":\"short\",\"rows\":7}",
        "{\"type\":\"STARTED\",\"file\":\"begun\"}",
        "{\"type\":\"COMPLETED\",\"file\":\"good\",\"rows\":1}",
        "{\"type\":\"COMPLETED\",\"file\":\"more\",\"rows\":1}");

    Result all = command.run("reconcile", batch);

    assertThat(all.exitCode()).isEqualTo(1);
    assertThat(all.err()).isEmpty();
    assertThat(all.lines().get(0)).startsWith("FINDING");
    assertThat(all.lines())
        .hasSize(5)
        .anyMatch(line -> line.matches("missing +EXPECTED .*gone"))
        .anyMatch(line -> line.matches("short +COMPLETED +7 +9 .*short"))
        .anyMatch(line -> line.matches("unfinished +RUNNING .*begun"))
        .anyMatch(line -> line.matches("unexpected +COMPLETED .*more"));
    Result only = command.run("reconcile", batch, "--finding", "Unexpected", "-o", "csv");
    assertThat(only.exitCode()).isZero();
    assertThat(only.lines()).hasSize(2);
    assertThat(only.lines().get(1)).startsWith("more,unexpected,COMPLETED,1,");
    assertThat(command.run("reconcile", batch, "-o", "jsonl").lines())
        .hasSize(4)
        .first()
        .asString()
        .contains("\"findings\":[\"unfinished\"]");
    Result unknown = command.run("reconcile", batch, "--finding", "lost");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("unknown finding", "one of [missing, short,");
  }

  @Test
  void reconcileSaysThatFilesFailedThoughNothingAnnouncedIsMissing() throws IOException {
    String batch = open("--expected-count", "2");
    send(
        batch,
        "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7}",
        "{\"type\":\"FAILED\",\"file\":\"b\",\"error\":{\"code\":\"bad\"}}");

    Result found = command.run("reconcile", batch);

    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.err()).isEqualTo("1 file failed: audit files " + batch + " --failed\n");
    assertThat(command.run("reconcile", batch, "--finding", "short").exitCode()).isZero();
  }

  @Test
  void reconcileSaysHowManyCameTooFewByNumber() throws IOException {
    String batch = open("--expected-count", "3");
    send(batch, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7}");
    Result open = command.run("reconcile", batch);
    assertThat(open.exitCode()).isEqualTo(1);
    assertThat(open.err()).isEqualTo("2 files fewer than announced, by number\n");
    command.run("end", batch);
    assertThat(command.run("reconcile", batch).err())
        .isEqualTo("2 files fewer than announced, by number\n");

    String complete = open("--expected-count", "1");
    send(complete, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7}");
    assertThat(command.run("reconcile", complete).exitCode()).isZero();
  }

  @Test
  void tailGivesTheLastRowsOrThoseFromANumber() throws IOException {
    String batch = open();
    String[] events = new String[25];
    for (int i = 0; i < events.length; i++) {
      events[i] = "{\"type\":\"COMPLETED\",\"file\":\"f" + i + "\",\"rows\":" + i + "}";
    }
    send(batch, events);
    command.run("cancel", batch, "--message", "no more");

    List<String> last = command.run("tail", batch, "-n", "3").lines();
    assertThat(last).hasSize(3);
    assertThat(last.get(0)).matches(" +23  [0-9T:.Z-]+  COMPLETED   f23  23 rows");
    assertThat(last.get(2)).matches(" +25  .*  ENDED +CANCELLED  REQUESTED  no more");
    assertThat(command.run("tail", batch).lines()).hasSize(10);
    assertThat(command.run("tail", batch, "-n", "0").lines()).isEmpty();

    List<String> stored = command.run("tail", batch, "--from", "20", "-o", "jsonl").lines();
    assertThat(stored).hasSize(6);
    assertThat(stored.get(0))
        .startsWith("{\"batch\":\"" + batch + "\",\"event\":{\"file\":\"f20\"");
    assertThat(command.run("tail", batch, "--from", "24", "-o", "csv").lines())
        .hasSize(3)
        .first()
        .asString()
        .startsWith("seq,recorded_at,run,type,file");
    JsonNode json =
        AuditJson.lenient().readTree(command.run("tail", batch, "-o", "json", "-n", "2").out());
    assertThat(json.size()).isEqualTo(2);
    assertThat(command.run("tail", batch, "-n", "-1").exitCode()).isEqualTo(2);
  }

  @Test
  void checkFindsWhatIsTheSameDifferentMissingAndExtra() throws IOException {
    for (String name : List.of("same", "changed", "grown", "gone", "deep/é")) {
      Path file = directory.resolve("data").resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "content of " + name);
    }
    assertThat(command.run("scan", "data", "--table", "t", "--period", "p").exitCode()).isZero();
    Result before = command.run("check", "t@p", "--dir", ".", "--all");
    assertThat(before.exitCode()).as(before.err()).isZero();
    assertThat(before.err()).endsWith("5 same, 0 different, 0 unverified, 0 missing, 0 extra\n");

    assertThat(command.run("scan", "./data", "--table", "dotted", "--period", "p").exitCode())
        .isZero();
    assertThat(command.run("check", "dotted@p", "--dir", ".").exitCode()).isZero();

    Files.writeString(directory.resolve("data/changed"), "CONTENT of changed");
    Files.writeString(directory.resolve("data/grown"), "content of grown and more");
    Files.delete(directory.resolve("data/gone"));
    Files.writeString(directory.resolve("data/new"), "");
    Result after = command.run("check", "t@p", "--dir", "data", "--strip", "x", "-o", "csv");
    assertThat(after.exitCode()).as("under other names").isEqualTo(6);
    after = command.run("check", "t@p", "--dir", ".", "-o", "csv");

    assertThat(after.exitCode()).isEqualTo(6);
    assertThat(after.err()).endsWith("2 same, 2 different, 0 unverified, 1 missing, 1 extra\n");
    assertThat(after.lines())
        .hasSize(5)
        .anyMatch(line -> line.startsWith("data/changed,different,COMPLETED,18,18,sha256:"))
        .anyMatch(line -> line.startsWith("data/grown,different,COMPLETED,25,16,,sha256:"))
        .anyMatch(line -> line.startsWith("data/gone,missing,COMPLETED,,15,,sha256:"))
        .anyMatch(line -> line.equals("data/new,extra,,,,,,"));
  }

  @Test
  void checkNeverSaysSameWhereNothingIsStored() throws IOException {
    Files.createDirectory(directory.resolve("d"));
    for (String name : List.of("none", "md5", "size", "announced")) {
      Files.writeString(directory.resolve("d").resolve(name), "12345");
    }
    write(
        "list",
        "{\"file\":\"s3://b/announced\",\"checksum\":\"sha256:5994471ABB01112AFCC18159F6CC74B4F511B99806DA59B3CAF5A9C173CACFC5\"}");
    String batch = open("--expected-files", "list");
    send(
        batch,
        "{\"type\":\"COMPLETED\",\"file\":\"s3://b/none\"}",
        "{\"type\":\"COMPLETED\",\"file\":\"s3://b/md5\",\"checksum\":\"md5:827ccb0eea8a706c4c34a16891f84e7b\"}",
        "{\"type\":\"COMPLETED\",\"file\":\"s3://b/size\",\"bytes\":5}");

    Result check = command.run("check", batch, "--dir", "d", "--strip", "s3://b/", "--all");

    assertThat(check.exitCode()).isEqualTo(7);
    assertThat(check.lines())
        .anyMatch(line -> line.matches("same +s3://b/announced"))
        .anyMatch(line -> line.matches("unverified +s3://b/none +no checksum is stored"))
        .anyMatch(line -> line.matches("unverified +s3://b/md5 +the checksum is no SHA-256"))
        .anyMatch(line -> line.matches("unverified +s3://b/size +no checksum is stored"));
    assertThat(command.run("check", batch, "--dir", "nowhere").exitCode()).isEqualTo(2);
  }

  @Test
  void showSaysEverythingThatIsKnown() {
    open("--table", "up", "--period", "1");
    String batch =
        open("--parent", "up@1", "--label", "b=2", "--label", "a=1", "--limit", "idle=PT10M");
    List<String> lines = command.run("show", batch).lines();
    assertThat(lines)
        .contains("labels    a=1, b=2")
        .anyMatch(line -> line.matches("parent    [0-9a-f-]{36}"))
        .anyMatch(line -> line.matches("limit     start PT.*, .* left, then end"));
  }

  @Test
  void doctorSaysOfEachStepWhetherItWorks() throws IOException {
    Result before = command.run("doctor", "-o", "csv");
    assertThat(before.exitCode()).as(before.out()).isZero();
    assertThat(before.lines())
        .contains(
            "ok,address," + service.url(),
            "\"ok\",\"proxies\",\"none in the environment\"".replace("\"", ""),
            "ok,key,of AUDIT_KEY",
            "\"ok,scopes,ingest, read, operate, admin\"".replace("\"ok,scopes,", "ok,scopes,\""),
            "\"warn\",clock,not compared: there is no batch yet that tells one".replace("\"", ""));
    open();
    Result after = command.set("HTTPS_PROXY", "http://user:secret@proxy").run("doctor");
    assertThat(after.exitCode()).isZero();
    assertThat(after.out()).doesNotContain("secret");
    assertThat(after.lines())
        .anyMatch(line -> line.matches("warn +proxies +HTTPS_PROXY is set and not used.*"))
        .anyMatch(line -> line.matches("ok +connection +127.0.0.1 port [0-9]+ in [0-9]+ ms"))
        .anyMatch(
            line ->
                line.matches("ok +identity +admin, namespace " + service.namespace() + " of .*"))
        .anyMatch(line -> line.matches("ok +clock +this machine's is 0.[0-9]s .*"));
  }

  @Test
  void doctorNamesWhatDoesNotWork() throws IOException {
    Result refused = command.set("AUDIT_KEY", "ak_another").run("doctor");
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.lines()).anyMatch(line -> line.matches("fail +identity +No valid key: .*"));

    Path key = directory.resolve("key");
    Files.writeString(key, TestService.KEY);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    CommandRun byFile =
        new CommandRun()
            .in(directory)
            .set("AUDIT_URL", service.url())
            .set("AUDIT_ADMIN_KEY_FILE", "key");
    Result open = byFile.run("doctor");
    assertThat(open.exitCode()).as(open.out()).isZero();
    assertThat(open.lines())
        .anyMatch(line -> line.matches("warn +key +of .*, which others may read"));

    Result absent = byFile.run("doctor", "--url", "http://127.0.0.1:1");
    assertThat(absent.exitCode()).isEqualTo(5);
    assertThat(absent.lines())
        .anyMatch(line -> line.matches("fail +connection +127.0.0.1 port 1: .*"));

    Result clear = byFile.run("doctor", "--url", "http://audit.invalid");
    assertThat(clear.exitCode()).isEqualTo(4);
    assertThat(clear.lines()).anyMatch(line -> line.startsWith("fail"));
    Result nameless = command.run("doctor", "--url", "https://audit.invalid");
    assertThat(nameless.exitCode()).isEqualTo(5);
    assertThat(nameless.lines())
        .anyMatch(line -> line.matches("fail +connection +the name audit.invalid is not known"));
  }

  private void write(String name, String... lines) throws IOException {
    Files.write(directory.resolve(name), List.of(lines));
  }

  private void send(String batch, String... events) throws IOException {
    write("events", events);
    Result sent = command.run("send", batch, "events");
    assertThat(sent.exitCode()).as(sent.err()).isZero();
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
