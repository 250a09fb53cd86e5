package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints where one batch stands. Looking succeeds whatever the batch came to. */
@Command(
    name = "show",
    description = "Show where a batch stands.",
    footer = {"", "Examples:", "  audit show 0197", "  audit show empresa@2025-02 -o json"})
final class ShowCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Mixin private final BatchArgument batch = new BatchArgument();

  @Mixin private final OutputOption output = new OutputOption();

  ShowCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    try (AuditCalls client = service.client(environment)) {
      BatchReport.print(console, output.format(), batch.find(client));
    }
    return ExitCode.COMPLETE.code();
  }
}
