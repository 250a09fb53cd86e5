package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Calls a batch off. */
@Command(
    name = "cancel",
    description = "Call a batch off; its loader is told with its next event.",
    footer = {"", "Example:", "  audit cancel 0197 --message 'wrong month'"})
final class CancelCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final RunOption run = new RunOption();
  @Mixin private final RetryOption retry = new RetryOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(names = "--message", paramLabel = "TEXT", description = "why, for the verdict")
  private @Nullable String message;

  CancelCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Steering steering = new Steering(service, environment, retry.retrying(console));
    BatchReport.print(
        console, output.format(), steering.to(BatchStatus.CANCELLED, batch, run, message));
    return ExitCode.COMPLETE.code();
  }
}
