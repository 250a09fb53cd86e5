package io.fileaudit.server.database;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs one of PostgreSQL's programs to its end, within a limit of time.
 *
 * <p>PostgreSQL refuses to run as root. A service that runs as root (a container, as a rule) runs
 * it in a user namespace of its own, where root is nobody and yet owns its files.
 */
final class PostgresCommand {
  /** Its name, or its number where it has none. */
  private static final Set<String> SUPERUSER = Set.of("root", "0");

  private static final String SUFFIX = File.separatorChar == '\\' ? ".exe" : "";

  private final Path programs;
  private final Path workingDirectory;
  private final List<String> prefix;

  private PostgresCommand(Path programs, Path workingDirectory, List<String> prefix) {
    this.programs = programs;
    this.workingDirectory = workingDirectory;
    this.prefix = prefix;
  }

  /**
   * @param programs the folder with {@code bin}
   * @param workingDirectory of the programs; it also takes the file {@code command.log} with what
   *     the last one printed
   */
  static PostgresCommand in(Path programs, Path workingDirectory) throws IOException {
    List<String> prefix = List.of();
    if (runsAsRoot()) {
      prefix = List.of("unshare", "-U", "--");
      requireUserNamespaces(workingDirectory, prefix);
    }
    return new PostgresCommand(programs, workingDirectory, prefix);
  }

  private static void requireUserNamespaces(Path workingDirectory, List<String> prefix)
      throws IOException {
    List<String> probe = new ArrayList<>(prefix);
    probe.add("true");
    boolean possible;
    try {
      possible = execute(probe, workingDirectory, Duration.ofSeconds(10)).succeeded();
    } catch (IOException e) {
      possible = false;
    }
    if (!possible) {
      throw new EmbeddedDatabaseException(
          "PostgreSQL does not run as root, and user namespaces (unshare -U) are not allowed here."
              + " Run the service as an ordinary user, or give it a database with --db");
    }
  }

  /** What a program printed, and whether it reported success. */
  record Outcome(boolean succeeded, String output) {}

  /** Runs {@code bin/program} with the arguments; a program that outlasts the limit is killed. */
  Outcome run(Duration limit, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(programs.resolve("bin").resolve(program + SUFFIX).toString());
    command.addAll(List.of(arguments));
    return execute(command, workingDirectory, limit);
  }

  private static Outcome execute(List<String> command, Path workingDirectory, Duration limit)
      throws IOException {
    // A file, not a pipe: a server that inherits a pipe would hold it open.
    File printed = workingDirectory.resolve("command.log").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(workingDirectory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    boolean ended = false;
    try {
      ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedDatabaseException("interrupted while running " + command, e);
    } finally {
      if (!ended) {
        process.destroyForcibly();
      }
    }
    String output = Files.readString(printed.toPath(), Charset.defaultCharset()).strip();
    return ended
        ? new Outcome(process.exitValue() == 0, output)
        : new Outcome(false, output + "\nkilled after " + limit);
  }

  private static boolean runsAsRoot() {
    return ProcessHandle.current().info().user().filter(SUPERUSER::contains).isPresent();
  }
}
