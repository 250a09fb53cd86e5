package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.server.InMemoryAuditServer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.server.RouterFunction;
import reactor.core.publisher.Mono;

/** The recipes of docs/recipes do what they say. */
class RecipesTest {
  private static final Path RECIPES = Path.of("../docs/recipes").toAbsolutePath().normalize();
  private static final Duration MOST = Duration.ofSeconds(30);
  private static InMemoryAuditServer server;
  private static AuditClient client;

  @TempDir private Path directory;

  private record Run(int exitCode, String out, String err) {}

  @BeforeAll
  static void start() {
    server = InMemoryAuditServer.start();
    client = server.client().build();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private Run run(List<String> command, Map<String, String> variables)
      throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("AUDIT_URL", server.url());
    builder.environment().put("AUDIT_KEY", server.key());
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private Run python(String script) throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("script.py"), script);
    return run(
        List.of("python3", "-W", "error", file.toString()),
        Map.of("PYTHONPATH", RECIPES.toString(), "PYTHONDONTWRITEBYTECODE", "1"));
  }

  private static Snapshot newest(String table) {
    BatchFilter filter = new BatchFilter(java.util.Set.of(), table, null, Map.of(), null, null, 1);
    return Objects.requireNonNull(client.calls().batches(filter, null).block(MOST)).items().get(0);
  }

  private static List<Manifest> files(UUID batch) {
    return Objects.requireNonNull(
        client.calls().allFiles(batch, FileFilter.all()).collectList().block(MOST));
  }

  @Test
  void curlReportsAWholeBatch() throws Exception {
    Run run = run(List.of(RECIPES.resolve("curl.sh").toString()), Map.of());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out()).contains("\"status\":\"COMPLETED\"").contains("\"rows\":8989721");
  }

  @Test
  void curlReportsAWholeBatchByCloudEvents() throws Exception {
    Run run = run(List.of(RECIPES.resolve("cloudevents.sh").toString()), Map.of());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out()).contains("\"status\":\"COMPLETED\"").contains("\"rows\":8989731");
  }

  @Test
  void curlSaysWhereTheKeyIsWrong() throws Exception {
    Run run = run(List.of(RECIPES.resolve("curl.sh").toString()), Map.of("AUDIT_KEY", "ak_wrong"));

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("401").doesNotContain("ak_wrong");
  }

  @Test
  void pythonCompletesABatch() throws Exception {
    Run run =
        python(
            """
            from fileaudit import batch
            with batch(table="py-good", period="2025-02", expected={"count": 1500}) as load:
                for i in range(1500):
                    load.started("f%d" % i)
                    load.completed("f%d" % i, rows=10, bytes=100)
            print(load.id)
            """);

    assertThat(run.err()).isEmpty();
    Snapshot ended = newest("py-good");
    assertThat(run.out().strip()).isEqualTo(ended.id().toString());
    assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(ended.totals().rows()).isEqualTo(15_000);
    assertThat(ended.totals().events()).isEqualTo(3_000);
  }

  @Test
  void pythonEndsABatchFailedWhereItsBlockRaises() throws Exception {
    Run run =
        python(
            """
            from fileaudit import batch
            with batch(table="py-bad") as load:
                load.started("a")
                load.failed("a", ValueError("bad date"))
                load.started("a")
                load.completed("a", rows=1)
                load.started("b")
                raise KeyError("disk on fire")
            """);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("KeyError: 'disk on fire'");
    Snapshot ended = newest("py-bad");
    assertThat(ended.status()).isEqualTo(BatchStatus.FAILED);
    assertThat(ended.verdict().message()).contains("disk on fire");
    assertThat(files(ended.id()).get(0).state()).isEqualTo(FileState.COMPLETED);
    assertThat(files(ended.id()).get(0).attempt()).isEqualTo(2);
  }

  @Test
  void pythonRaisesWhereABatchIsNotComplete() throws Exception {
    Run run =
        python(
            """
            from fileaudit import batch, Incomplete
            try:
                with batch(table="py-short", expected={"count": 2}) as load:
                    load.completed("a", rows=1)
                    load.completed("bad", rows=-1)
                    load.flush()
                    print(load.refusals[0]["type"], load.refusals[0]["event"]["file"])
            except Incomplete as error:
                print(error)
            """);

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("invalid-event bad")
        .contains("INCOMPLETE")
        .contains("'missing': 1")
        .contains("'refused': 1");
  }

  @Test
  void pythonStopsWhereAVerdictHasEndedTheBatch() throws Exception {
    UUID id = UUID.randomUUID();
    Run run =
        python(
            """
            import json, os, urllib.request
            from fileaudit import batch, Ended
            try:
                with batch(batch_id="%s", table="py-ended") as load:
                    load.started("a")
                    load.flush()
                    load._call("PUT", "/status", {"status": "CANCELLED", "message": "wrong month"})
                    load.completed("a")
                    load.flush()
                    print("went on")
            except Ended as error:
                print(error.verdict["status"], error.verdict["message"])
            """
                .formatted(id));

    assertThat(run.err()).isEmpty();
    assertThat(run.out().strip()).isEqualTo("CANCELLED wrong month");
  }

  @Test
  void pythonTriesAgainWhereTheConnectionBreaks() throws Exception {
    int port = java.net.URI.create(server.url()).getPort();
    try (FaultyProxy proxy = new FaultyProxy(port)) {
      proxy.each(
          number ->
              number % 2 == 1
                  ? FaultyProxy.Fault.cutAnswer(50)
                  : number == 2 ? FaultyProxy.Fault.answer(503, "0") : FaultyProxy.Fault.NONE);
      Run run =
          python(
              """
              from fileaudit import batch
              with batch(url="%s", table="py-faults") as load:
                  for i in range(1200):
                      load.completed("f%%d" %% i, rows=1)
              """
                  .formatted(proxy.url()));

      assertThat(run.err()).isEmpty();
      assertThat(newest("py-faults").status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(newest("py-faults").totals().events()).isEqualTo(1_200);
    }
  }

  @Test
  void airflowCallbacksReportARunAndItsTasks() throws Exception {
    Run run =
        python(
            """
            from types import SimpleNamespace
            import airflow_callback as audit
            dag_run = SimpleNamespace(dag_id="airflow-empresa", run_id="scheduled__2025-02-01")
            def context(task, attempt, **more):
                ti = SimpleNamespace(task_id=task, try_number=attempt)
                return dict(dag_run=dag_run, ds="2025-02-01", task_instance=ti, **more)
            audit.task_started(context("extract", 1))
            audit.task_succeeded(context("extract", 1))
            audit.task_started(context("load", 1))
            audit.task_failed(context("load", 1, exception=ValueError("bad date")))
            audit.task_started(context("load", 2))
            audit.task_succeeded(context("load", 2))
            audit.dag_succeeded(context("load", 2))
            """);

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    Snapshot ended = newest("airflow-empresa");
    assertThat(ended.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(ended.period()).isEqualTo("2025-02");
    assertThat(files(ended.id())).extracting(Manifest::file).containsExactly("extract", "load");
    assertThat(files(ended.id())).extracting(Manifest::attempt).containsExactly(1, 2);
  }

  @Test
  void anAuditThatIsDownFailsNoTaskOfAirflow() throws Exception {
    Run run =
        python(
            """
            import os
            import fileaudit
            fileaudit._GIVE_UP_SECONDS = 0
            os.environ["AUDIT_URL"] = "http://127.0.0.1:1"
            from types import SimpleNamespace
            import airflow_callback as audit
            ti = SimpleNamespace(task_id="load", try_number=1)
            run = SimpleNamespace(dag_id="d", run_id="r")
            audit.task_succeeded(dict(dag_run=run, ds="2025-02-01", task_instance=ti))
            print("the task went on")
            """);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().strip()).isEqualTo("the task went on");
    assertThat(run.err()).contains("the audit service was not told");
  }

  /** The command line, as `audit` on the path. */
  private Map<String, String> commandLine() throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path audit = bin.resolve("audit");
    Files.writeString(
        audit,
        "#!/bin/sh\nexec \"%s\" -XX:TieredStopAtLevel=1 -cp \"%s\" %s \"$@\"\n"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                "io.fileaudit.server.cli.AuditCommand"));
    Files.setPosixFilePermissions(audit, PosixFilePermissions.fromString("rwx------"));
    return Map.of("PATH", bin + ":" + System.getenv("PATH"));
  }

  @Test
  void aShellPipelineReportsEachOfItsFiles() throws Exception {
    Path load = Files.writeString(directory.resolve("load.sh"), "#!/bin/sh\ngrep -c . \"$1\"\n");
    Files.setPosixFilePermissions(load, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(directory.resolve("a \"b\".csv"), "1\n2\n3\n");
    Files.writeString(directory.resolve("empty.csv"), "");
    String recipe = RECIPES.resolve("pipeline.sh").toString();

    Run good =
        run(
            List.of(recipe, "shell-good", "2025-02", load.toString(), "a \"b\".csv"),
            commandLine());
    assertThat(good.exitCode()).as(good.err()).isZero();
    assertThat(newest("shell-good").status()).isEqualTo(BatchStatus.COMPLETED);
    Manifest file = files(newest("shell-good").id()).get(0);
    assertThat(file.file()).isEqualTo("a \"b\".csv");
    assertThat(file.rows()).isEqualTo(3);
    assertThat(file.bytes()).isEqualTo(6);
    assertThat(file.checksum()).matches("sha256:[0-9a-f]{64}");

    Run bad =
        run(List.of(recipe, "shell-bad", "2025-02", load.toString(), "empty.csv"), commandLine());
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(newest("shell-bad").status()).isEqualTo(BatchStatus.INCOMPLETE);
    assertThat(Objects.requireNonNull(files(newest("shell-bad").id()).get(0).error()).code())
        .isEqualTo("exit-1");
  }

  @Test
  void aWebFluxServiceStreamsItsOwnFlux() throws Exception {
    ClassLoader loader =
        Compiled.of(
            directory, "LoadingService", Files.readString(RECIPES.resolve("LoadingService.java")));
    Class<?> service = loader.loadClass("LoadingService");
    Class<?> loading = loader.loadClass("LoadingService$Loading");
    Object loads =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {loading},
            (proxy, method, arguments) ->
                String.valueOf(arguments[0]).startsWith("bad")
                    ? Mono.error(new IllegalArgumentException("bad date"))
                    : Mono.just(7L));
    var constructor = service.getDeclaredConstructor();
    constructor.setAccessible(true);
    Method routes = service.getDeclaredMethod("loads", AuditClient.class, loading);
    routes.setAccessible(true);
    RouterFunction<?> router =
        (RouterFunction<?>) routes.invoke(constructor.newInstance(), client, loads);
    WebTestClient web =
        WebTestClient.bindToRouterFunction(router).configureClient().responseTimeout(MOST).build();

    assertThat(load(web, "webflux-good", names("good", 200))).isEqualTo("COMPLETED");
    assertThat(newest("webflux-good").totals().rows()).isEqualTo(1_400);
    assertThat(load(web, "webflux-bad", List.of("good-1", "bad-1"))).contains("1 failed");
    assertThat(newest("webflux-bad").status()).isEqualTo(BatchStatus.INCOMPLETE);
  }

  private static List<String> names(String beginning, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(beginning + "-" + i);
    }
    return names;
  }

  private static String load(WebTestClient web, String table, List<String> files) {
    return Objects.requireNonNull(
        web.post()
            .uri("/loads/" + table)
            .bodyValue(String.join("\n", files))
            .exchange()
            .expectStatus()
            .isOk()
            .expectBody(String.class)
            .returnResult()
            .getResponseBody());
  }
}
