package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** {@code watch}, {@code wait} and {@code tail -f}: commands that go on while a batch does. */
@Timeout(120)
class FollowingCommandsTest {
  private static final String TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z";

  @TempDir Path directory;
  private final TestService service = new TestService();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private CommandRun command;

  @BeforeEach
  void callAsSomebodyWithTheKey() {
    command = new CommandRun().with(service).in(directory);
  }

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void watchInAPipeIsALineForEachChangeUntilTheEnd() throws Exception {
    String batch = open("--table", "t", "--period", "p", "--expected-count", "2");
    Future<Result> watch = begin("watch", "t@p", "--exit-status");
    inTurn(() -> send(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}"));
    inTurn(() -> send(batch, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":1234}"));
    assertThat(inTurn(() -> command.run("end", batch)).exitCode()).isEqualTo(1);

    Result watched = watch.get(60, TimeUnit.SECONDS);

    assertThat(watched.exitCode()).isEqualTo(1);
    assertThat(watched.err()).isEmpty();
    assertThat(watched.out()).doesNotContain("\u001b", "\r");
    assertThat(watched.lines())
        .hasSizeGreaterThanOrEqualTo(3)
        .allMatch(line -> line.matches(TIME + "  [A-Z]+  .*[0-9]/2 files  .*"));
    assertThat(watched.lines().get(0)).contains("  PENDING  0/2 files  0 failed  0 rows");
    assertThat(watched.lines())
        .anyMatch(line -> line.contains("  RUNNING  1/2 files  0 failed  1,234 rows"))
        .last()
        .asString()
        .contains("INCOMPLETE", "COMPLETED was asked for", "because 1 missing");
  }

  @Test
  void watchSaysNothingByItsExitCodeUnlessAsked() {
    String batch = open();
    command.run("cancel", batch);
    assertThat(command.run("watch", batch).exitCode()).isZero();
    assertThat(command.run("watch", batch, "--exit-status").exitCode()).isEqualTo(1);
    Result json = command.run("watch", batch, "-o", "jsonl");
    assertThat(json.lines()).hasSize(1);
    assertThat(AuditJson.lenient().readValue(json.out(), Snapshot.class).status())
        .hasToString("CANCELLED");
  }

  @Test
  void watchOnATerminalDrawsOverItself() throws Exception {
    String batch = open("--expected-count", "1");
    CommandRun terminal = new CommandRun().with(service).in(directory).onTerminal();
    Future<Result> watch = threads.submit(() -> terminal.run("watch", batch));
    inTurn(() -> send(batch, "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":5}"));
    assertThat(command.run("end", batch).exitCode()).isZero();

    Result watched = watch.get(60, TimeUnit.SECONDS);

    assertThat(watched.exitCode()).isZero();
    assertThat(watched.out())
        .contains("\u001b[36mPENDING\u001b[0m", "\u001b[32mCOMPLETED\u001b[0m  1/1 files")
        .containsPattern("\u001b\\[[0-9]A\r\u001b\\[K")
        .endsWith("] 100 %\n\u001b[J");
  }

  @Test
  void watchAndTailGoOnWhereTheServiceWentAway() throws Exception {
    String batch = open();
    int port = URI.create(service.url()).getPort();
    try (CuttingProxy watching = new CuttingProxy(port);
        CuttingProxy tailing = new CuttingProxy(port)) {
      Future<Result> watch = begin("watch", batch, "--url", watching.url());
      Future<Result> tail = begin("tail", "-f", batch, "--url", tailing.url());
      awaitAnswers(watching);
      awaitAnswers(tailing);
      for (int i = 0; i < 6; i++) {
        int file = i;
        if (i == 1 || i == 4) {
          watching.cut(2);
          tailing.cut(2);
        }
        inTurn(() -> send(batch, "{\"type\":\"DISCOVERED\",\"file\":\"" + file + "\"}"));
      }
      assertThat(command.run("cancel", batch).exitCode()).isZero();

      Result watched = watch.get(60, TimeUnit.SECONDS);
      assertThat(watched.exitCode()).as(watched.err()).isZero();
      assertThat(watched.lines()).last().asString().contains("CANCELLED");
      Result tailed = tail.get(60, TimeUnit.SECONDS);
      assertThat(tailed.exitCode()).as(tailed.err()).isZero();
      assertThat(tailed.lines().stream().map(line -> line.strip().split(" ")[0]))
          .containsExactly("0", "1", "2", "3", "4", "5", "6");
      assertThat(watched.err()).contains("reconnecting … (", "the service answers again");
      assertThat(tailed.err()).contains("reconnecting … (", "the service answers again");
    }
  }

  @ParameterizedTest
  @CsvSource({"watch", "wait", "tail"})
  void anAbsentServiceIsNotWaitedFor(String name) throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    command.set("AUDIT_URL", "http://127.0.0.1:" + free);
    assertThat(command.run(name, "t@p").exitCode()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "0, COMPLETED, ",
    "1, INCOMPLETE, --expected-count=1",
    "3, TIMED_OUT, --limit=start=PT0.2S"
  })
  void waitGivesTheExitCodeOfTheEnding(int code, String status, String option) throws Exception {
    String batch = option == null ? open() : open(option);
    Future<Result> wait = begin("wait", batch);
    if (code != 3) {
      inTurn(() -> command.run("end", batch));
    }
    Result waited = wait.get(60, TimeUnit.SECONDS);
    assertThat(waited.exitCode()).as(waited.err()).isEqualTo(code);
    assertThat(waited.out()).contains("status    " + status);
  }

  @Test
  void waitWaitsForALoadThatIsNotOpenedYet() throws Exception {
    Future<Result> byTable = begin("wait", "--table", "a b", "--period", "ü", "--timeout", "PT1M");
    Future<Result> byName = begin("wait", "a b@ü");
    inTurn(() -> null);
    String batch = open("--table", "a b", "--period", "ü");
    inTurn(() -> null);
    assertThat(byTable.isDone()).isFalse();
    assertThat(command.run("end", batch).exitCode()).isZero();
    for (Future<Result> wait : List.of(byTable, byName)) {
      Result waited = wait.get(60, TimeUnit.SECONDS);
      assertThat(waited.exitCode()).as(waited.err()).isZero();
      assertThat(waited.out()).contains(batch, "COMPLETED");
    }
  }

  @Test
  void waitHasACodeOfItsOwnForItsOwnTime() {
    String open = open();
    for (List<String> what :
        List.of(List.of(open), List.of("nothing@x"), List.of("--table=n", "--period=x"))) {
      String[] line = new String[what.size() + 3];
      line[0] = "wait";
      line[1] = "--timeout";
      line[2] = "PT1.2S";
      for (int i = 0; i < what.size(); i++) {
        line[i + 3] = what.get(i);
      }
      long begun = System.nanoTime();
      Result waited = command.run(line);
      assertThat(waited.exitCode()).as(waited.err()).isEqualTo(124);
      assertThat(waited.out()).isEmpty();
      assertThat(System.nanoTime() - begun).isBetween(1_000_000_000L, 15_000_000_000L);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "wait",
    "wait x --table t --period p",
    "wait --table t",
    "wait --table a/b --period p"
  })
  void whatCannotBeWaitedForIsAUsageError(String line) {
    assertThat(command.run(line.split(" ")).exitCode()).isEqualTo(2);
  }

  private Future<Result> begin(String... line) {
    return threads.submit(() -> command.run(line));
  }

  /** Waits until a command has seen something: what goes away before that is a mistake to it. */
  private static void awaitAnswers(CuttingProxy proxy) {
    Mono.fromSupplier(proxy::answered)
        .repeatWhen(ends -> ends.delayElements(Duration.ofMillis(20)))
        .takeUntil(bytes -> bytes > 500)
        .blockLast(Duration.ofSeconds(60));
  }

  /** Does it a little later than the service looks for changes, so that each is one of its own. */
  private <T> T inTurn(Callable<T> action) throws Exception {
    TimeUnit.MILLISECONDS.sleep(1_300);
    return action.call();
  }

  private Result send(String batch, String event) throws IOException {
    Files.writeString(directory.resolve("event"), event);
    Result sent = command.run("send", batch, "event");
    assertThat(sent.exitCode()).as(sent.err()).isZero();
    return sent;
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
