package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints where one batch stands. Looking succeeds whatever the batch came to. */
@Command(
    name = "show",
    description = "Show where a batch stands.",
    footer = {"", "Examples:", "  audit show 0197", "  audit show empresa@2025-02 -o json"})
final class ShowCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Parameters(
      paramLabel = "BATCH",
      description = "an id, its first 4 or more characters, or table@period (the newest of them)")
  private String batch = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private OutputFormat format = OutputFormat.TABLE;

  ShowCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    try (AuditCalls client = service.client(environment)) {
      BatchReport.print(console, format, BatchName.find(client, batch));
    }
    return ExitCode.COMPLETE.code();
  }
}
