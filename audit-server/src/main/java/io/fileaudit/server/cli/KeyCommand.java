package io.fileaudit.server.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the admin key of a data directory. */
@Command(
    name = "key",
    description = "Print the admin key, which the service made at its first start.",
    footer = {
      "",
      "Example:",
      "  curl -H \"Authorization: Bearer $(audit key)\" http://127.0.0.1:8080/api/v1/batches"
    })
final class KeyCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "the service's data directory (AUDIT_DATA; else ~/.audit)")
  private @Nullable Path data;

  KeyCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    console.data(ServiceOptions.readKey(environment.dataDirectory(data)));
    return ExitCode.COMPLETE.code();
  }
}
