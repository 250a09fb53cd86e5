package io.fileaudit.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the tests of the page's scripts, which are written in their own language. */
class PageScriptsTest {
  private static final Path TESTS = Path.of("src/test/js");
  private static final int OLDEST_NODE = 20;
  private static final int MOST_SECONDS = 120;

  @TempDir private Path directory;

  @Test
  void scriptsPassTheirTests() throws IOException, InterruptedException {
    assumeTrue(
        nodeVersion() >= OLDEST_NODE,
        "the tests of the page's scripts in audit-server/src/test/js were not run: they need Node "
            + OLDEST_NODE
            + " or later (`node` on the PATH)");
    List<String> command = new ArrayList<>(List.of("node", "--test", "--test-reporter=tap"));
    command.addAll(tests());

    Run run = run(command);

    assertThat(run.exit()).as("%s", run.output()).isZero();
    assertThat(run.output()).containsPattern("# pass [1-9]").contains("# fail 0");
  }

  private static List<String> tests() throws IOException {
    try (Stream<Path> files = Files.list(TESTS)) {
      List<String> tests =
          files.map(Path::toString).filter(name -> name.endsWith(".test.mjs")).sorted().toList();
      assertThat(tests).isNotEmpty();
      return tests;
    }
  }

  /** Which Node there is; 0 where there is none. */
  private int nodeVersion() throws InterruptedException {
    try {
      Matcher version = Pattern.compile("v(\\d+)").matcher(run(List.of("node", "-v")).output());
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private record Run(int exit, String output) {}

  private Run run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "node", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).as("done in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Run(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }
}
