package io.fileaudit.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** One run of a command of {@code audit}, under way. */
public final class CommandRun {
  private static final int LIMIT_SECONDS = 120;

  private final Process process;
  private final Path out;
  private final Path err;

  CommandRun(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * What a command came to.
   *
   * @param exitCode as the shell sees it
   * @param out what it printed on stdout
   * @param err what it said on stderr
   */
  public record Result(int exitCode, String out, String err) {}

  /** As kill -9 does: nothing of its shutdown runs. Returns when it is gone. */
  public void kill() {
    Ends.of(process.toHandle());
  }

  /** As Ctrl-C does; returns what it came to. */
  public Result interrupt() throws IOException, InterruptedException {
    process.destroy();
    return finish();
  }

  /** What it has said on stderr so far. */
  public String said() throws IOException {
    return Files.readString(err);
  }

  /**
   * Waits for its end.
   *
   * @throws IllegalStateException where it does not end within two minutes
   */
  public Result finish() throws IOException, InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "still runs after " + LIMIT_SECONDS + " s, having said: " + Files.readString(err));
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
