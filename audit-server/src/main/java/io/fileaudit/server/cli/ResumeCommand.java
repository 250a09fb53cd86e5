package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes up an ended batch in a new run. */
@Command(
    name = "resume",
    description = {
      "Take up an ended batch again, in a new run with fresh limits.",
      "One that is COMPLETED is so for good."
    },
    footer = {"", "Example:", "  audit resume empresa@2025-02"})
final class ResumeCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final RunOption run = new RunOption();
  @Mixin private final RetryOption retry = new RetryOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(names = "--message", paramLabel = "TEXT", description = "why, for the verdict")
  private @Nullable String message;

  ResumeCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Steering steering = new Steering(service, environment, retry.retrying(console));
    BatchReport.print(
        console, output.format(), steering.to(BatchStatus.RUNNING, batch, run, message));
    return ExitCode.COMPLETE.code();
  }
}
