package io.fileaudit.server.database;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A service in a process of its own, to be killed: its main method starts the database and waits
 * until its input ends, which it also does when the test's process goes.
 */
final class OtherService implements AutoCloseable {
  private final Process process;
  private final String answer;

  private OtherService(Process process, String answer) {
    this.process = process;
    this.answer = answer;
  }

  /** Starts it and waits until it has started its database, or failed to. */
  static OtherService on(EmbeddedDatabaseOptions options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath(), OtherService.class.getName()));
    command.add(options.dataDirectory().toString());
    command.add(options.programsDirectory().toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = output.readLine();
    while (line != null && !line.startsWith("answer: ")) {
      line = output.readLine();
    }
    return new OtherService(process, line == null ? "none" : line.substring("answer: ".length()));
  }

  private static String classPath() {
    String ofTests = System.getProperty("surefire.test.class.path", "");
    return ofTests.isEmpty() ? System.getProperty("java.class.path") : ofTests;
  }

  /** "started", or the simple name of the exception. */
  String answer() {
    return answer;
  }

  long pid() {
    return process.pid();
  }

  /** As kill -9 does: nothing of its shutdown runs. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  public static void main(String[] arguments) throws IOException {
    EmbeddedDatabaseOptions options =
        new EmbeddedDatabaseOptions(
            new File(arguments[0]).toPath(), 0, new File(arguments[1]).toPath());
    try (EmbeddedDatabase database = EmbeddedDatabase.start(options)) {
      System.out.println("answer: started " + database.port());
      while (System.in.read() >= 0) {
        // Until the test's process closes the stream.
      }
    } catch (EmbeddedDatabaseException e) {
      System.out.println("answer: " + e.getClass().getSimpleName());
    }
  }
}
