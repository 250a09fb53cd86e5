package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher, in a checkout with a Maven and a Java that only say how they were called. */
class LauncherTest {
  private record Result(int exitCode, String out, String err) {}

  private static final Path LAUNCHER = Path.of("..", "audit").toAbsolutePath().normalize();

  @TempDir Path directory;
  private Path checkout;
  private Path binaries;

  @BeforeEach
  void makeACheckout() throws IOException {
    checkout = Files.createDirectory(directory.resolve("check out"));
    binaries = Files.createDirectory(directory.resolve("bin"));
    Files.copy(LAUNCHER, checkout.resolve("audit"));
    Files.createFile(checkout.resolve("pom.xml"));
    for (String module : List.of("audit-api", "audit-server")) {
      Files.createDirectories(checkout.resolve(module + "/src/main/java"));
      Files.createFile(checkout.resolve(module + "/pom.xml"));
    }
    script(
        checkout.resolve("mvnw"),
        "echo noise on stdout; echo \"$PWD: $*\" >> built; touch audit-server/target/audit-server-exec.jar");
    java("17.0.15");
  }

  @Test
  void buildsOnceAndSaysSoOnStderr() throws Exception {
    Result first = audit(checkout, "./audit", "ls");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).startsWith("audit: building");
    assertThat(first.out()).doesNotContain("noise", "building");
    Result second = audit(checkout, "./audit", "ls");
    assertThat(second.err()).isEmpty();
    assertThat(Files.readAllLines(checkout.resolve("built")))
        .containsExactly(checkout + ": -q -B -ntp -DskipTests -pl audit-server -am package");
  }

  @Test
  void buildsAgainWhereASourceIsNewerOrGone() throws Exception {
    Path source = Files.createFile(checkout.resolve("audit-api/src/main/java/A.java"));
    age(checkout);
    audit(checkout, "./audit", "ls");
    age(checkout.resolve("audit-server/target"));
    assertThat(builds()).isEqualTo(1);

    Files.setLastModifiedTime(source, FileTime.from(Instant.now()));
    audit(checkout, "./audit", "ls");
    assertThat(builds()).isEqualTo(2);
    audit(checkout, "./audit", "ls");
    assertThat(builds()).isEqualTo(2);

    age(checkout);
    age(checkout.resolve("audit-server/target"));
    Files.delete(source);
    audit(checkout, "./audit", "ls");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void failedBuildIsSaidAndNothingIsRun() throws Exception {
    script(checkout.resolve("mvnw"), "echo it does not compile >&2; exit 1");
    Result result = audit(checkout, "./audit", "ls");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("it does not compile", "audit: the build failed");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void worksFromAnywhereThroughLinksWithAnyArguments() throws Exception {
    Path other = Files.createDirectories(directory.resolve("some where/deep"));
    Files.createSymbolicLink(directory.resolve("some where/link"), Path.of("../check out/audit"));
    Files.createSymbolicLink(other.resolve("audit"), Path.of("../link"));
    Result result = audit(other, "./audit", "scan", "a b", "", "*", "--table", "'t\"");
    assertThat(result.exitCode()).as(result.err()).isZero();
    Path real = checkout.toRealPath();
    assertThat(result.out().lines())
        .contains("[-Daudit.checkout=" + real + "]")
        .containsSequence(
            "[-jar]",
            "[" + real + "/audit-server/target/audit-server-exec.jar]",
            "[scan]",
            "[a b]",
            "[]",
            "[*]",
            "[--table]",
            "['t\"]")
        .contains("in " + other.toRealPath());
  }

  @Test
  void exitCodeIsTheCommands() throws Exception {
    Files.writeString(
        binaries.resolve("java"),
        "\n[ \"$1\" = -version ] || exit 3\n",
        java.nio.file.StandardOpenOption.APPEND);
    assertThat(audit(checkout, "./audit", "ls").exitCode()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.8.0_292", "11.0.2", "16"})
  void oldJavaIsRefusedByName(String version) throws Exception {
    java(version);
    Result result = audit(checkout, "./audit", "ls");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("is Java " + version.split("\\.", 2)[0], "Java 17 or later");
    assertThat(checkout.resolve("built")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"17", "17.0.15", "21-ea", "25.0.1"})
  void laterJavaIsTaken(String version) throws Exception {
    java(version);
    assertThat(audit(checkout, "./audit", "ls").exitCode()).isZero();
  }

  @Test
  void missingJavaIsSaid() throws Exception {
    Files.delete(binaries.resolve("java"));
    Result result = audit(checkout, "./audit", "ls");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err())
        .isEqualTo("audit: no Java found; install Java 17 or later, or set JAVA_HOME\n");
  }

  @Test
  void namesAreReadAsUtf8WhateverTheLocale() throws Exception {
    assertThat(audit(checkout, "./audit", "ls").out()).contains("locale C.UTF-8");
  }

  private int builds() throws IOException {
    return Files.readAllLines(checkout.resolve("built")).size();
  }

  private void java(String version) throws IOException {
    script(
        binaries.resolve("java"),
        "if [ \"$1\" = -version ]; then echo 'openjdk version \""
            + version
            + "\" 2025' >&2; exit; fi\n"
            + "printf '[%s]\\n' \"$@\"; echo \"in $PWD\"; echo \"locale $LC_ALL\"");
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Makes everything there, but not links, an hour old. */
  private static void age(Path root) throws IOException {
    FileTime old =
        FileTime.from(Instant.now().minusSeconds(root.endsWith("target") ? 3_000 : 3_600));
    List<Path> all = new ArrayList<>();
    try (var walk = Files.walk(root)) {
      walk.forEach(all::add);
    }
    for (Path path : all) {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.setLastModifiedTime(path, old);
      }
    }
  }

  private Result audit(Path workingDirectory, String... command) throws Exception {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(workingDirectory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> variables = builder.environment();
    variables.clear();
    variables.put("PATH", binaries + ":" + tools());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** The tools that the launcher needs and no Java. */
  private Path tools() throws IOException {
    Path tools = directory.resolve("tools");
    if (Files.exists(tools)) {
      return tools;
    }
    Files.createDirectory(tools);
    for (String name :
        List.of(
            "bash",
            "sh",
            "env",
            "readlink",
            "dirname",
            "sed",
            "head",
            "find",
            "mkdir",
            "touch",
            "mv",
            "rm",
            "sync",
            "flock")) {
      for (String place : List.of("/usr/bin/", "/bin/")) {
        Path program = Path.of(place + name);
        Path link = tools.resolve(name);
        if (Files.exists(program) && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
          Files.createSymbolicLink(link, program);
        }
      }
    }
    return tools;
  }
}
