package io.fileaudit.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a real Java: what it keeps so that commands start faster, and when not. */
@Timeout(300)
class LauncherIT {
  private record Result(int exitCode, String out, String err) {}

  private static final String VERSION = "audit 0.1.0-SNAPSHOT\n";

  @TempDir Path folder;
  private Path checkout;

  @BeforeEach
  void makeACheckoutThatIsBuilt() throws IOException {
    checkout = folder.resolve("checkout");
    Path target = Files.createDirectories(checkout.resolve("audit-server/target"));
    Files.copy(Path.of("..", "audit"), checkout.resolve("audit"));
    Path deploy = Files.createDirectories(checkout.resolve("deploy"));
    Files.copy(Path.of("..", "deploy", "service.options"), deploy.resolve("service.options"));
    Files.createSymbolicLink(
        target.resolve("audit-server-exec.jar"),
        Path.of(System.getProperty("audit.jar")).toAbsolutePath());
  }

  @Test
  void theFirstRunKeepsClassesAndLaterOnesFindThem() throws Exception {
    assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
    assertThat(Files.size(kept("classes"))).isGreaterThan(1_000_000);
    assertThat(loaded()).contains("io.fileaudit.api.client.AuditCalls source: shared objects file");
    Object before = Files.getLastModifiedTime(kept("classes"));
    assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
    assertThat(Files.getLastModifiedTime(kept("classes"))).isEqualTo(before);
  }

  @Test
  void whatIsOfAnotherJavaOrBrokenIsPassedOverWithoutAWord() throws Exception {
    audit(Map.of(), "--version");
    byte[] archive = Files.readAllBytes(kept("classes"));
    byte[] other = archive.clone();
    int at =
        new String(archive, 0, 4096, StandardCharsets.ISO_8859_1)
            .indexOf(System.getProperty("java.vm.name"));
    assertThat(at).as("where the archive names its Java").isPositive();
    other[at] ^= 1;
    for (byte[] unusable : new byte[][] {other, {}, {1, 2, 3}}) {
      Files.delete(kept("classes"));
      Files.write(kept("classes"), unusable);
      assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
      assertThat(loaded()).doesNotContain("AuditCommand source: shared objects file");
    }
  }

  @Test
  void aPlaceWhoseNameJavaCannotKeepIsServedAllTheSame() throws Exception {
    Path spaced = folder.resolve("check out");
    Files.move(checkout, spaced);
    checkout = spaced;
    assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
    assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
  }

  @Test
  void aCheckoutThatWasMovedKeepsAnew() throws Exception {
    audit(Map.of(), "--version");
    Path moved = folder.resolve("moved");
    Files.move(checkout, moved);
    checkout = moved;
    assertThat(audit(Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
    assertThat(loaded()).contains("io.fileaudit.api.client.AuditCalls source: shared objects file");
  }

  /**
   * A second start finds them; a setting that cannot be used ends it before it needs a database.
   */
  @Test
  void theFirstServiceKeepsClassesToo() throws Exception {
    Map<String, String> unusable = Map.of("AUDIT_MAX_IDLE", "soon");
    Result first = audit(unusable, "serve");
    assertThat(first.exitCode()).as(first.err()).isEqualTo(2);
    assertThat(first.err()).startsWith("audit: preparing").contains("AUDIT_MAX_IDLE");
    assertThat(Files.size(kept("service"))).isGreaterThan(1_000_000);
    Object before = Files.getLastModifiedTime(kept("service"));
    Path list = folder.resolve("loaded");
    Result again =
        audit(
            Map.of("AUDIT_MAX_IDLE", "soon", "AUDIT_JAVA_OPTS", "-Xlog:class+load:file=" + list),
            "serve");
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.out()).isEmpty();
    assertThat(again.err()).doesNotContain("preparing").contains("AUDIT_MAX_IDLE");
    assertThat(Files.getLastModifiedTime(kept("service"))).isEqualTo(before);
    assertThat(Files.readString(list))
        .contains("io.fileaudit.server.ServerSettings source: shared objects file");
  }

  @Test
  void whoOnlyAsksWaitsForNoPreparation() throws Exception {
    Result help = audit(Map.of(), "serve", "--help");
    assertThat(help.exitCode()).as(help.err()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).contains("--data");
  }

  /** Its database is in a folder that nobody would look into again. */
  @Test
  void rehearsalThatIsToldToEndLeavesNothingBehind() throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("temporary"));
    Process rehearsal =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-Dloader.main=io.fileaudit.server.cli.ServiceRehearsal",
                "-cp",
                System.getProperty("audit.jar"),
                "org.springframework.boot.loader.launch.PropertiesLauncher")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    try {
      Awaitility.await("its database")
          .atMost(Duration.ofMinutes(1))
          .until(() -> database(temporary).isPresent());
      ProcessHandle database = database(temporary).orElseThrow();
      assertThat(database.info().command()).isPresent();

      rehearsal.destroy();

      assertThat(rehearsal.waitFor(60, TimeUnit.SECONDS)).isTrue();
      // One that nobody collects is listed on, and runs nothing.
      assertThat(database.info().command()).as("the database").isEmpty();
      try (Stream<Path> left = Files.list(temporary)) {
        assertThat(left.filter(path -> path.getFileName().toString().contains("rehearsal")))
            .isEmpty();
      }
    } finally {
      database(temporary).ifPresent(ProcessHandle::destroy);
      rehearsal.destroyForcibly();
    }
  }

  private static Optional<ProcessHandle> database(Path temporary) throws IOException {
    try (Stream<Path> all = Files.walk(temporary, 5)) {
      Optional<Path> file = all.filter(path -> path.endsWith("postmaster.pid")).findFirst();
      return file.isEmpty()
          ? Optional.empty()
          : Files.readAllLines(file.get()).stream()
              .findFirst()
              .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)));
    } catch (UncheckedIOException | NoSuchFileException goneMeanwhile) {
      return Optional.empty();
    }
  }

  /** What a command that reaches for a service loads, and from where. */
  private String loaded() throws Exception {
    Path list = folder.resolve("loaded");
    Files.deleteIfExists(list);
    Result result =
        audit(
            Map.of(
                "AUDIT_JAVA_OPTS", "-Xlog:class+load:file=" + list,
                "AUDIT_KEY", "ak_none",
                "AUDIT_URL", "http://127.0.0.1:1"),
            "ls");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(5);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("audit: no answer").hasLineCount(1);
    return Files.readString(list);
  }

  private Path kept(String name) throws IOException {
    try (Stream<Path> all = Files.list(checkout.resolve("audit-server/target/audit.java"))) {
      return all.findFirst().orElseThrow().resolve(name);
    }
  }

  private Result audit(Map<String, String> variables, String... arguments) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(checkout.resolve("audit").toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.command().addAll(java.util.List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.startsWith("AUDIT_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(variables);
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
