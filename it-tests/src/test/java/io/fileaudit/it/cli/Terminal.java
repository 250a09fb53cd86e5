package io.fileaudit.it.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A terminal of a given size, drawn by tmux, with one command in it. */
final class Terminal implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int LINES = 24;

  private final Path socket;

  private Terminal(Path socket) {
    this.socket = socket;
  }

  /**
   * Runs a command in it; when it has ended, a line says {@code exit} and its code.
   *
   * @param socket a file that is not there yet, of tmux's own
   */
  static Terminal run(Path socket, int columns, Map<String, String> variables, List<String> command)
      throws IOException, InterruptedException {
    StringBuilder line = new StringBuilder();
    variables.forEach(
        (name, value) -> line.append(name).append('=').append(quoted(value)).append(' '));
    command.forEach(word -> line.append(quoted(word)).append(' '));
    line.append("; echo exit $?; exec cat");
    Terminal terminal = new Terminal(socket);
    terminal.tmux(
        "new-session",
        "-d",
        "-x",
        Integer.toString(columns),
        "-y",
        Integer.toString(LINES),
        line.toString());
    return terminal;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** What it shows, without empty lines. */
  List<String> shown() throws IOException, InterruptedException {
    return tmux("capture-pane", "-p").lines().filter(line -> !line.isBlank()).toList();
  }

  /** Waits until it shows that; what it shows then. */
  List<String> awaits(String text) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      List<String> shown = shown();
      if (String.join("\n", shown).contains(text)) {
        return shown;
      }
      if (System.nanoTime() - begun > PATIENCE_NANOS) {
        throw new AssertionError("no \"" + text + "\" in " + String.join("\n", shown));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  void press(String key) throws IOException, InterruptedException {
    tmux("send-keys", key);
  }

  void resize(int columns) throws IOException, InterruptedException {
    tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(LINES));
  }

  private String tmux(String... arguments) throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(List.of("tmux", "-S", socket.toString(), "-f", "/dev/null"));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().remove("TMUX");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", line) + ": " + said);
    }
    return said;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    tmux("kill-server");
  }
}
