package io.fileaudit.server.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs commands in this process and keeps what they print. */
final class CommandRun {
  private final Map<String, String> variables = new LinkedHashMap<>();
  private Path directory = Path.of("");
  private boolean terminal;

  /** What a command came to. */
  record Result(int exitCode, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  CommandRun set(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  CommandRun in(Path workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  CommandRun onTerminal() {
    terminal = true;
    return this;
  }

  /** As somebody who has the key of that service. */
  CommandRun with(TestService service) {
    return set("AUDIT_URL", service.url())
        .set("AUDIT_KEY", TestService.KEY)
        .set("AUDIT_NAMESPACE", service.namespace());
  }

  Environment environment() {
    return new Environment(variables, directory.resolve("home"), directory, null);
  }

  Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Environment environment = environment();
    Console console =
        new Console(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            terminal,
            variables.getOrDefault("NO_COLOR", "").isEmpty());
    int exitCode = AuditCommand.run(console, environment, arguments);
    return new Result(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
