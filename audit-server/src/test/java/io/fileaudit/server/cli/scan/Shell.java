package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes what Java cannot: pipes, names of any bytes, and processes with another locale. */
final class Shell {

  private Shell() {}

  static Path pipe(Path path) {
    run(Path.of("/"), "mkfifo '" + path.toAbsolutePath() + "'");
    return path;
  }

  /** Runs a script in a directory and gives what it printed; fails where the script does. */
  static String run(Path directory, String script) {
    return run(directory, List.of("sh", "-c", script));
  }

  private static String run(Path directory, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended: %s", command).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while waiting for " + command, e);
    }
  }
}
